"""The made-up data that everything is measured with: the same each time, of the size that was asked for, and right."""

import pytest
from django.db import connection
from django.db.models import F

from benchmarks.dataset_rows import TABLES
from benchmarks.datasets import DataSet, fill, report_on
from benchmarks.indexes import indexes_later
from plans.models import Activity, ActivityAgency, Barrier, Plan, StatusUpdate, SubActivity, User
from plans.text import fold
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas_and_agencies(db):
    load_year_two()


def _rows(slug):
    activities = Activity.objects.filter(plan__slug=slug).order_by("number")
    links = ActivityAgency.objects.filter(activity__in=activities).order_by("activity__number", "role", "position")
    updates = StatusUpdate.objects.filter(activity__in=activities).order_by("activity__number", "made_at")
    return [
        list(
            activities.values_list(
                "number", "title", "description", "focus_area__code", "priority_area__code", "status"
            )
        ),
        list(links.values_list("activity__number", "agency__code", "role", "position")),
        list(updates.values_list("activity__number", "agency__code", "round__name", "status", "barrier", "made_at")),
    ]


def test_data_set_has_the_size_that_was_asked_for(areas_and_agencies):
    before = [model.objects.count() for model in (Plan, Activity, ActivityAgency, SubActivity)]

    fill(DataSet(plans=2, activities=40))

    after = [model.objects.count() for model in (Plan, Activity, ActivityAgency, SubActivity)]
    assert [new - old for new, old in zip(after, before, strict=True)] == [2, 80, 400, 48]
    # Of 40 numbers 30 are not divisible by 4; 20 of them not by 3 either; 1 of those is 20n + 1 (1; 21 is 3 × 7).
    assert [StatusUpdate.objects.count(), Barrier.objects.count()] == [100, 2]


def test_plan_is_the_same_whatever_is_beside_it(areas_and_agencies):
    fill(DataSet(plans=1, activities=30, first=2))
    alone = _rows("plan-2")
    Plan.objects.filter(slug="plan-2").update(slug="earlier")

    fill(DataSet(plans=3, activities=30))

    assert _rows("plan-2") == alone
    assert _rows("plan-1") != alone


def test_folded_text_is_what_saving_would_make_of_it(areas_and_agencies):
    fill(DataSet(plans=1, activities=30))

    for activity in Activity.objects.filter(plan__slug="plan-1"):
        assert activity.search_text == fold(f"{activity.title} {activity.description}")
    for item in SubActivity.objects.filter(activity__plan__slug="plan-1"):
        assert item.search_text == fold(item.text)


def test_rows_are_as_people_would_have_left_them(areas_and_agencies):
    fill(DataSet(plans=1, activities=60))

    activities = Activity.objects.filter(plan__slug="plan-1").with_latest_update()
    assert set(activities.filter(last_update_at=None).values_list("status", flat=True)) == {"no_update"}
    reported = activities.exclude(last_update_at=None)
    assert reported.count() == 45
    for activity in reported:
        assert activity.updates.with_status().first().status == activity.status
        assert [one.status for one in activity.history.order_by("history_id")] == ["no_update", activity.status]
    assert not StatusUpdate.objects.exclude(activity__agency_links__agency=F("agency")).exists()
    assert {link.history.count() for link in ActivityAgency.objects.filter(activity__plan__slug="plan-1")} == {1}


def test_plan_that_is_there_is_reported_on(areas_and_agencies):
    plan = Plan.objects.get(slug="year-two")

    report_on(plan)

    # 15 activities, of which 4, 8 and 12 never report; 6 has no lead.
    assert sorted(set(StatusUpdate.objects.values_list("activity__number", flat=True))) == [
        number for number in range(1, 16) if number not in (4, 6, 8, 12)
    ]
    assert Activity.objects.get(plan=plan, number=6).status == "no_update"
    assert plan.open_round.name == "June quarter"


def test_people_can_report(areas_and_agencies):
    fill(DataSet(plans=1, activities=10))

    assert User.objects.filter(memberships__ended_at=None, memberships__isnull=False).count() == 20


def test_too_small_a_plan_is_refused(areas_and_agencies):
    with pytest.raises(ValueError, match="5 activities or more"):
        fill(DataSet(plans=1, activities=4))


def test_nothing_temporary_is_left(areas_and_agencies):
    fill(DataSet(plans=1, activities=5))
    fill(DataSet(plans=1, activities=5, first=2))

    assert not [name for name in connection.introspection.table_names() if name.startswith("bench_")]


@pytest.mark.postgresql_only
def test_indexes_that_stood_back_come_back_as_they_were(db):
    asked = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) ORDER BY 1",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) ORDER BY 1",
    )
    with connection.cursor() as cursor:
        before = [cursor.execute(question, [TABLES]).fetchall() for question in asked]

        with indexes_later(cursor, TABLES):
            left = {name for name, _ in cursor.execute(asked[0], [TABLES]).fetchall()}

        after = [cursor.execute(question, [TABLES]).fetchall() for question in asked]
    assert left == {f"{table}_pkey" for table in TABLES}
    assert after == before
