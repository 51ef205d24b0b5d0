"""From one engine to the other and back, as an operator does it: commands in processes of their own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import psycopg
import pytest
from django.db import connection

from tests.kept_database import copy_of_migrated, create_migrated

ROOT = Path(__file__).parent.parent.parent
OTHER = "rocc_restored"

# Has the database for tests made, which is copied here.
pytestmark = pytest.mark.django_db


def run(url, how, *commands):
    """Run `tests.backup.staged` in the settings of a site whose database is at `url`; answer its exit code."""
    command = [sys.executable, "-m", "tests.backup.staged", how, *commands]
    return subprocess.run(command, cwd=ROOT, env=_environment(url), check=False).returncode


def rows(path):
    """What is in a backup: {table: [row]}, without what it says of itself."""
    with ZipFile(path) as zipped:
        return {
            name: [json.loads(line) for line in zipped.read(name).splitlines()]
            for name in zipped.namelist()
            if name.endswith(".jsonl")
        }


@contextmanager
def writing(url):
    """Have somebody write without a rest. Gives a list, whose last line tells afterwards how often."""
    command = [sys.executable, "-m", "tests.backup.staged", "writing"]
    writer = subprocess.Popen(command, cwd=ROOT, env=_environment(url), stdout=subprocess.PIPE, text=True)
    lines = [writer.stdout.readline()]
    try:
        yield lines
    finally:
        writer.kill()
        lines += writer.communicate()[0].splitlines()


def _environment(url):
    # Tests of the engine's own choose their database by this name, too.
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_DATABASE_URL": url, "DATABASE_URL": url}


@pytest.fixture(scope="module")
def empty(tmp_path_factory, django_db_setup, django_db_blocker):
    """An SQLite database as `migrate` leaves it: a copy of the one for tests, if that is such a one."""
    path = tmp_path_factory.mktemp("across") / "empty.sqlite3"
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            connection.ensure_connection()
        copy = sqlite3.connect(path)
        connection.connection.backup(copy)
        copy.close()
    else:
        copy_of_migrated(path)
        assert run(f"sqlite:///{path}", "plain", "migrate,--verbosity=0") == 0
    return path


@pytest.fixture(scope="module")
def source(empty):
    """The address of an SQLite database with everything in it."""
    path = empty.with_name("source.sqlite3")
    path.write_bytes(empty.read_bytes())
    assert run(f"sqlite:///{path}", "filled") == 0
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def target(empty):
    """The address of a database that `migrate` left, on the engine that the tests are for."""
    if connection.vendor == "sqlite":
        path = empty.with_name("target.sqlite3")
        path.write_bytes(empty.read_bytes())
        yield f"sqlite:///{path}"
        return
    address = os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as server:
        create_migrated(server, OTHER)
        url = urlsplit(address)._replace(path=f"/{OTHER}").geturl()
        yield url
        server.execute(f"DROP DATABASE {OTHER} WITH (FORCE)")


def _is_of_one_moment(found):
    """Whether the activity, its history and the audit trail tell of the same last edit, and which one it was."""
    title = found["plans.Activity.jsonl"][0][3]
    history = [row for row in found["plans.HistoricalActivity.jsonl"] if "Edit" in row[2]]
    noted = [row for row in found["plans.AuditEvent.jsonl"] if row[5].startswith("Edit")]
    assert history[-1][2] == title == noted[-1][5]
    assert len(history) == len(noted) == int(title.removeprefix("Edit "))
    return len(noted)


def test_backup_goes_across_and_back_while_people_write(source, target, empty, tmp_path):
    first, second, third, last = (tmp_path / f"{name}.zip" for name in ("first", "second", "third", "last"))
    back = tmp_path / "back.sqlite3"
    back.write_bytes(empty.read_bytes())

    with writing(source) as edits:
        assert run(source, "slow", f"backup,{first}") == 0
    assert run(target, "plain", f"restore,{first}", f"backup,{second}") == 0
    assert run(f"sqlite:///{back}", "plain", f"restore,{second}", f"backup,{third}") == 0
    with writing(target) as more_edits:
        assert run(target, "slow", f"backup,{last}") == 0

    assert rows(first) == rows(second) == rows(third)
    assert 0 < _is_of_one_moment(rows(first)) < int(edits[-1])
    assert more_edits[-1]
    assert rows(last)["plans.Activity.jsonl"][0][3] == rows(last)["plans.HistoricalActivity.jsonl"][-1][2]


def test_restore_that_is_killed_leaves_everything_as_it_was(source, target, tmp_path):
    other, before, after = (tmp_path / f"{name}.zip" for name in ("other", "before", "after"))
    assert run(source, "plain", f"backup,{other}") == 0
    assert run(target, "plain", "flush,--no-input", f"backup,{before}") == 0

    assert run(target, "killed", f"restore,{other},--replace") == -signal.SIGKILL

    assert run(target, "plain", f"backup,{after}") == 0
    assert rows(after) == rows(before) != rows(other)
