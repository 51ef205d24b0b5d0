"""The data version of the database: every change moves it, nothing else does, and it never comes back."""

import threading
from contextlib import closing

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from plans.fast.data_version import EXEMPT, keep_data_version, read_data_version, tables_without_trigger
from plans.models import Activity, Agency, Plan, Session, User


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def make_agency(code):
    return Agency.objects.create(code=code, name=code)


def test_every_table_moves_the_mark_or_is_named_as_exempt(db):
    assert tables_without_trigger() == set()
    assert {
        "plans_accesstoken",
        "plans_calendarfeed",
        "plans_change_mark",
        "cache",
        "django_admin_log",
        "django_migrations",
        "django_session",
        "plans_agencyname",
        "plans_formkey",
        "plans_session",
    } == EXEMPT


def test_table_made_by_hand_has_no_trigger_until_the_next_migrate(db):
    execute("CREATE TABLE plans_extra (id integer PRIMARY KEY)")
    assert tables_without_trigger() == {"plans_extra"}

    keep_data_version()

    assert tables_without_trigger() == set()
    before = read_data_version()
    execute("INSERT INTO plans_extra VALUES (1)")
    assert read_data_version() != before


CHANGES = {
    "insert": lambda: make_agency("new"),
    "update": lambda: Agency.objects.filter(code="police").update(name="NZ Police"),
    "delete": lambda: Agency.objects.filter(code="police").delete(),
    "raw SQL": lambda: execute("UPDATE plans_agency SET note = %s", "Written by hand"),
    "many at once": lambda: Agency.objects.bulk_create([Agency(code="a", name="a"), Agency(code="b", name="b")]),
    "conflicts ignored": lambda: Agency.objects.bulk_create(
        [Agency(code="police", name="again"), Agency(code="b", name="b")], ignore_conflicts=True
    ),
    "group": lambda: Group.objects.create(name="Others"),
    "person": lambda: User.objects.update(is_active=False),
    "fixture": lambda: call_command("loaddata", "year_two", verbosity=0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_moves_the_mark(db, make_user, change):
    make_agency("police")
    make_user("reader@programme.example")
    # As a transaction of its own would: here everything is one.
    before = mark_of_a_new_transaction()

    CHANGES[change]()

    assert read_data_version() != before


def mark_of_a_new_transaction():
    """PostgreSQL marks the first change of a transaction only, so what was set up counts as an earlier one."""
    if connection.vendor == "postgresql":
        execute("SELECT set_config('rocc.marked_by', '', true)")
    return read_data_version()


def test_reading_and_signing_in_and_out_leave_the_mark_alone(db):
    before = mark_of_a_new_transaction()

    list(Plan.objects.all())
    Session.objects.create(session_key="k", session_data="", expire_date=timezone.now())

    assert read_data_version() == before


def test_change_that_is_rolled_back_leaves_the_mark_alone(db):
    before = mark_of_a_new_transaction()

    with transaction.atomic():
        make_agency("new")
        transaction.set_rollback(True)

    assert read_data_version() == before
    make_agency("newer")
    assert read_data_version() != before


def test_same_changes_again_make_another_mark(db):
    seen = set()
    for _ in range(3):
        with transaction.atomic():
            mark_of_a_new_transaction()
            make_agency("new")
            seen.add(read_data_version())
            transaction.set_rollback(True)

    assert len(seen) == 3


@pytest.mark.sqlite_only
def test_table_that_a_migration_makes_anew_is_watched_again(transactional_db):
    field = Activity._meta.get_field("title")
    with connection.schema_editor() as editor:
        editor._remake_table(Activity, alter_fields=[(field, field)])
    assert tables_without_trigger() == {"plans_activity"}

    keep_data_version()

    assert tables_without_trigger() == set()


@pytest.mark.sqlite_only
def test_tables_that_sqlite_keeps_for_itself_are_left_alone(db):
    execute("ANALYZE")
    assert "sqlite_stat1" in connection.introspection.table_names()

    keep_data_version()

    assert tables_without_trigger() == set()


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
class TestOnPostgreSQL:
    """Several at once, each with a connection of its own."""

    @pytest.fixture
    def other(self):
        with closing(connection.copy()) as other:
            yield other

    def test_earlier_transaction_that_commits_later_moves_the_mark(self, other):
        marks = [read_data_version()]
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute("INSERT INTO auth_group (name) VALUES ('earlier')")
            marks.append(read_data_version())
            Group.objects.create(name="later")
            marks.append(read_data_version())
            other.commit()
            marks.append(read_data_version())

        assert marks[0] == marks[1]
        assert len(set(marks)) == 3

    def test_transaction_of_many_changes_adds_one_row(self):
        before = rows()
        with transaction.atomic():
            for number in range(3):
                with transaction.atomic():
                    make_agency(f"agency-{number}")

        assert rows() == before + 1

    def test_change_after_a_savepoint_was_rolled_back_moves_the_mark(self):
        before = read_data_version()
        with transaction.atomic():
            with transaction.atomic():
                make_agency("new")
                transaction.set_rollback(True)
            make_agency("newer")

        assert read_data_version() != before

    def test_folding_keeps_the_mark_and_waits_for_nobody(self, other):
        execute("TRUNCATE plans_change_mark")
        execute("INSERT INTO plans_change_mark (id, value) VALUES (1, 5), (2, 9), (3, 48)")
        with other.cursor() as cursor:
            other.set_autocommit(False)
            cursor.execute("INSERT INTO auth_group (name) VALUES ('open all the while')")
            cursor.execute("SELECT id FROM plans_change_mark ORDER BY id LIMIT 1 FOR UPDATE")
            execute("SET lock_timeout = '2s'")
            execute("SELECT setval(pg_get_serial_sequence('plans_change_mark', 'id'), 98)")
            marks = [read_data_version()]
            for number in range(3):
                Group.objects.create(name=f"{number}")
                marks.append(read_data_version())
            other.rollback()

        # The second of them folded all that were there before it, but for the row that was held.
        assert len(set(marks)) == 4
        assert rows() == 4

    def test_folding_of_all_rows_leaves_the_mark_as_it_is(self):
        execute("TRUNCATE plans_change_mark")
        execute("INSERT INTO plans_change_mark (id, value) VALUES (1, 5), (2, 9), (3, 48)")
        execute("SELECT setval(pg_get_serial_sequence('plans_change_mark', 'id'), 99)")
        Group.objects.create(name="new")

        with connection.cursor() as cursor:
            cursor.execute("SELECT value FROM plans_change_mark ORDER BY id")
            (own,), *folded = cursor.fetchall()

        assert folded == [(5 ^ 9 ^ 48,)]
        assert read_data_version() == own ^ 5 ^ 9 ^ 48

    def test_writers_at_once_neither_wait_nor_lose_a_change(self):
        before, wrong = rows(), []

        def write(number):
            try:
                for turn in range(10):
                    Group.objects.create(name=f"{number} {turn}")
            except Exception as error:  # noqa: BLE001 - told below
                wrong.append(error)
            finally:
                connections.close_all()

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

        assert wrong == []
        assert Group.objects.filter(name__regex=r"^\d \d$").count() == 40
        assert rows() <= before + 40 + 1


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM plans_change_mark")
        return cursor.fetchone()[0]
