"""What an earlier version made keeps working with this one: its database, sessions, links, forms and files."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
import time_machine
from django.conf import settings
from django.conf.global_settings import PASSWORD_HASHERS
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from plans.backup import schema
from plans.choices import ImportState
from plans.models import Activity, Import, StatusUpdate, User
from tests.upgrade.earlier import earlier_database
from tests.views.page import Page

SITES = sorted(Path(__file__).parent.glob("site_*.zip"))
PLAN = "/plans/year-two/"
SIGNED_IN = {"root": "/admin/plans/user/", "admin": "/people/", "updater": f"{PLAN}updates/"}
NEW_PASSWORD = "another password, chosen after the upgrade"


class Site:
    """A site of an earlier version. Its files are in `folder`; `made` is what `make_site.py` wrote about them."""

    def __init__(self, folder):
        self.folder, self.made = folder, json.loads((folder / "made.json").read_text())
        self.upgraded_at = datetime.fromisoformat(self.made["made_at"]) + timedelta(minutes=10)

    def client(self, name):
        """A browser that was signed in before the upgrade."""
        client = Client()
        client.cookies["sessionid"] = self.made["sessions"][name]
        return client

    def read(self, name):
        """The bytes of a file that the site had handed out."""
        return (self.folder / name).read_bytes()


@pytest.fixture(scope="module", params=SITES, ids=lambda path: path.stem)
def upgraded(request, tmp_path_factory, django_db_setup, django_db_blocker):
    """An earlier site, migrated by this version ten minutes after it was last used."""
    folder = tmp_path_factory.mktemp("earlier")
    with ZipFile(request.param) as packed:
        packed.extractall(folder)
    site = Site(folder)
    with django_db_blocker.unblock(), earlier_database(folder / "site.sqlite3", folder):
        # Migrations end the sessions that are over by the clock.
        with time_machine.travel(site.upgraded_at):
            call_command("migrate", verbosity=0)
        yield site


@pytest.fixture
def site(upgraded, settings):
    """The site as it was just upgraded; what a test does to it is taken back."""
    settings.ROCC_OPEN_READING = True
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    test = transaction.atomic()
    # As Django's own test cases do: what has to be the outermost transaction may take itself for it.
    test._from_testcase = True
    with test, time_machine.travel(upgraded.upgraded_at):
        yield upgraded
        transaction.set_rollback(True)


@pytest.fixture
def upload(site):
    """Brings a file to the site and answers its `Import` after the check: `upload(client, "returned.xlsx")`."""

    def bring(client, name):
        data = {"what": "file", "file": SimpleUploadedFile(name, site.read(name))}
        assert client.post(f"{PLAN}import/", data).status_code == 302
        return Import.objects.latest("pk")

    return bring


def test_there_is_an_earlier_site_to_try():
    assert [path.name for path in SITES] == ["site_aa8378c.zip"]


def test_upgrade_keeps_every_row(site):
    models = {model.__name__: model for model in (Import, StatusUpdate, User)}

    assert {name: model.objects.count() for name, model in models.items()} == {
        name: site.made["counts"][name] for name in models
    }
    assert schema.look().is_current
    assert Client().get("/readyz").status_code == 200
    # Those that came with a migration, and still what they were given to.
    assert Permission.objects.get(codename="administer").group_set.get().user_set.get().name == "Programme admin"


def test_upgrade_keeps_who_is_signed_in(site):
    statuses = {name: site.client(name).get(address).status_code for name, address in SIGNED_IN.items()}

    assert statuses == dict.fromkeys(SIGNED_IN, 200)


def test_upgrade_keeps_passwords(site):
    answer = Client().post("/accounts/login/", {"login": "updater@police.example", "password": site.made["password"]})

    assert (answer.status_code, answer["Location"]) == (302, f"{PLAN}updates/")


def test_upgrade_keeps_an_invitation_link(site):
    client = Client()

    Page(client.get("/people/welcome/", {"link": site.made["invitation"]}, follow=True))
    answer = client.post("/people/welcome/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert answer.status_code == 302
    assert client.get(f"{PLAN}updates/").status_code == 200


def test_upgrade_keeps_a_reset_link(site):
    client = Client()

    page = client.get(site.made["reset"], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert User.objects.get(email="updater@police.example").check_password(NEW_PASSWORD)


def test_upgrade_keeps_what_was_typed_before_a_sign_in_page(site):
    client, kept = Client(), site.made["kept"]
    signing_in = {"login": "updater@police.example", "password": site.made["password"]}

    page = client.post("/accounts/login/", {**signing_in, "kept": kept["sealed"], "next": kept["address"]}, follow=True)

    assert page.redirect_chain[-1][0] == kept["address"]
    assert "Typed before the upgrade." in page.content.decode()


@pytest.mark.parametrize(
    ("form", "name", "typed"),
    [
        ("update", "updater", {"status": "on_track", "what_happened": "Typed in a page of before."}),
        ("edit", "admin", {"title": "Typed in a page of before.", "reason": "Agreed"}),
    ],
)
def test_upgrade_takes_a_form_that_was_open(site, form, name, typed):
    made = site.made["open_forms"][form]

    answer = site.client(name).post(made["address"], {**dict(made["fields"]), **typed})

    assert answer.status_code == 302
    assert "Typed in a page of before." in Client().get(made["address"].removesuffix(f"{form}/")).content.decode()


@pytest.mark.parametrize("name", ["applied", "checked", "with_errors", "returned", "refused"])
def test_upgrade_shows_an_earlier_import(site, name):
    pk, client = site.made["imports"][name], site.client("admin")

    page = Page(client.get(f"{PLAN}import/{pk}/"))

    assert Import.objects.get(pk=pk).file_name in page.text
    assert client.get(f"{PLAN}import/{pk}/file").status_code == 200


@pytest.mark.parametrize(("name", "number"), [("checked", 8), ("returned", 12)])
def test_upgrade_applies_what_was_checked_before(site, name, number):
    pk, client = site.made["imports"][name], site.client("admin")
    page = Page(client.get(f"{PLAN}import/{pk}/"))
    fields = {one.get("name"): one.get("value") for one in page.root.iter("input") if one.get("type") == "hidden"}

    client.post(f"{PLAN}import/{pk}/apply/", fields)

    assert Import.objects.get(pk=pk).state == ImportState.APPLIED
    activity = Activity.objects.get(number=number)
    assert {activity.status, activity.title} & {"at_risk", "Changed in the file"}


def test_upgrade_undoes_what_was_imported_before(site):
    pk, client = site.made["imports"]["applied"], Client()
    assert Activity.objects.get(number=7).status == "on_track"
    # Undoing asks again who somebody is, as long ago as they signed in.
    assert site.client("admin").post(f"{PLAN}import/{pk}/undo/").status_code == 302
    assert Import.objects.get(pk=pk).state == ImportState.APPLIED
    client.force_login(
        User.objects.filter(groups__name="Programme admins").first(), settings.AUTHENTICATION_BACKENDS[0]
    )

    client.post(f"{PLAN}import/{pk}/undo/")

    assert Import.objects.get(pk=pk).state == ImportState.UNDONE
    assert Activity.objects.get(number=7).status == "no_update"


def test_upgrade_marks_the_errors_of_an_earlier_file(site):
    answer = site.client("admin").get(f"{PLAN}import/{site.made['imports']['with_errors']}/marked.xlsx", follow=True)

    assert answer.status_code == 200
    answer.close()


# Without versions, a file cannot say that it is older than the status that activity 7 has now.
@pytest.mark.parametrize(("name", "numbers"), [("activities.xlsx", []), ("activities.csv", [7])])
def test_upgrade_takes_back_an_earlier_export(site, upload, name, numbers):
    source = upload(site.client("admin"), name)

    assert (source.state, source.counts["conflicts"]) == (ImportState.CHECKED, 0)
    assert [row.number for row in source.rows.filter(kind="error")] == numbers
    assert source.rows.exclude(kind="error").count() == 15 - len(numbers)


def test_upgrade_merges_an_export_that_was_changed_and_returned(site, upload):
    source = upload(site.client("admin"), "returned.xlsx")

    # Activities 5 and 7 have changed on the site since; the file says nothing about that.
    changed = {row.number: [one["new"] for one in row.changes] for row in source.rows.filter(kind="updated")}
    assert changed == {12: ["Changed in the file"]}


def test_upgrade_takes_a_reporting_workbook(site, upload):
    source = upload(site.client("updater"), "fill-in.xlsx")

    assert (source.state, source.problem, source.counts["errors"]) == (ImportState.CHECKED, "", 0)


def test_earlier_backup_is_restored_or_refused_in_a_sentence(site, capsys):
    with ZipFile(site.folder / "backup.zip") as backup:
        same = json.loads(backup.read("manifest.json"))["migrations"] == schema.look().applied

    try:
        call_command("restore", site.folder / "backup.zip", replace=True)
    except CommandError as refused:
        said = str(refused)
    else:
        said = capsys.readouterr().out

    assert said.startswith("Restored 398 rows") if same else "Install that version" in said
