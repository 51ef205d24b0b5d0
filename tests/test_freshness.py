"""How old the latest report is: judged by reports alone, shown in lists, filtered by, counted and exported."""

from datetime import date, timedelta

import pytest
from django.db.models import Q, Value
from django.utils import timezone

from plans.choices import Attention, DescriptionState, Freshness, Role, Status, UpdateKind
from plans.models import Activity, ActivityAgency, Barrier, Plan, ReportingRound, StatusUpdate
from plans.querysets.freshness import reasons_for_attention
from tests.views.conftest import (  # noqa: F401
    make_activity,
    make_plan,
    open_reading,
    report,
    see,
    year_two,
)
from tests.views.page import csv_rows, xlsx_rows

LIST = "/plans/year-two/activities/"
OPENED = date(2020, 1, 1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def open_round(today):
    """Opens a round of a plan that was due so many days ago: `open_round(plan, 3)`."""

    def make(plan, days_ago):
        due_on = today - timedelta(days=days_ago)
        return ReportingRound.objects.create(plan=plan, name="December quarter", opened_on=OPENED, due_on=due_on)

    return make


@pytest.fixture
def four(make_plan, open_reading, report):  # noqa: F811
    """Four activities: 1 reported in the round, 2 before it, 3 never, 4 is complete. The round comes with `judge`."""

    def make(reporting_round, plan):
        one, two, _, four = plan.activities.order_by("number")
        report(two, made_at=timezone.now() - timedelta(days=100))
        Activity.objects.filter(pk=four.pk).update(status=Status.COMPLETE)
        if reporting_round:
            report(one, round=reporting_round)
        else:
            report(one)

    return make


def judged(activities):
    return dict(activities.values_list("number", "freshness"))


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        (None, ["current", "current", "never", "never"]),
        (-1, ["current", "due", "never", "current"]),
        (0, ["current", "due", "never", "current"]),
        (1, ["current", "overdue", "never", "current"]),
    ],
)
def test_freshness_is_judged_by_the_open_round(make_plan, four, open_round, today, days_ago, expected):  # noqa: F811
    plan = make_plan("year-two", 4)
    other = open_round(make_plan("year-three", 4), 50)
    four(open_round(plan, days_ago) if days_ago is not None else None, plan)
    assert other.plan.open_round != plan.open_round

    of_plan = Activity.objects.filter(plan=plan)

    assert judged(of_plan.with_freshness(plan.open_round, today)) == dict(enumerate(expected, 1))
    assert judged(of_plan.with_own_freshness(today)) == dict(enumerate(expected, 1))


def test_neither_edits_nor_notes_nor_set_statuses_make_an_activity_fresher(
    make_plan,  # noqa: F811
    report,  # noqa: F811
    open_round,
    today,
):
    plan = make_plan("year-two", 1)
    reporting_round = open_round(plan, 1)
    activity = plan.activities.get()
    report(activity, made_at=timezone.now() - timedelta(days=100))
    report(activity, kind=UpdateKind.SET, round=reporting_round)
    activity.refresh_from_db()
    activity.description = "Reworded"
    activity.save()

    assert judged(Activity.objects.with_freshness(reporting_round, today)) == {1: Freshness.OVERDUE}


def test_report_of_a_closed_round_is_not_one_of_the_open_round(make_plan, report, open_round, make_user, today):  # noqa: F811
    plan = make_plan("year-two", 1)
    before = open_round(plan, 50)
    report(plan.activities.get(), round=before)
    before.closed_at, before.closed_by = timezone.now(), make_user("admin@programme.example")
    before.save()
    ReportingRound.objects.create(plan=plan, name="Next quarter", opened_on=OPENED, due_on=today)

    assert judged(Activity.objects.with_own_freshness(today)) == {1: Freshness.DUE}


# Filter


@pytest.fixture
def late(make_plan, four, open_round):  # noqa: F811
    """The four activities, three days after the round was due."""
    plan = make_plan("year-two", 4)
    four(open_round(plan, 3), plan)
    return plan


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("freshness=current", [1, 4]),
        ("freshness=OVERDUE", [2]),
        ("freshness=never", [3]),
        ("freshness=due", []),
        ("freshness=never&freshness=overdue", [2, 3]),
        ("freshness=current&status=complete", [4]),
        ("freshness=current&q=title+1", [1]),
    ],
)
def test_filter_leaves_what_is_that_fresh(late, see, query, numbers):  # noqa: F811
    assert sorted(see(f"{LIST}?{query}").numbers) == numbers


def test_facet_counts_given_the_other_filters(late, see):  # noqa: F811
    assert see(LIST).facet("freshness") == {"never": 1, "overdue": 1, "due": 0, "current": 2}
    assert see(f"{LIST}?status=complete").facet("freshness") == {"never": 0, "overdue": 0, "due": 0, "current": 1}
    assert see(f"{LIST}?freshness=never").facet("status")["no_update"] == 1
    assert see(f"{LIST}?freshness=never").facet("status")["complete"] == 0
    assert see(f"{LIST}?freshness=never").facet("freshness") == see(LIST).facet("freshness")
    assert see(f"{LIST}?freshness=current").facet("agency")["police"] == 2


