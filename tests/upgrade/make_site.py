"""Makes the site of an earlier version that the tests of upgrading start from, with that version's own code.

Run it in a checkout of that version, never of today's: `.venv/bin/python …/make_site.py FOLDER`. It leaves in FOLDER a
SQLite database, a backup, files that the site handed out, and `made.json`, which says what is in them;
`site.zip` is all of them together; the tests keep it under the name of that version's commit.
"""

# ruff: noqa: E402

import json
import os
import re
import sqlite3
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

# The key that the tests use, so that what was signed then can be read by them.
SECRET_KEY = "a-key-for-tests-only-which-protects-nothing-at-all-0123456789"
PASSWORD = "a password of an earlier version"
FOLDER = Path(sys.argv[1]).resolve()
KEPT = ("made.json", "site.sqlite3", "backup.zip", "activities.xlsx", "activities.csv", "fill-in.xlsx", "returned.xlsx")
DATABASE = FOLDER / "rocc.sqlite3"
os.environ.update(
    SECRET_KEY=SECRET_KEY,
    DATABASE_URL=f"sqlite:///{DATABASE}",
    ROCC_HTTPS="false",
    DJANGO_SETTINGS_MODULE="rocc.settings",
    EMAIL_URL="memory://",
    ROCC_OPEN_READING="true",
    ALLOWED_HOSTS="testserver",
)
sys.path.insert(0, str(Path.cwd()))

import django

django.setup()

from django.conf import settings

settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.IMPORT_JOBS = "inline"

from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone
from openpyxl import load_workbook

from plans.accounts import post_room
from plans.actions import people
from plans.actions.rounds import open_round
from plans.management.commands.quickstart import record_baseline
from plans.models import Agency, Barrier, Import, Plan, StatusUpdate, User
from tests.views.page import Page

PLAN = "/plans/year-two/"


def main():
    call_command("migrate", verbosity=0)
    call_command("loaddata", "year_two", verbosity=0)
    record_baseline()
    setup_test_environment()
    cast = make_people()
    made = {"made_at": timezone.now().isoformat(), "password": PASSWORD}
    made["sessions"] = {name: client.cookies["sessionid"].value for name, client in cast.items()}
    report(cast)
    export(cast["admin"])
    made["imports"] = {name: bring(cast["admin"], *one) for name, one in imports().items()}
    apply(cast["admin"], made["imports"]["applied"])
    made["open_forms"] = {
        "update": fields_of(cast["updater"], f"{PLAN}activities/1/update/"),
        "edit": fields_of(cast["admin"], f"{PLAN}activities/3/edit/"),
    }
    made["kept"] = interrupted_form()
    made["invitation"] = invitation()
    made["reset"] = reset_link()
    made["counts"] = {model.__name__: model.objects.count() for model in (Import, StatusUpdate, Barrier, User)}
    call_command("backup", FOLDER / "backup.zip", verbosity=0)
    with sqlite3.connect(DATABASE) as connection:
        # One file, without the log that SQLite keeps beside it.
        connection.execute("VACUUM INTO ?", [str(FOLDER / "site.sqlite3")])
    (FOLDER / "made.json").write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")
    with ZipFile(FOLDER / "site.zip", "w", ZIP_DEFLATED, compresslevel=9) as packed:
        for name in KEPT:
            packed.write(FOLDER / name, name)


def make_people():
    root = User.objects.create_superuser("root@programme.example", PASSWORD, name="Superuser")
    admin = people.invite(email="admin@programme.example", by=root, name="Programme admin", is_programme_admin=True)
    police = [Agency.objects.get(code="police")]
    updater = people.invite(email="updater@police.example", by=root, name="Police updater", agencies=police)
    for person in (admin, updater):
        person.set_password(PASSWORD)
        person.save()
    clients = {}
    for name, person in {"root": root, "admin": admin, "updater": updater}.items():
        clients[name] = Client()
        answer = clients[name].post("/accounts/login/", {"login": person.email, "password": PASSWORD})
        assert answer.status_code == 302, answer.content
    return clients


