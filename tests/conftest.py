"""What all tests share: the cast of people, and what the machine has to offer."""

import gc
import os
import shutil
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models.signals import post_migrate
from django.http import HttpRequest
from django.test import Client, client

from plans import limited_process
from plans.models import Agency, Membership, User
from plans.sessions import SessionStore
from tests.exhaustive import mark_exhaustive
from tests.kept_database import database_kept
from tests.nothing_skipped import pytest_make_collect_report, pytest_runtest_makereport
from tests.sandbox_here import sandbox_here
from tests.year_two import load_year_two

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SLOW = (
    "as_at/test_law.py",
    "backup/test_across.py",
    "benchmarks/",
    "endurance/",
    "fast/test_both_modes.py",
    "spreadsheets/reading/test_hostile.py",
    "spreadsheets/importing/test_at_once.py",
    "spreadsheets/importing/test_kills.py",
    "spreadsheets/test_marking.py",
    "test_absurd_addresses.py",
    "test_cache_headers.py",
    "test_full_disk.py",
    "test_install.py",
    "test_markup_in_data.py",
    "test_nothing_skipped.py",
    "test_patterns.py",
    "test_processes.py",
    "test_quickstart.py",
    "test_readme_steps.py",
    "test_scans.py",
    "upgrade/",
    "views/test_cost_of_plans.py",
)
"""Tests that start processes, kill them, open hostile files or fill large tables: `make quick` leaves them out."""
ON_ONE_ENGINE = (
    "browser/",
    "hostile_scanner/",
    "spreadsheets/cases/",
    "spreadsheets/test_marking.py",
    "test_cache_headers.py",
    "test_markup_in_data.py",
    "test_security_headers.py",
    "views/test_page_weights.py",
)
"""Tests whose answer cannot depend on the database engine, though they fill one (axe, layout, scripts, markup, files).

What a browser sends is answered on both engines by the tests of views.

They run on SQLite alone, and so does every test that asks for no database: pytest-django lets it reach none.
"""
DATABASE_FIXTURES = {"_django_db_helper", "django_db_setup", "live_server"}
"""What pytest-django gives a database by: all others that do so ask for one of these."""
PLACES_OF = {"slow": (*SLOW, "test_words_kept.py"), "browser": ("browser/",)}
"""Where tests are marked by the place of their file or by lists of other files; elsewhere the file names the mark."""
ONLY_MARKED = {"browser": "browser", "slow and not browser": "slow"}
"""The mark without which no test is run, by what `pytest -m` is told."""
SANDBOX_ITSELF = (
    "spreadsheets/importing/test_processes_of_jobs.py",
    "spreadsheets/reading/",
    "spreadsheets/test_marking.py",
    "test_full_disk.py",
)
"""Tests of the process in which files are opened. All others open them in their own, which is quicker."""
HERE = Path(__file__).parent

# `make quick` and PostgreSQL try few made-up inputs for each property, all other runs fifty. None has a deadline,
# which a busy machine would miss.
hypothesis.settings.register_profile("whole", max_examples=50, deadline=None)
hypothesis.settings.register_profile("quick", max_examples=10, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "whole"))


def pytest_collection_finish():
    """Leave what is there by now out of every later search for garbage: code and tests, which stay to the end."""
    gc.collect()
    gc.freeze()
    # Searched a seventieth as often, since each search costs what it looks through, and little of that is garbage;
    # what has outlived two searches, a fiftieth of that again.
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """The settings of the database for tests, which is made from what is kept of an earlier run."""
    with database_kept(django_db_blocker):
        yield


@pytest.fixture(scope="session", autouse=True)
def measured_sandbox():
    """Where coverage is measured, it is in the processes that open files as well, which know nothing of this one."""
    told = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS")}
    surroundings = limited_process._surroundings
    with pytest.MonkeyPatch.context() as patch:
        if told:
            patch.setattr(limited_process, "_surroundings", lambda: surroundings() | told)
        yield


@pytest.fixture(scope="session", autouse=True)
def programme_admins_made_again():
    """A test with transactions of its own ends by emptying all tables, also of the group that a migration put there.

    Which tests follow it is a matter of chance where several processes share them.
    """

    def make_again(**options):
        if administer := Permission.objects.filter(codename="administer", content_type__app_label="plans").first():
            Group.objects.get_or_create(name="Programme admins")[0].permissions.add(administer)

    post_migrate.connect(make_again, sender=apps.get_app_config("plans"), weak=False)
    yield
    post_migrate.disconnect(make_again, sender=apps.get_app_config("plans"))


@pytest.fixture(scope="session", autouse=True)
def templates_of_widgets_not_kept():
    """What a template was given is copied for `response.context`, but not for each box of a form: no test asks that."""
    keep = client.store_rendered_templates

    def keep_some(store, signal, sender, template, context, **kwargs):
        if not (template.name or "").startswith("django/forms/"):
            keep(store, signal, sender, template, context, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "store_rendered_templates", keep_some)
        yield


@pytest.fixture(scope="module", autouse=True)
def sandbox_of_module(request):
    """The sandbox itself where that is tried, and what it runs, run in this process, everywhere else."""
    with nullcontext() if _place(request).startswith(SANDBOX_ITSELF) else sandbox_here():
        yield