def test_unknown_freshness_is_an_error_at_the_filter(late, see, client):  # noqa: F811
    page = see(f"{LIST}?freshness=stale")

    assert page.numbers == []
    assert page.errors_at("freshness") == [
        "There is no update status “stale”. Choose from: never, overdue, due, current."
    ]
    assert client.get(f"{LIST[:-1]}.csv?freshness=stale").status_code == 400


# Where it is shown


def test_rows_say_what_is_late_and_what_was_never_reported(late, see):  # noqa: F811
    page = see(LIST)

    flags = {
        number: [flag for flag in ("Update overdue by 3 days", "Never updated") if flag in page.row(number)]
        for number in (1, 2, 3, 4)
    }
    assert flags == {1: [], 2: ["Update overdue by 3 days"], 3: ["Update overdue by 3 days"], 4: []}


def test_status_without_a_report_says_that_none_was_made(make_plan, open_reading, see):  # noqa: F811
    plan = make_plan("year-two", 2)
    plan.activities.filter(number=2).update(status=Status.AT_RISK)

    page = see(LIST)

    # The first has no update at all, and its status says so.
    assert ["Never updated" in page.row(number) for number in (1, 2)] == [False, True]


def test_table_has_a_column_for_it(late, see):  # noqa: F811
    headings, *rows = see(f"{LIST}?view=table&group=none").table()

    column = headings.index("Update status")
    assert [row[column] for row in rows] == ["", "Update overdue by 3 days", "Update overdue by 3 days", ""]


def test_table_says_what_is_due_before_it_is_late(make_plan, open_reading, open_round, report, see):  # noqa: F811
    plan = make_plan("year-two", 3)
    current = open_round(plan, -3)
    report(plan.activities.get(number=1), round=current)
    report(plan.activities.get(number=2), made_at=timezone.now() - timedelta(days=100))

    headings, *rows = see(f"{LIST}?view=table&group=none").table()

    assert [row[headings.index("Update status")] for row in rows] == ["", "Due", "Due"]


def test_table_has_no_column_for_it_while_nothing_is_due(make_plan, open_reading, see):  # noqa: F811
    make_plan("year-two", 3)

    assert "Update status" not in see(f"{LIST}?view=table&group=none").table()[0]


@pytest.mark.parametrize(("ending", "read"), [("csv", csv_rows), ("xlsx", xlsx_rows)])
def test_exports_have_a_column_after_last_updated(late, client, ending, read):
    headings, *rows = read(client.get(f"/plans/year-two/activities.{ending}"))

    column = headings.index("Reporting Status")
    assert headings[column - 1] == "Last Updated"
    assert [row[column] for row in rows] == ["Up to date", "Overdue", "Never updated", "Up to date"]


def test_export_of_several_plans_judges_each_by_its_own_round(late, make_plan, open_round, report, today):  # noqa: F811
    other = make_plan("year-three", 1)
    report(other.activities.get(), made_at=timezone.now() - timedelta(days=100))
    open_round(other, -5)

    found = Activity.objects.order_by("plan__slug", "number").for_export(today)

    assert [(one.plan.slug, one.freshness) for one in found] == [
        ("year-three", "due"),
        ("year-two", "current"),
        ("year-two", "overdue"),
        ("year-two", "never"),
        ("year-two", "current"),
    ]
    assert Plan.objects.count() == 2


def test_latest_update_is_the_one_made_last_whichever_was_saved_last(year_two, report):  # noqa: F811
    activity = year_two.activities.get(number=4)
    latest = report(activity, made_at=timezone.now())
    report(activity, made_at=timezone.now() - timedelta(days=10))

    assert list(StatusUpdate.objects.latest_of(year_two.activities.all())) == [latest]


def test_each_reason_for_attention_is_about_its_own_activities(year_two, report, open_round, today, make_user):  # noqa: F811
    late_round, admin = open_round(year_two, 3), make_user("admin@programme.example")
    year_two.activities.update(description="Words", description_state=DescriptionState.FINALISED)
    report(year_two.activities.get(number=2), round=late_round)
    Activity.objects.filter(number=1).update(status=Status.OFF_TRACK)
    ActivityAgency.objects.filter(activity__number=3, role=Role.LEAD).delete()
    Activity.objects.filter(number=4).update(description_state=DescriptionState.TO_BE_FINALISED)
    update = report(year_two.activities.get(number=5), barrier="No funding", made_at=timezone.now() - timedelta(days=9))
    escalation = {"is_escalated": True, "escalated_at": update.made_at, "escalated_by": admin}
    Barrier.objects.create(activity=update.activity, update=update, text="No funding", **escalation)
    judged = year_two.activities.filter(number__lte=6).with_freshness(late_round, today).order_by("number")

    def about(*, is_late):
        reasons = reasons_for_attention(Q(Value(is_late)), today)
        return [[one.number for one in judged.filter(reason)] for reason in reasons]

    # Activity 6 was printed without a lead.
    assert about(is_late=True) == [[1], [5], [], [1, 3, 4, 5, 6], [3, 6], [4]]
    assert about(is_late=False) == [[1], [5], [], [], [3, 6], [4]]
    assert [one.number for one in judged.filter(attention=Attention.ANY)] == [1, 3, 4, 5, 6]
    assert [one.number for one in judged.filter(attention="")] == [2]
