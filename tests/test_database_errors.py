"""Errors of the database are told apart by the codes of its engine, and answered with a page that says to try again."""

import errno
import sqlite3
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from plans.database_errors import DatabaseTrouble, database_trouble, is_database_busy
from plans.models import Session
from plans.sessions import SessionStore


def raised(error, cause):
    """Answer `error` as Django raises it, from the error of the engine's library."""
    try:
        try:
            raise cause
        except type(cause) as low:
            raise error from low
    except type(error) as high:
        return high


def of_postgresql(sqlstate):
    return raised(OperationalError("refused"), psycopg.errors.lookup(sqlstate)("refused"))


@pytest.mark.parametrize(
    ("sqlstate", "trouble"),
    [
        ("40001", DatabaseTrouble.BUSY),
        ("40P01", DatabaseTrouble.BUSY),
        ("55P03", DatabaseTrouble.BUSY),
        ("57014", DatabaseTrouble.BUSY),
        ("53300", DatabaseTrouble.BUSY),
        ("08006", DatabaseTrouble.GONE),
        ("57P01", DatabaseTrouble.GONE),
        ("57P03", DatabaseTrouble.GONE),
        ("53100", DatabaseTrouble.FULL),
        ("25006", DatabaseTrouble.READ_ONLY),
        ("42P01", None),
        ("23505", None),
    ],
)
def test_trouble_of_postgresql_is_told_by_its_code(sqlstate, trouble):
    assert database_trouble(of_postgresql(sqlstate)) is trouble


def test_connection_that_postgresql_never_made_is_gone():
    assert database_trouble(raised(OperationalError("x"), psycopg.OperationalError("x"))) is DatabaseTrouble.GONE
    assert database_trouble(raised(InterfaceError("x"), psycopg.InterfaceError("x"))) is DatabaseTrouble.GONE
    assert database_trouble(raised(OperationalError("x"), psycopg.errors.ConnectionTimeout("x"))) is (
        DatabaseTrouble.GONE
    )


def of_sqlite(statement, **options):
    """Answer what Django raises for a statement that SQLite refuses."""
    with closing(sqlite3.connect(**options)) as low, pytest.raises(sqlite3.OperationalError) as refused:
        low.execute(statement)
    return raised(OperationalError(str(refused.value)), refused.value)


def test_trouble_of_sqlite_is_told_by_its_code(tmp_path):
    path = tmp_path / "plan.sqlite3"
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("CREATE TABLE one (id)")
        holder.execute("BEGIN IMMEDIATE")
        assert is_database_busy(of_sqlite("BEGIN IMMEDIATE", database=path, timeout=0))
        holder.rollback()
    read_only = of_sqlite("CREATE TABLE two (id)", database=f"file:{path}?mode=ro", uri=True)
    assert database_trouble(read_only) is DatabaseTrouble.READ_ONLY
    assert database_trouble(of_sqlite("SELECT * FROM missing", database=path)) is None


def test_full_sqlite_is_full(tmp_path):
    with closing(sqlite3.connect(tmp_path / "plan.sqlite3")) as low:
        low.execute("PRAGMA max_page_count = 2")
        with pytest.raises(sqlite3.OperationalError) as refused:
            low.executescript("CREATE TABLE one (id); CREATE TABLE two (id); CREATE TABLE three (id);")
    assert database_trouble(raised(OperationalError("x"), refused.value)) is DatabaseTrouble.FULL


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OperationalError("database is locked"), DatabaseTrouble.BUSY),
        (OperationalError("could not connect"), DatabaseTrouble.GONE),
        (OSError(errno.ENOSPC, "No space left on device"), DatabaseTrouble.FULL),
        (OSError(errno.ENOENT, "No such file"), None),
        (DatabaseError("odd"), None),
        (ValueError("odd"), None),
    ],
)
def test_other_errors_are_told_by_what_they_are(error, trouble):
    assert database_trouble(error) is trouble


def test_trouble_is_found_below_what_was_raised_from_it():
    assert is_database_busy(raised(ValueError("the session is gone"), of_postgresql("55P03")))


@pytest.mark.django_db
def test_missing_table_is_no_trouble():
    with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM missing")
    assert database_trouble(refused.value) is None


def refusing(error, *, words=""):
    """Make every statement that has `words` in it fail with `error`."""

    def refuse(execute, sql, params, many, context):
        if words in sql:
            raise error
        return execute(sql, params, many, context)

    return connection.execute_wrapper(refuse)


BUSY = OperationalError("database is locked")
ACTIVITY = "/plans/year-two/activities/1/"


@pytest.fixture
def year_two(year_two_of_module, db):
    """The Year Two plan."""


@pytest.fixture
def patient(reader):
    """A reader who is given the answer to an error, as a browser is."""
    reader.raise_request_exception = False
    return reader


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        (BUSY, "The tracker is busy"),
        (OperationalError("could not connect"), "The tracker is not available right now"),
        (OperationalError("database or disk is full"), "The tracker cannot save anything right now"),
        (OSError(errno.ENOSPC, "No space left on device"), "The tracker cannot save anything right now"),
    ],
)
def test_page_that_meets_trouble_is_answered_503_and_says_when_to_try_again(patient, error, heading):
    with refusing(error):
        response = patient.get("/")

    assert (response.status_code, f"<h1>{heading}</h1>" in response.text) == (503, True)
    assert int(response["Retry-After"]) >= 10
    assert "no-store" in response["Cache-Control"]
    assert f"<strong>{response['X-Request-ID']}</strong>" in response.text


def test_trouble_is_a_line_in_the_log_with_no_traceback(patient, caplog):
    with refusing(BUSY):
        patient.get("/")

    lines = [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
    assert [record.getMessage() for record in lines] == ["Database BUSY: GET /: database is locked"]


def test_what_is_no_trouble_of_the_database_is_answered_500(patient):
    with refusing(ValueError("odd")):
        response = patient.get("/")

    assert (response.status_code, "Sorry, there is a problem with the tracker" in response.text) == (500, True)


def used_long_ago():
    """Have each session be due for a later end."""
    Session.objects.update(used_at=timezone.now() - timedelta(hours=1))


def test_page_is_shown_though_its_session_cannot_be_given_a_later_end(year_two, patient):
    used_long_ago()
    with refusing(BUSY, words='UPDATE "plans_session"'):
        response = patient.get(ACTIVITY)

    assert response.status_code == 200


def test_sign_in_that_cannot_be_saved_is_answered_503(year_two, patient):
    with refusing(BUSY, words="plans_session"):
        response = patient.post("/accounts/logout/")

    assert response.status_code == 503


def test_values_of_a_session_that_cannot_be_saved_are_answered_503_and_not_that_it_was_deleted(reader):
    session = SessionStore(reader.session.session_key)
    session["kept"] = "words"
    with refusing(BUSY, words='UPDATE "plans_session"'), pytest.raises(OperationalError):
        session.save()
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()
