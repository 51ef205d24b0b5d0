"""Imports as jobs make them, in no transaction of a test: PostgreSQL locks no row outside of one."""

import pytest

from plans.actions import record_update
from plans.choices import ImportScope
from plans.models import Agency, Barrier, SubActivity, User
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.outcome import Options
from tests.spreadsheets.importing.test_renumbering import FILE, by_number, exported, insert, swap
from tests.views.conftest import open_reading, year_two  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
HEADINGS = "Number,Update Status,What Happened,Barrier,Reporting Agency"
NEW, KNOWN = "1,At risk,Late,No staff,Police", "5,At risk,Late,No money,Police"


@pytest.fixture
def admin(db):
    return User.objects.create_superuser("boss@programme.example")


def checked(plan, admin, *lines, headings=HEADINGS, options=None):
    return checked_file(plan, admin, "\n".join([headings, *lines]).encode(), options)


def checked_file(plan, admin, content, options=None):
    source = workflow.keep_file(plan, content, "file.csv", by=admin, scope=ImportScope.PLAN, options=options)
    workflow.run_check(source)
    assert (source.state, source.problem) == ("checked", "")
    return source


def test_barriers_are_opened_once_and_taken_back(year_two, admin):  # noqa: F811
    activity, police = year_two.activities.get(number=5), Agency.objects.get(code="police")
    record_update(activity=activity, by=admin, status="at_risk", agency=police, barrier="No money")
    source = checked(year_two, admin, NEW, KNOWN)

    workflow.run_apply(source, admin)
    assert (source.state, source.problem) == ("applied", "")
    barriers = Barrier.objects.order_by("activity__number").values_list("activity__number", "text")
    assert list(barriers) == [(1, "No staff"), (5, "No money")]

    workflow.run_undo(source, admin)
    assert (source.state, source.problem) == ("undone", "")
    assert list(Barrier.objects.open().values_list("text", flat=True)) == ["No money"]


@pytest.mark.parametrize("edit", [swap, insert])
def test_activities_are_renumbered_and_numbered_back(year_two, admin, edit):  # noqa: F811
    before = by_number()
    source = checked_file(year_two, admin, exported(year_two, edit), Options(answers=FILE))

    workflow.run_apply(source, admin)
    assert (source.state, source.problem) == ("applied", "")
    assert by_number() != before

    workflow.run_undo(source, admin)
    assert (source.state, source.problem) == ("undone", "")
    assert {number: pk for number, pk in by_number().items() if pk in before.values()} == before


def test_agencies_and_sub_activities_are_added_withdrawn_and_taken_back(year_two, admin):  # noqa: F811
    names = {"agency": {"Fire and Emergency": {"create": "Fire and Emergency"}}}
    line = '3,"One list:\n• A new step",Fire and Emergency'
    options = Options(names=names, answers=FILE)
    source = checked(year_two, admin, line, headings="Number,Description,Agency Lead", options=options)
    activity = year_two.activities.get(number=3)
    steps = SubActivity.objects.in_force().filter(activity=activity)
    before = list(steps.values_list("text", flat=True))

    workflow.run_apply(source, admin)
    assert (source.state, source.problem) == ("applied", "")
    assert list(steps.all().values_list("text", flat=True)) == ["A new step"]
    assert Agency.objects.filter(name="Fire and Emergency").exists()

    workflow.run_undo(source, admin)
    assert (source.state, source.problem) == ("undone", "")
    assert list(steps.all().values_list("text", flat=True)) == before
    assert not Agency.objects.filter(name="Fire and Emergency").exists()
