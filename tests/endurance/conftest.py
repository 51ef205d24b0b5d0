"""A site that a test may do anything to, on a database of its own, and people who add updates to it."""

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections

from benchmarks.serving import serve
from plans.models import ActivityAgency, Membership, StatusUpdate, User
from tests.endurance.load import Load, Person
from tests.endurance.postgresql import PROGRAMS, primary_and_standby
from tests.year_two import load_year_two

PASSWORD, PEOPLE, WORKERS = "kererū-and-tūī-4711", 4, 2
ADMIN = "admin@programme.example"
NAME = "tracker"


class TwoServers:
    """Two PostgreSQL servers, each under what it is now; nothing is committed before the standby has it, too."""

    def __init__(self, primary, standby):
        self.primary, self.standby = primary, standby
        self.url = f"postgres://postgres@{primary.place},{standby.place}/{NAME}"

    def fail_over(self):
        """Make the standby, which is all that is left, the primary."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def settings(self):
        """Return what leads Django to it."""
        there = {"HOST": "127.0.0.1", "PORT": self.primary.port, "NAME": NAME}
        return {"USER": "postgres", "PASSWORD": "", "OPTIONS": {}, **there}


class OneFile:
    """A SQLite file."""

    def __init__(self, path):
        self.path, self.url = path, f"sqlite:///{path}"

    def settings(self):
        """Return what leads Django to it."""
        return {"NAME": str(self.path)}


@pytest.fixture(scope="package")
def database(tmp_path_factory, django_db_setup, django_db_blocker):
    """A database with the Year Two plan and its people: `TwoServers`, or `OneFile`."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            path = tmp_path_factory.mktemp("database") / "plan.sqlite3"
            copy_file(path)
            yield filled(OneFile(path))
            return
        with primary_and_standby() as pair:
            pair[0].ask(f"CREATE DATABASE {NAME}")
            servers = TwoServers(*pair)
            copy_tables(pair[0].url(NAME))
            yield filled(servers)


@pytest.fixture(scope="module")
def site(database):
    """The site, two processes of gunicorn with our own configuration."""
    with serve(database.url, workers=WORKERS) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def surroundings(database):
    """What the site's processes are told, those that are started later, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_DATABASE_URL", database.url)
        patch.setenv("TEST_IMPORT_JOBS", "process")
        yield


@pytest.fixture
def load(surroundings, site):
    """People who have signed in, and add updates within `with load:`."""
    people = [Person(site.address, *one) for one in updaters()]
    for one in people:
        one.sign_in()
    yield Load(people)
    for one in people:
        one.connection.close()


@pytest.fixture
def report(record_property):
    """Shows the figures of a run (with `-s`), and keeps them with its result: `report(load, found, seconds)`."""

    def show(load, found, seconds):
        counts = {"acknowledged": len(load.saved), "found": sum(map(bool, found.values()))}
        figures = {**counts, "refused": dict(load.refused), "seconds": round(seconds, 1)}
        for name, value in figures.items():
            record_property(name, str(value))
        sys.stdout.write(f"{figures}\n")

    return show


def updaters():
    """Return what each person of the load signs in with, and the form that they fill in: [(email, password, path)]."""
    numbers = range(1, PEOPLE + 1)
    return [(f"updater-{one}@agency.example", PASSWORD, f"/plans/year-two/activities/{one}/update/") for one in numbers]


def filled(database):
    """Load the plan, and make one updater for each of its first activities, and a programme admin."""
    with models_of(database):
        load_year_two()
        for number, (email, password, _) in enumerate(updaters(), 1):
            person = User.objects.create_user(email, password, name="Updater")
            lead = ActivityAgency.objects.filter(activity__number=number, role="lead").first()
            Membership.objects.create(user=person, agency=lead.agency)
        admin = User.objects.create_user(ADMIN, PASSWORD, name="Programme admin", is_staff=True)
        admin.groups.add(Group.objects.get(name="Programme admins"))
    return database


def found_in(database, words):
    """Return how often each of the `words` is found there, {words: times}."""
    with models_of(database):
        found = Counter(StatusUpdate.objects.values_list("what_happened", flat=True))
    return {one: found[one] for one in words}


def copy_tables(url):
    """Bring an empty database to what that of the tests is before the first of them: tables with nothing in them."""
    own = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    restore = [PROGRAMS / "psql", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", url]
    with subprocess.Popen([PROGRAMS / "pg_dump", "--no-owner", "-d", own], stdout=subprocess.PIPE) as dump:
        subprocess.run(restore, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)


def copy_file(path):
    """The same for SQLite."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)


@contextmanager
def models_of(database):
    """Have the models of this process read and write there."""
    usual = connections["default"]
    connections["default"] = type(usual)({**usual.settings_dict, **database.settings()}, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = usual
