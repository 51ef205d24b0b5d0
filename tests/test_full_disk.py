"""What a full disk does: whoever saves is told so, nothing is half saved, reading goes on, and it is known outside."""

from contextlib import suppress
from shutil import copytree
from zipfile import ZipFile

import pytest
import time_machine
from django.conf.global_settings import PASSWORD_HASHERS
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client

from plans.models import Agency, StatusUpdate
from plans.views import health
from tests.upgrade.earlier import earlier_database
from tests.upgrade.test_upgrade import PLAN, SITES, Site
from tests.views.page import Page

UPDATE = f"{PLAN}activities/1/update/"
REPORT = {"status": "on_track", "what_happened": "Typed while the disk was full. " * 400}


@pytest.fixture
def nothing_known(monkeypatch):
    """The site has just started."""
    monkeypatch.setattr(health, "_known", {})


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory, django_db_setup, django_db_blocker):
    """The folder of a site in a file of its own, migrated once for all tests."""
    folder = tmp_path_factory.mktemp("upgraded")
    with ZipFile(SITES[-1]) as packed:
        packed.extractall(folder)
    there = earlier_database(folder / "site.sqlite3", folder)
    # Migrations end the sessions that are over by the clock.
    with django_db_blocker.unblock(), there, time_machine.travel(Site(folder).upgraded_at):
        call_command("migrate", verbosity=0)
    return folder


@pytest.fixture
def site(upgraded, tmp_path, django_db_blocker, settings, nothing_known):
    """A copy of that site, whose file does not grow once `fill` is called."""
    settings.ROCC_OPEN_READING = True
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    copytree(upgraded, tmp_path, dirs_exist_ok=True)
    site = Site(tmp_path)
    there = earlier_database(tmp_path / "site.sqlite3", tmp_path)
    with django_db_blocker.unblock(), there, time_machine.travel(site.upgraded_at):
        yield site


def fill():
    """Have the database refuse to grow, with what SQLite says of a full disk."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        with suppress(OperationalError):
            for number in range(pages):
                # What the last page of the counts has room for.
                row = [f"row {number}", "", "2000-01-01"]
                cursor.execute("INSERT INTO cache (cache_key, value, expires) VALUES (%s, %s, %s)", row)


def make_room():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000")


def patient(client):
    """The client, shown the pages that people are shown when something went wrong."""
    client.raise_request_exception = False
    return client


def refused(response):
    """Whether the answer says in words that the disk is full."""
    return "The disk is full, so nothing was saved." in Page(response, 503).text


@pytest.mark.sqlite_only
def test_update_is_refused_in_words_and_nothing_of_it_is_kept(site):
    client, before = patient(site.client("updater")), StatusUpdate.objects.count()
    fill()

    assert refused(client.post(UPDATE, REPORT))
    assert StatusUpdate.objects.count() == before
    make_room()
    assert client.post(UPDATE, REPORT).status_code == 302


@pytest.mark.sqlite_only
def test_note_is_refused_in_words(site):
    client, police = patient(site.client("updater")), Agency.objects.get(code="police").pk
    fill()

    assert refused(client.post(f"{PLAN}activities/4/note/", {"text": "Typed. " * 2_000, "agency": police}))
    assert StatusUpdate.objects.filter(kind="note").count() == 0


@pytest.mark.sqlite_only
def test_sign_in_is_refused_in_words_and_not_for_too_many_attempts(site):
    client = patient(Client())
    fill()

    assert refused(client.post("/accounts/login/", {"login": "root@programme.example", "password": "wrong" * 5}))
    right = {"login": "root@programme.example", "password": site.made["password"]}
    assert refused(client.post("/accounts/login/", right))
    make_room()
    assert client.post("/accounts/login/", right).status_code == 302


@pytest.mark.sqlite_only
@pytest.mark.parametrize("address", [PLAN, f"{PLAN}activities/1/", f"{PLAN}activities.xlsx"])
def test_reading_goes_on(site, address):
    fill()

    assert Client().get(address).status_code == 200
    assert site.client("updater").get(address).status_code == 200


@pytest.mark.sqlite_only
def test_site_is_not_ready_until_there_is_room(site, monkeypatch):
    client = Client()
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "ASK_AGAIN_SECONDS", 0)
    fill()

    full = client.get("/readyz")

    assert (full.status_code, full.content) == (503, b"disk: it is full\n")
    assert client.get("/healthz").status_code == 200
    make_room()
    assert client.get("/readyz").status_code == 200


@pytest.mark.sqlite_only
def test_asking_whether_the_site_is_ready_leaves_nothing_behind(site, monkeypatch):
    monkeypatch.setattr(health, "ASK_AGAIN_SECONDS", 0)

    for _ in range(3):
        assert Client().get("/readyz").content == b"ready\n"

    with connection.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE 'probe%'").fetchone() == (0,)
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (
            connection.settings_dict["OPTIONS"]["timeout"] * 1000,
        )


def test_site_is_not_ready_when_the_disk_of_files_is_full(db, client, nothing_known, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 60)

    response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"disk: it is full\n")


def test_disk_is_looked_at_every_ten_seconds(db, client, nothing_known, monkeypatch, django_assert_num_queries):
    now = health.monotonic()
    monkeypatch.setattr(health, "monotonic", lambda: now)
    client.get("/readyz")
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 60)

    with django_assert_num_queries(1):
        assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "monotonic", lambda: now + 11)
    assert client.get("/readyz").status_code == 503


@pytest.mark.postgresql_only
def test_site_is_not_ready_on_a_standby_that_takes_no_changes(db, client, nothing_known):
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

    response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"database: it takes no changes\n")
