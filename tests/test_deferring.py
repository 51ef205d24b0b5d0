"""Writes that wait for the lock, and reads that are asked once more under it."""

import pytest
from django.db import connection

from plans.actions.bulk import Authorship, give_ids, insert_rows
from plans.actions.deferring import DeferredWrites, at_once, for_update, is_collecting
from plans.models import Agency

pytestmark = pytest.mark.django_db


@pytest.fixture
def agencies(db):
    return [Agency.objects.create(code=code, name=code.title()) for code in ("one", "two", "three")]


def names():
    return list(Agency.objects.order_by("pk").values_list("name", flat=True))


def test_writes_wait_and_reads_are_answered(agencies):
    deferred = DeferredWrites()
    with deferred.collect():
        Agency.objects.filter(code="one").update(name="Changed")
        Agency.objects.filter(code="two")._raw_delete("default")
        Agency.history.filter(code="two")._raw_delete("default")
        seen = names()
        collecting = is_collecting()

    assert (seen, names(), collecting, is_collecting()) == (["One", "Two", "Three"],) * 2 + (True, False)
    assert deferred.is_current()
    deferred.write()
    assert names() == ["Changed", "Three"]


def test_rows_that_wait_have_ids_that_nobody_else_is_given(agencies, make_user):
    author = Authorship(make_user("admin@programme.example"), "Because", agencies[0].history.get().history_date)
    deferred, row = DeferredWrites(), Agency(code="four", name="Four")
    with deferred.collect():
        give_ids(Agency, [row])
        insert_rows(Agency, [row], author)
    other = Agency.objects.create(code="five", name="Five")
    deferred.write()

    assert row.pk not in {other.pk, None}
    assert Agency.objects.get(pk=row.pk).name == "Four"
    assert Agency.history.get(id=row.pk).history_change_reason == "Because"


@pytest.mark.parametrize(
    "change",
    [
        lambda: Agency.objects.filter(code="one").update(name="Other"),
        lambda: Agency.objects.filter(code="one").delete(),
        lambda: Agency.objects.create(code="four", name="Four"),
    ],
)
def test_change_of_what_was_read_is_noticed(agencies, change):
    deferred = DeferredWrites()
    with deferred.collect():
        names()
    change()

    assert not deferred.is_current()


def test_change_of_what_was_not_read_does_not_matter(agencies):
    deferred = DeferredWrites()
    with deferred.collect():
        Agency.objects.get(code="one")
    Agency.objects.filter(code="two").update(name="Other")

    assert deferred.is_current()


def test_statements_at_once_are_run_and_not_remembered(agencies):
    deferred = DeferredWrites()
    with deferred.collect(), at_once():
        Agency.objects.filter(code="one").update(name="Other")
        names()

    assert (deferred.reads, deferred.writes, names()[0]) == ([], [], "Other")


def test_rows_can_be_fetched_in_every_way(agencies):
    with DeferredWrites().collect(), connection.cursor() as cursor:
        statement = "SELECT code FROM plans_agency ORDER BY id"
        cursor.execute(statement)
        assert (cursor.fetchone(), cursor.fetchmany(1), cursor.fetchall()) == (("one",), [("two",)], [("three",)])
        assert (cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall()) == (None, [], [])
        cursor.execute(statement)
        assert [code for (code,) in cursor] == ["one", "two", "three"]
        assert cursor.description[0][0] == "code"


def test_rows_are_not_locked_ahead(agencies):
    with DeferredWrites().collect():
        assert not for_update(Agency.objects.all()).query.select_for_update
    assert for_update(Agency.objects.all()).query.select_for_update


def test_write_that_asks_for_an_answer_cannot_wait(agencies):
    with pytest.raises(RuntimeError, match="insert_rows"), DeferredWrites().collect():
        Agency.objects.create(code="four", name="Four")


def test_error_in_the_block_ends_the_collecting(agencies):
    with pytest.raises(ValueError, match="odd"), DeferredWrites().collect():
        raise ValueError("odd")

    Agency.objects.filter(code="one").update(name="Changed")
    assert names()[0] == "Changed"


def test_several_writes_in_one_call_are_refused_while_writes_wait(agencies):
    rows = [["Other", "one"], ["More", "two"]]
    with DeferredWrites().collect(), connection.cursor() as cursor, pytest.raises(RuntimeError, match="kept back"):
        cursor.executemany("UPDATE plans_agency SET name = %s WHERE code = %s", rows)

    assert names() == ["One", "Two", "Three"]


def test_statement_that_may_read_or_write_is_refused_while_writes_wait(agencies):
    with DeferredWrites().collect(), connection.cursor() as cursor, pytest.raises(RuntimeError, match="kept back"):
        cursor.execute("WITH found AS (SELECT 1) SELECT * FROM found")
