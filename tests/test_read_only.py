"""A database that takes no changes: whoever saves is told so, keeps the words, and is not tied to it for longer."""

import pytest
from django.db import connection

from plans.models import StatusUpdate
from plans.views import health
from tests.test_full_disk import PLAN, UPDATE, nothing_known, patient, site, upgraded  # noqa: F401 - fixtures
from tests.views.page import Page
from tests.year_two import load_year_two

TYPED = {"status": "on_track", "what_happened": "Typed while nothing could be saved."}
REFUSED = "The database cannot save changes right now, so nothing was saved."


def take_no_changes():
    """Have this connection take no changes, as that to a server does which was demoted, or to a protected file."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON" if is_sqlite else "SET default_transaction_read_only = on")


def check_next_request(client, monkeypatch):
    """Check that an update is refused with its words, and saved when it is sent again, by another connection."""
    monkeypatch.setattr(health, "_known", {})
    take_no_changes()

    refused = Page(patient(client).post(UPDATE, TYPED), 503).text

    assert (REFUSED in refused, TYPED["what_happened"] in refused) == (True, True)
    assert not StatusUpdate.objects.filter(what_happened=TYPED["what_happened"]).exists()
    assert client.post(UPDATE, TYPED).status_code == 302
    take_no_changes()
    assert client.get(PLAN).status_code == 200
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database: it takes no changes\n")
    monkeypatch.setattr(health, "_known", {})
    assert client.get("/readyz").status_code == 200


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_file_that_took_no_changes_is_opened_anew(site, monkeypatch):  # noqa: F811
    check_next_request(site.client("updater"), monkeypatch)


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_server_that_was_demoted_is_left(year_two, police_updater, monkeypatch, settings):
    settings.ROCC_OPEN_READING = True
    check_next_request(police_updater, monkeypatch)


@pytest.fixture
def year_two(db):
    """The Year Two plan, saved for all connections to find."""
    return load_year_two()
