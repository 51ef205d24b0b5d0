"""Imports as jobs make them, in no transaction of a test: PostgreSQL locks no row outside of one."""

import pytest

from plans.actions import record_update
from plans.choices import ImportScope
from plans.models import Agency, Barrier, User
from plans.spreadsheets.importing import record
from tests.views.conftest import open_reading, year_two, year_two_rows  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
HEADINGS = "Number,Update Status,What Happened,Barrier,Reporting Agency"
NEW, KNOWN = "1,At risk,Late,No staff,Police", "5,At risk,Late,No money,Police"


@pytest.fixture
def admin(db):
    return User.objects.create_superuser("boss@programme.example")


def checked(plan, admin, *lines):
    content = "\n".join([HEADINGS, *lines]).encode()
    source = record.keep_file(plan, content, "file.csv", by=admin, scope=ImportScope.PLAN)
    record.run_check(source)
    assert (source.state, source.problem) == ("checked", "")
    return source


def test_barriers_are_opened_once_and_taken_back(year_two, admin):  # noqa: F811
    activity, police = year_two.activities.get(number=5), Agency.objects.get(code="police")
    record_update(activity=activity, by=admin, status="at_risk", agency=police, barrier="No money")
    source = checked(year_two, admin, NEW, KNOWN)

    record.run_apply(source, admin)
    assert (source.state, source.problem) == ("applied", "")
    barriers = Barrier.objects.order_by("activity__number").values_list("activity__number", "text")
    assert list(barriers) == [(1, "No staff"), (5, "No money")]

    record.run_undo(source, admin)
    assert (source.state, source.problem) == ("undone", "")
    assert list(Barrier.objects.open().values_list("text", flat=True)) == ["No money"]
