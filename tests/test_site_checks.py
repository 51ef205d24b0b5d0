"""What `manage.py check --deploy --database default` says of a site on which something was forgotten."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.timezone import now

from plans import site_checks
from plans.backup.dump import Saved
from plans.last_runs import BACKUP, MAIL, last_run, note_run
from plans.management.commands import backup
from plans.models import User

pytestmark = pytest.mark.django_db
OURS = {f"plans.W{number:03}" for number in range(10, 19)}


@pytest.fixture
def site(settings, tmp_path):
    """A site that lacks nothing: its mail goes out, its files are collected, its timers run."""
    settings.DEFAULT_FROM_EMAIL, settings.EMAIL_BACKEND = "Tracker <a@b.example>", "django.core.mail.backends.smtp.E"
    settings.MAILERS = {"default": {"BACKEND": settings.EMAIL_BACKEND}}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "whitenoise.CompressedManifest"}}
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text("{}")
    User.objects.create_superuser("root@programme.example")
    for command in (BACKUP, MAIL):
        note_run(command)


def found(databases=("default",)):
    """Our findings, {id: (what, how to mend it)}."""
    checked = run_checks(databases=databases, include_deployment_checks=True)
    return {one.id: (one.msg, one.hint) for one in checked if one.id in OURS}


def test_site_that_lacks_nothing_is_told_nothing(site):
    assert found() == {}


def test_nothing_is_asked_of_a_database_that_was_not_named(site, django_assert_num_queries):
    User.objects.update(is_active=False)
    with django_assert_num_queries(0):
        assert site_checks.check_site(None) == []


def test_sender_that_no_one_can_answer_is_named_where_mail_goes_out(site, settings):
    settings.DEFAULT_FROM_EMAIL = "Action plan tracker <tracker@localhost>"

    said, hint = found(databases=None)["plans.W010"]

    assert said == "Email is sent from Action plan tracker <tracker@localhost>, to which no one can answer."
    assert hint == "Set DEFAULT_FROM_EMAIL, for example Tracker <tracker@example.govt.nz>."
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": settings.EMAIL_BACKEND}}
    assert found() == {}


def test_migrations_that_are_to_come_are_all_that_is_said_of_the_database(site):
    User.objects.update(is_active=False)
    MigrationRecorder(connection).record_unapplied("plans", "0006_agency_code")

    assert list(found().values()) == [
        (
            "The database is of an earlier version: plans.0006_agency_code not applied.",
            "Make a backup with the earlier version, then run `manage.py migrate`.",
        )
    ]


def test_style_sheets_that_were_not_collected_are_missed(site, tmp_path, settings):
    (tmp_path / "staticfiles.json").unlink()
    assert list(found()) == ["plans.W014"]
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost"]
    assert found() == {}


def test_folder_that_cannot_be_written_is_named(site, monkeypatch):
    monkeypatch.setattr(site_checks.os, "access", lambda folder, how: False)
    monkeypatch.setattr(site_checks.tempfile, "gettempdir", lambda: "/var/tmp/tracker")

    assert found()["plans.W013"] == (
        "Uploads cannot be written: /var/tmp/tracker is protected.",
        "Let the user that the tracker runs as write to /var/tmp/tracker.",
    )


def test_cache_table_that_is_missing_is_made_by_what_is_advised(site):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cache")

    assert found() == {
        "plans.W015": ("The table cache is missing. No one can sign in.", "Run `manage.py createcachetable`.")
    }
    call_command("createcachetable", verbosity=0)
    assert set(found()) == {"plans.W017", "plans.W018"}


def test_site_without_a_superuser_is_told_so(site):
    User.objects.update(is_active=False)

    assert set(found()) == {"plans.W016"}


def test_timers_that_were_never_set_up_or_have_stopped_are_named(site, settings):
    at = now()
    with time_machine.travel(at + timedelta(days=3), tick=False):
        late = {name: said for name, (said, _) in found().items()}
    cache.clear()
    never = {name: said for name, (said, _) in found().items()}

    assert late == {
        "plans.W017": f"A backup of this database was last made on {at:%d %B %Y at %H:%M} UTC.",
        "plans.W018": f"Email that goes by itself was last sent on {at:%d %B %Y at %H:%M} UTC.",
    }
    assert never == {
        "plans.W017": "A backup of this database was never made.",
        "plans.W018": "Email that goes by itself was never sent.",
    }


def test_commands_note_that_they_ran(settings, tmp_path, monkeypatch):
    settings.SITE_URL = "https://tracker.example.govt.nz"
    # A backup asks for a transaction of its own, which PostgreSQL does not begin within that of a test.
    monkeypatch.setattr(backup, "save", lambda path: Saved({}, 0, ""))
    cache.clear()

    call_command("backup", tmp_path / "backup.zip", verbosity=0)
    call_command("send_mail", verbosity=0)

    assert [last_run(command) is not None for command in (BACKUP, MAIL)] == [True, True]
