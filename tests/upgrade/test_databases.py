"""The database of each earlier version is migrated by this one: all of it is there, shown, and goes on."""

from pathlib import Path

import pytest
from django.conf.global_settings import PASSWORD_HASHERS
from django.core.management import call_command
from django.test import Client

from plans.backup import schema
from plans.models import Activity, Barrier, Plan, StatusUpdate, User
from tests.upgrade.earlier import dumped_database
from tests.views.page import Page

DUMPS = sorted(Path(__file__).parent.glob("*.sql.xz"))
"""Of what was delivered: at first, before as-at, before packs, and last. `test_upgrade.py` has the first on SQLite."""
PLAN = "/plans/year-two/"
WORDS = ("Words of an earlier version: kererū.", "More of them.", "A second report.", "No funding yet.")
NOTE = "A note of an earlier version."
PAGES = ("", "activities/", "activities/1/history/", "barriers/", "dates/", "agencies/police/", "activities.xlsx")


@pytest.fixture
def migrated(request, tmp_path, django_db_setup, django_db_blocker, settings):
    """The database of a version, migrated."""
    settings.ROCC_OPEN_READING, settings.PASSWORD_HASHERS = True, PASSWORD_HASHERS
    with django_db_blocker.unblock(), dumped_database(request.param, tmp_path):
        assert not schema.look().is_current
        call_command("migrate", verbosity=0)
        yield


def of(engine):
    """What was dumped of an engine, as parameters named by their version."""
    about = pytest.mark.sqlite_only if engine == "sqlite" else pytest.mark.postgresql_only
    found = [one for one in DUMPS if f".{engine}." in one.name]
    return [pytest.param(one, marks=about, id=one.name.removesuffix(".sql.xz")) for one in found]


def test_there_are_dumps_of_both_engines_and_small_ones():
    assert (len(of("sqlite")), len(of("postgresql"))) == (3, 4)
    assert max(one.stat().st_size for one in DUMPS) < 50_000


@pytest.mark.parametrize("migrated", [*of("sqlite"), *of("postgresql")], indirect=True)
@pytest.mark.usefixtures("django_db_setup")
def test_earlier_database_is_migrated_and_everything_is_there(migrated):
    updater = Client()
    signing_in = {"login": "updater@police.example", "password": "a password of an earlier version"}

    assert schema.look().is_current
    counts = {model.__name__: model.objects.count() for model in (Plan, Activity, StatusUpdate, Barrier, User)}
    assert counts == {"Plan": 1, "Activity": 15, "StatusUpdate": 3, "Barrier": 1, "User": 2}
    assert {address: updater.get(PLAN + address).status_code for address in PAGES} == dict.fromkeys(PAGES, 200)
    assert updater.get("/readyz").status_code == 200
    page, noted = (Page(updater.get(f"{PLAN}activities/{number}/")).text for number in (1, 3))
    assert [words for words in WORDS if words not in page] == []
    assert NOTE in noted
    assert updater.post("/accounts/login/", signing_in).status_code == 302
    typed = {"status": "at_risk", "what_happened": "A third report.", "seen": ""}
    assert updater.post(f"{PLAN}activities/5/update/", typed).status_code == 302
