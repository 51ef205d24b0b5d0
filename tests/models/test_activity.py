"""The lines of a plan."""

import pytest

from plans.choices import PRINTED_HEADINGS, Status
from plans.models import Activity, ActivityAgency, Plan, SubActivity
from tests.year_two import load_year_two


@pytest.fixture
def year_two(db):
    """The Year Two plan."""
    load_year_two()


def test_activity_reads_as_number_and_title():
    assert str(Activity(number=1, title="Operation Cobalt")) == "1. Operation Cobalt"


def test_activity_without_a_title_says_so():
    activity = Activity(number=6)
    assert (str(activity), activity.name) == ("Activity 6 (title to be finalised)",) * 2


def test_activity_begins_without_an_update_and_to_be_finalised():
    activity = Activity(number=1)
    assert (activity.status_choice, activity.is_to_be_finalised) == (Status.NO_UPDATE, True)


def test_activity_that_is_finalised_says_so():
    assert Activity(description_state="finalised").is_to_be_finalised is False


def test_activity_has_its_page():
    assert Activity(plan=Plan(slug="year-two"), number=6).get_absolute_url() == "/plans/year-two/activities/6/"


def test_activity_links_are_in_printed_order_by_role(year_two, django_assert_num_queries):
    activity = Activity.objects.with_agencies().get(number=7)
    with django_assert_num_queries(0):
        leads = [link.agency.name for link in activity.lead_links]
        supports = [link.agency.name for link in activity.support_links]
    assert leads == ["Kāinga Ora"]
    assert supports == ["Police", "APA", "MSD", "Oranga Tamariki", "Te Whatu Ora"]


def test_activity_shows_its_printed_cells_under_their_headings(year_two):
    cells = Activity.objects.get(number=6).printed_cells
    assert [heading for heading, _ in cells] == list(PRINTED_HEADINGS.values())
    assert [text for _, text in cells][2:] == ["6.", "Activity description yet to be finalised.", "", ""]


def test_activity_that_was_not_published_has_no_printed_cells():
    assert Activity(number=16).printed_cells == []


def test_link_reads_as_agency_and_role(year_two):
    assert str(ActivityAgency.objects.get(activity__number=1)) == "Police (lead)"


def test_natural_keys_find_the_rows_that_they_name(year_two):
    for model in (Activity, ActivityAgency, SubActivity):
        rows = list(model.objects.all())
        assert [model.objects.get_by_natural_key(*row.natural_key()) for row in rows] == rows


def test_sub_activities_are_listed_by_position(year_two):
    activity = Activity.objects.get(number=4)
    activity.sub_activities.filter(position=1).update(position=9)
    assert [item.position for item in activity.sub_activities.all()] == [2, 3, 9]