def pytest_ignore_collect(collection_path, config):
    """Leave files unread of which no test is run by its mark, `slow` or `browser`: reading all takes many seconds."""
    expression, place = config.option.markexpr, _below_here(collection_path)
    left_out = [*(SLOW if "not slow" in expression else ()), *(["browser/"] if "not browser" in expression else ())]
    if place.startswith(tuple(left_out)):
        return True
    if collection_path.suffix == ".py":
        wanted = ONLY_MARKED.get(expression)
        return True if wanted and not _may_be(collection_path, place, wanted) else None
    return None


@cache
def _may_be(path, place, mark):
    """Return whether a file may hold tests with a mark: by its place, or since it names the mark."""
    return place.startswith(PLACES_OF[mark]) or f"mark.{mark}" in path.read_text(encoding="utf-8")


def _place(item):
    """Return the path of a test's file below this folder."""
    return _below_here(item.path)


@cache
def _below_here(path):
    return f"{path.relative_to(HERE).as_posix()}/" if path.is_dir() else path.relative_to(HERE).as_posix()


def _signed_in(user):
    """Return a client that is signed in as `force_login` does, but for the session it begins with and throws away."""
    client, request = Client(), HttpRequest()
    request.session = SessionStore()
    login(request, user, settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    client.user = user
    return client


@pytest.fixture
def tricks_on(settings):
    """Every trick for speed is on, also where the rest is tried without them (`ROCC_FAST=off`)."""
    settings.ROCC_FAST = True


@pytest.fixture
def django_assert_num_queries(tricks_on, django_assert_num_queries):
    """The one of pytest-django, with the tricks on: query counts are pinned for the site as it runs."""
    return django_assert_num_queries


@pytest.fixture
def make_user(db, django_user_model):
    """Makes a person who can sign in: `make_user("reader@example.govt.nz", **fields)`."""

    def make(email, **fields):
        return django_user_model.objects.create_user(email, **fields)

    return make


def make_programme_admin():
    """Make a programme admin, and return the person."""
    user = User.objects.create_user("admin@programme.example", name="Programme admin", is_staff=True)
    user.groups.add(Group.objects.get(name="Programme admins"))
    return user


@pytest.fixture
def programme_admin(db):
    """A client signed in as a programme admin; `.user` is the person, as with the others."""
    return _signed_in(make_programme_admin())


@pytest.fixture
def make_updater(make_user, request):
    """Makes a client of one who reports for the agency of a code, where there is one: `make(email, name, code)`."""
    # A test may name its plan after its people.
    if "year_two" in request.fixturenames:
        request.getfixturevalue("year_two")

    def make(email, name, code):
        person = make_user(email, name=name)
        for agency in Agency.objects.filter(code=code):
            Membership.objects.create(user=person, agency=agency)
        return _signed_in(person)

    return make


@pytest.fixture
def police_updater(make_updater):
    """A client signed in as one who reports for Police."""
    return make_updater("updater@police.example", "Police updater", "police")


@pytest.fixture
def other_updater(make_updater):
    """A client signed in as one who reports for another agency, Te Whatu Ora."""
    return make_updater("updater@agency.example", "Other updater", "te-whatu-ora")


@pytest.fixture
def reader(make_user):
    """A client signed in as one who may read only."""
    return _signed_in(make_user("reader@programme.example", name="Reader"))


@pytest.fixture(scope="module")
def rows_of_module(django_db_setup, django_db_blocker):
    """A transaction around all tests of a module, whose fixtures put rows into it once; each test undoes its own.

    Not for modules in which a test has transactions of its own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def year_two_of_module(rows_of_module):
    """Loads the plan once for all tests of a module."""
    load_year_two()


@pytest.fixture
def visitor():
    """A client that is not signed in."""
    return Client()


@pytest.fixture(scope="session")
def chromium_path():
    """The path of the machine's Chromium. Skips the test where there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    return path or pytest.skip(f"no browser here: none of {', '.join(BROWSERS)} is installed")


@pytest.fixture(scope="session")
def launch(chromium_path):
    """Starts a Chromium with Playwright's options; the one Playwright of a run ends them all."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - most runs need none of it

    with pytest.MonkeyPatch.context() as environment:
        # Playwright waits in an event loop; Django takes that for asynchronous code and refuses the database.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            # Without a sandbox, since build machines run as root.
            yield partial(playwright.chromium.launch, executable_path=chromium_path, args=["--no-sandbox"])


def _has_database(item):
    """Return whether a test asks for a database, or says that it is about PostgreSQL."""
    is_marked = any(map(item.get_closest_marker, ("django_db", "postgresql_only")))
    return is_marked or not DATABASE_FIXTURES.isdisjoint(item.fixturenames)


def pytest_collection_modifyitems(config, items):
    """Mark slow and exhaustive tests, and leave out, not counted as skipped, those that are for another run."""
    mark_exhaustive(items, _place)
    for item in items:
        place = _place(item)
        if place.startswith(SLOW):
            item.add_marker("slow")
        for mark in PLACES_OF:
            if item.get_closest_marker(mark) and not _may_be(item.path, place, mark):
                raise pytest.UsageError(f"tests/{place} would not be read by `-m {mark}`: name it in PLACES_OF.")
        if place.startswith(ON_ONE_ENGINE) or not _has_database(item):
            item.add_marker("sqlite_only")
    other = "postgresql_only" if connection.vendor == "sqlite" else "sqlite_only"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if not settings.ROCC_FAST:
        # With the tricks on in every run, they would say here what they say there.
        left_out += [item for item in items if "tricks_on" in item.fixturenames and item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
