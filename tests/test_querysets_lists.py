"""States, orders and fetch plans of activities, over the Year Two plan."""

from datetime import UTC, date, datetime

import pytest
from django.utils.timezone import localdate

from plans.choices import Sort
from plans.models import Activity, Agency, Plan, ReportingRound, StatusUpdate, SubActivity, User
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

ALL = list(range(1, 16))


@pytest.fixture(autouse=True)
def year_two(db):
    """The Year Two plan."""
    load_year_two()


def numbers(activities):
    return [activity.number for activity in activities]


def report(number, status, day):
    activity = Activity.objects.get(number=number)
    author, _ = User.objects.get_or_create(email="updater@police.example")
    moment = datetime(2024, 8, day, tzinfo=UTC)
    police = Agency.objects.get(code="police")
    return StatusUpdate.objects.create(activity=activity, agency=police, author=author, status=status, made_at=moment)


def set_status(number, status):
    Activity.objects.filter(number=number).update(status=status)


def test_in_force_leaves_out_the_withdrawn():
    Activity.objects.filter(number=2).update(withdrawn_on=date(2024, 8, 1))
    assert numbers(Activity.objects.in_force()) == [1, *range(3, 16)]


def test_to_be_finalised_are_6_and_15():
    assert numbers(Activity.objects.to_be_finalised()) == [6, 15]


def test_off_track_are_those_and_not_the_ones_at_risk():
    set_status(3, "off_track")
    set_status(4, "at_risk")
    assert numbers(Activity.objects.off_track()) == [3]


def test_latest_update_is_the_last_made():
    report(1, "on_track", day=2)
    report(1, "at_risk", day=5)
    report(1, "on_track", day=3)
    updated = {a.number: a.last_update_at for a in Activity.objects.with_latest_update() if a.last_update_at}
    assert updated == {1: datetime(2024, 8, 5, tzinfo=UTC)}


def test_sorted_by_number():
    assert numbers(Activity.objects.with_latest_update().sorted_by(Sort.NUMBER)) == ALL


def test_sorted_by_last_update_has_the_newest_first_and_those_without_last():
    report(9, "on_track", day=2)
    report(4, "on_track", day=5)
    report(11, "on_track", day=5)
    assert numbers(Activity.objects.with_latest_update().sorted_by(Sort.UPDATED)) == [
        *(4, 11, 9),
        *(n for n in ALL if n not in {4, 9, 11}),
    ]


def test_sorted_by_status_follows_the_order_of_the_choices():
    set_status(1, "paused")
    set_status(2, "complete")
    set_status(3, "not_started")
    assert numbers(Activity.objects.with_latest_update().sorted_by(Sort.STATUS)) == [*range(4, 16), 3, 2, 1]


def test_what_needs_attention_comes_worst_first():
    set_status(9, "off_track")
    activities = Activity.objects.with_freshness(None, localdate())

    assert numbers(activities.needing_attention(50, is_late=False, on=localdate())) == [9, 6, 15]


def test_what_is_late_needs_attention_after_what_is_off_track():
    set_status(9, "off_track")
    set_status(3, "complete")
    days = {"opened_on": date(2020, 1, 1), "due_on": date(2020, 3, 1)}
    late = ReportingRound.objects.create(plan=Plan.objects.get(), name="June quarter", **days)
    on = date(2020, 3, 2)
    activities = Activity.objects.with_freshness(late, on)

    assert numbers(activities.needing_attention(50, is_late=True, on=on)) == [
        9,
        *(n for n in ALL if n not in {3, 9}),
    ]


def test_first_of_each_focus_area_follows_the_areas_not_the_numbers():
    Activity.objects.filter(number=15).update(focus_area=Activity.objects.get(number=1).focus_area)
    assert numbers(Activity.objects.first_of_each_focus_area(9)) == [1, 2, 3, 15, *range(4, 15)]


def test_first_of_each_focus_area_stops_at_the_limit():
    assert numbers(Activity.objects.first_of_each_focus_area(2)) == [1, 2, 4, 5, 6, 7, 10, 11]


@pytest.mark.parametrize("count", [1, 3, 15])
def test_list_page_costs_two_queries_for_any_number_of_rows(django_assert_num_queries, count):
    with django_assert_num_queries(2):
        rows = [
            (a.focus_area.code, a.priority_area.code, [link.agency.name for link in a.lead_links], a.last_update_at)
            for a in Activity.objects.for_list_page().order_by("number")[:count]
        ]
    assert (len(rows), rows[0]) == (count, ("SUPPLY", "P1", ["Police"], None))


@pytest.mark.parametrize("count", [1, 3, 15])
def test_export_costs_four_queries_for_any_number_of_rows(django_assert_num_queries, count):
    with django_assert_num_queries(4):
        rows = [
            ([link.agency.name for link in a.support_links], [item.text for item in a.sub_activities.all()])
            for a in Activity.objects.for_export(localdate()).order_by("-number")[:count]
        ]
    assert (len(rows), rows[0]) == (count, (["All"], []))


def test_sub_activities_are_prefetched_in_order_without_the_withdrawn():
    SubActivity.objects.filter(activity__number=4, position=2).update(withdrawn_on=date(2024, 8, 1))
    activity = Activity.objects.with_sub_activities().get(number=4)
    assert [item.position for item in activity.sub_activities.all()] == [1, 3]


def test_updates_of_plan_leave_out_other_plans_and_the_withdrawn(django_assert_num_queries):
    kept, withdrawn, elsewhere = report(1, "on_track", 2), report(2, "on_track", 3), report(3, "on_track", 4)
    other = Plan.objects.create(slug="other", name="Other", short_name="Other")
    Activity.objects.filter(pk=withdrawn.activity_id).update(withdrawn_on=date(2024, 8, 1))
    Activity.objects.filter(pk=elsewhere.activity_id).update(plan=other)
    plan = Plan.objects.get(slug="year-two")
    with django_assert_num_queries(1):
        updates = [(u.activity.number, u.author.email, u.agency.code) for u in StatusUpdate.objects.of_plan(plan)]
    assert updates == [(kept.activity.number, "updater@police.example", "police")]
