"""`/healthz`: whether the service works, for the machines that watch it."""

import pytest
from django.db import InterfaceError, OperationalError, connection


@pytest.fixture
def broken_database(db):
    """Makes every query fail: `with broken_database(OperationalError):`."""

    def breaking(error):
        def refuse(execute, sql, params, many, context):
            raise error("could not connect to server at 10.0.0.5")

        return connection.execute_wrapper(refuse)

    return breaking


def test_health_is_good_while_the_database_answers(db, client, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_health_is_bad_while_the_database_does_not_answer(client, broken_database, error):
    with broken_database(error):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


def test_health_may_be_asked_on_a_closed_site(db, closed_reading, client):
    assert client.get("/healthz").status_code == 200


def test_health_may_be_asked_by_head(db, client):
    response = client.head("/healthz")

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_health_may_not_be_written(db, client, verb):
    assert getattr(client, verb)("/healthz").status_code == 405
