"""Makes the database of an earlier version, with that version's own code, for the tests of upgrading: a dump as SQL.

Run it in a checkout of that version, never of today's, with `DATABASE_URL` leading to an empty database of either
engine, and for PostgreSQL `PG_DUMP` to its program: `.venv/bin/python …/make_database.py FOLDER`. It leaves
`NAME.sqlite.sql.xz` or `NAME.postgresql.sql.xz` in FOLDER, where NAME is the version's commit. All of them say the
same: the Year Two plan, and what `main` writes into it.
"""

# ruff: noqa: E402

import lzma
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

FOLDER, DATABASE_URL = Path(sys.argv[1]).resolve(), os.environ["DATABASE_URL"]
PASSWORD = "a password of an earlier version"
os.environ.update(
    SECRET_KEY="a-key-for-tests-only-which-protects-nothing-at-all-0123456789",
    ROCC_HTTPS="false",
    DJANGO_SETTINGS_MODULE="rocc.settings",
    ROCC_OPEN_READING="true",
    ALLOWED_HOSTS="testserver",
)
sys.path.insert(0, str(Path.cwd()))

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

from plans.actions import people
from plans.actions.rounds import open_round
from plans.models import Agency, Plan, User

PLAN = "/plans/year-two/"


def main():
    call_command("migrate", verbosity=0)
    call_command("loaddata", "year_two", verbosity=0)
    root = User.objects.create_superuser("root@programme.example", PASSWORD, name="Superuser")
    police = Agency.objects.get(code="police")
    updater = people.invite(email="updater@police.example", by=root, name="Police updater", agencies=[police])
    updater.set_password(PASSWORD)
    updater.save()
    today = timezone.localdate()
    open_round(plan=Plan.objects.get(), by=root, name="December quarter", opened_on=today, due_on=today)
    signed_in = {one: sign_in(one.email) for one in (root, updater)}
    report = {"what_happened": "Words of an earlier version: kererū.", "whats_next": "More of them."}
    barrier = {"barrier": "No funding yet.", "needs_escalation": "on"}
    send(signed_in[updater], "activities/1/update/", status="at_risk", **report, **barrier)
    send(signed_in[updater], "activities/1/update/", status="on_track", what_happened="A second report.", seen="1")
    send(signed_in[updater], "activities/3/note/", text="A note of an earlier version.", agency=str(police.pk))
    dump()


def sign_in(email):
    client = Client()
    answer = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def send(client, path, **fields):
    answer = client.post(PLAN + path, {"seen": "", **fields})
    assert answer.status_code == 302, (path, answer.status_code, answer.content.decode()[:3000])


def dump():
    """Write all that is in the database, as SQL that either engine reads by itself."""
    commit = subprocess.check_output(["git", "rev-parse", "--short=7", "HEAD"], text=True).strip()
    if DATABASE_URL.startswith("sqlite"):
        with sqlite3.connect(DATABASE_URL.removeprefix("sqlite:///")) as connection:
            sql = "\n".join(connection.iterdump())
        engine = "sqlite"
    else:
        command = [os.environ["PG_DUMP"], "--no-owner", "--inserts", "--rows-per-insert=500", DATABASE_URL]
        lines = subprocess.check_output(command, text=True).splitlines()
        # What only psql understands.
        sql = "\n".join(line for line in lines if not line.startswith("\\"))
        engine = "postgresql"
    (FOLDER / f"{commit}.{engine}.sql.xz").write_bytes(lzma.compress(sql.encode(), preset=9 | lzma.PRESET_EXTREME))


main()