def report(cast):
    plan, admin = Plan.objects.get(), User.objects.get(email="admin@programme.example")
    today = timezone.localdate()
    open_round(plan=plan, by=admin, name="December quarter", opened_on=today, due_on=today)
    words = {"what_happened": "Begun.", "barrier": "No funding yet.", "needs_escalation": "on", "seen": ""}
    send(cast["updater"], f"{PLAN}activities/5/update/", {"status": "at_risk", **words})


def export(client):
    for name in ("activities.xlsx", "activities.csv", "agencies/police/fill-in.xlsx"):
        answer = client.get(PLAN + name)
        (FOLDER / Path(name).name).write_bytes(b"".join(answer) if answer.streaming else answer.content)
    workbook = load_workbook(FOLDER / "activities.xlsx")
    sheet = workbook.worksheets[0]
    place = [cell.value for cell in sheet[1]].index("Activity") + 1
    sheet.cell(13, place).value = "Changed in the file"
    workbook.save(FOLDER / "returned.xlsx")


def imports():
    return {
        "applied": ("applied.csv", b"Number,Status\n7,On track\n"),
        "checked": ("checked.csv", b"Number,Status\n8,At risk\n9,On track\n"),
        "with_errors": ("errors.csv", b"Number,Agency Lead\n10,Polcie\n"),
        "returned": ("returned.xlsx", (FOLDER / "returned.xlsx").read_bytes()),
        "refused": ("picture.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(100)),
    }


def bring(client, name, content):
    send(client, f"{PLAN}import/", {"what": "file", "file": SimpleUploadedFile(name, content)})
    return Import.objects.latest("pk").pk


def apply(client, pk):
    page = client.get(f"{PLAN}import/{pk}/").content.decode()
    fingerprint = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    send(client, f"{PLAN}import/{pk}/apply/", dict(fingerprint))
    assert Import.objects.get(pk=pk).state == "applied", Import.objects.get(pk=pk).state


def send(client, address, data):
    answer = client.post(address, data)
    assert answer.status_code == 302, (address, answer.status_code, answer.content.decode()[:2000])


def fields_of(client, address):
    """What a browser would send from the form at `address`, as [[name, value]]."""
    page = Page(client.get(address))
    form = max(page.root.iter("form"), key=lambda one: len(list(one.iter())) * (one.get("method") == "post"))
    found = []
    for field in form.iter():
        if field.tag not in ("input", "textarea", "select"):
            continue
        name, kind = field.get("name"), field.get("type")
        if not name or kind in ("submit", "checkbox") or (kind == "radio" and field.get("checked") is None):
            continue
        if field.tag == "textarea":
            # A browser drops the line break with which the text begins.
            found.append([name, "".join(field.itertext()).removeprefix("\n")])
        elif field.tag == "select":
            chosen = [one for one in field.iter("option") if one.get("selected") is not None]
            found += [[name, one.get("value")] for one in chosen]
        else:
            found.append([name, field.get("value") or ""])
    return {"address": address, "fields": [one for one in found if one[0] != "csrfmiddlewaretoken"]}


def interrupted_form():
    """What the sign-in page carried for somebody whose session had ended while they typed."""
    address = f"{PLAN}activities/1/update/"
    answer = Client().post(address, {"status": "on_track", "what_happened": "Typed before the upgrade."})
    return {"address": address, "sealed": answer.context["kept"]}


def invitation():
    root = User.objects.get(email="root@programme.example")
    person = people.invite(email="invited@police.example", by=root, name="Invited updater")
    return people.invitation_for(person)


def reset_link():
    Client().post("/accounts/password/reset/", {"email": "updater@police.example"})
    # Mail is sent by a thread of its own.
    post_room.submit(lambda: None).result()
    return re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]


main()
