"""Help in place: what a status, a role or a state of a description means stands where it is shown or chosen."""

import pytest

from plans.choices import Attention, DescriptionState, Due, Ending, Freshness, LeadsDiffer, Rating, Role, Status
from plans.filters.activities import STILL_OPEN
from plans.models import Activity
from tests.views.page import said

PLAN = "/plans/year-two/"


@pytest.mark.parametrize("status", Status)
def test_activity_says_what_its_status_means(year_two, see, status):
    Activity.objects.filter(number=1).update(status=status)

    page = see(f"{PLAN}activities/1/")

    (states,) = [one for one in page.main.iter("ul") if one.get("class") == "states"]
    assert said(states[0]) == f"{status.label} {status.meaning}"


def test_activity_says_what_its_roles_and_an_unfinished_description_mean(year_two, see):
    page = see(f"{PLAN}activities/6/")

    roles = page.terms(page.section("What do lead and support mean?"))
    assert roles == {role.label: role.meaning for role in Role}
    assert f"Description to be finalised {DescriptionState.TO_BE_FINALISED.meaning}" in page.text


def test_filters_say_what_can_be_chosen(year_two, see):
    terms = see(f"{PLAN}activities/").terms()

    assert terms == {
        **{status.label: status.meaning for status in Status},
        Attention.ANY.label: Attention.ANY.meaning,
        "Leads": Role.LEAD.meaning,
        "Supports": Role.SUPPORT.meaning,
        **{state.label: state.meaning for state in DescriptionState},
        **{freshness.label: freshness.meaning for freshness in Freshness},
        **{due.label: due.meaning for due in Due},
        **{rating.label: rating.meaning for rating in Rating},
        "Open": STILL_OPEN,
        **{ending.label: ending.meaning for ending in Ending},
        LeadsDiffer.YES.label: LeadsDiffer.YES.meaning,
    }


def test_overview_says_what_the_statuses_in_it_mean(year_two, see):
    Activity.objects.filter(number=1).update(status=Status.PAUSED)

    terms = see(PLAN).terms()

    assert terms == {one.label: one.meaning for one in (Status.NO_UPDATE, Status.PAUSED)}


def test_matrix_says_what_every_status_means(year_two, see):
    terms = see(f"{PLAN}matrix/").terms()

    assert terms == {status.label: status.meaning for status in Status}
