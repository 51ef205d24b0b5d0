"""Whoever meets a lock on PostgreSQL waits as long as on SQLite, is told so, and keeps the words."""

from contextlib import closing

import pytest
from django.db import connection
from django.urls import reverse

from plans.lock_timeout import LOCK_TIMEOUT
from plans.models import StatusUpdate
from rocc.values import SQLITE_OPTIONS
from tests.year_two import load_year_two

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db(transaction=True)]


def setting(asked, name="lock_timeout"):
    with asked.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


def test_new_connection_gives_up_a_lock_as_sqlite_does():
    with closing(connection.copy()) as other:
        assert setting(other) == LOCK_TIMEOUT == f"{SQLITE_OPTIONS['timeout']}s"
        assert setting(other, "jit") == "off"


def test_time_chosen_in_the_address_of_the_database_stays():
    with closing(connection.copy()) as other:
        other.settings_dict = {
            **other.settings_dict,
            "OPTIONS": {**other.settings_dict.get("OPTIONS", {}), "options": "-c lock_timeout=21s"},
        }

        assert setting(other) == "21s"


@pytest.fixture
def year_two(db):
    """The Year Two plan, saved for all connections to find."""
    return load_year_two()


def test_update_that_meets_a_lock_for_too_long_is_answered_503_with_its_words(monkeypatch, year_two, police_updater):
    monkeypatch.setattr("plans.lock_timeout.LOCK_TIMEOUT", "200ms")
    police_updater.raise_request_exception = False
    page = reverse("plans:update", args=[year_two.slug, 1])
    typed = {"status": "on_track", "what_happened": "Typed while somebody held the activity."}
    # The page's connection is a new one.
    connection.close()

    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT id FROM plans_activity FOR UPDATE")
            response = police_updater.post(page, typed)
        other.rollback()

    assert response.status_code == 503
    assert "The tracker is busy" in response.text
    assert typed["what_happened"] in response.text
    assert not StatusUpdate.objects.with_status().exists()
