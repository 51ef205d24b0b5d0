"""`/healthz` and `/readyz`: whether the service works, for the machines that watch it."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from plans.views import health

ADDRESSES = ["/healthz", "/readyz"]


@pytest.fixture
def broken_database(db):
    """Makes every query fail: `with broken_database(OperationalError):`."""

    def breaking(error):
        def refuse(execute, sql, params, many, context):
            raise error("could not connect to server at 10.0.0.5")

        return connection.execute_wrapper(refuse)

    return breaking


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    """The site has just started."""
    monkeypatch.setattr(health, "_known", {})


def test_health_asks_nothing_of_the_database(client, broken_database, django_assert_num_queries):
    with broken_database(OperationalError), django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


def test_site_is_ready_while_the_database_answers_and_asks_for_migrations_once(db, client, django_assert_num_queries):
    first = client.get("/readyz")
    with django_assert_num_queries(1):
        second = client.get("/readyz")

    assert (first.status_code, first.content) == (second.status_code, second.content) == (200, b"ready\n")
    assert "no-store" in first["Cache-Control"]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_site_is_not_ready_while_the_database_does_not_answer(client, broken_database, error):
    client.get("/readyz")
    with broken_database(error):
        response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"database: it does not answer\n")


def test_site_is_not_ready_before_it_is_migrated_and_is_afterwards(db, client, caplog):
    MigrationRecorder(connection).record_unapplied("plans", "0006_agency_code")
    before = client.get("/readyz")
    MigrationRecorder(connection).record_applied("plans", "0006_agency_code")

    assert (before.status_code, before.content) == (503, b"migrations: some are still to come\n")
    assert "Not ready: run `manage.py migrate` (plans.0006_agency_code)" in caplog.messages
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_health_may_be_asked_on_a_closed_site(db, closed_reading, client, address):
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_health_may_be_asked_by_head(db, client, address):
    response = client.head(address)

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_health_may_not_be_written(db, client, verb, address):
    assert getattr(client, verb)(address).status_code == 405
