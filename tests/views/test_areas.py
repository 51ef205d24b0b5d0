"""`/plans/<plan>/focus-areas/<code>/` and `/plans/<plan>/priority-areas/<code>/`."""

import re
from datetime import date

import pytest

from plans.choices import Status
from plans.models import FocusArea, PriorityArea

PLAN = "/plans/year-two/"
FOCUS = {"supply": [1, 2, 3], "demand": [4, 5], "resilience": [6, 7, 8, 9], "enable": [10, 11, 12, 13, 14, 15]}
PRIORITY = {
    "p1": [1],
    "p2": [2],
    "p3": [3],
    "p4": [4, 5, 7, 8],
    "p5": [6, 9],
    "p6": [10, 12, 15],
    "p7": [11, 13, 14],
}
AREAS = [(f"focus-areas/{code}/", f"focus={code}", numbers) for code, numbers in FOCUS.items()] + [
    (f"priority-areas/{code}/", f"priority={code}", numbers) for code, numbers in PRIORITY.items()
]


@pytest.mark.parametrize(("address", "query", "numbers"), AREAS)
def test_area_shows_its_activities_and_leads_to_their_list(year_two, see, address, query, numbers):
    page = see(PLAN + address)

    assert page.numbers == numbers
    noun = "activity" if len(numbers) == 1 else "activities"
    assert page.link(f"{len(numbers)} {noun}") == f"{PLAN}activities/?{query}"
    assert see(f"{PLAN}activities/?{query}").numbers == numbers


def test_focus_area_is_headed_by_its_statement_as_printed(year_two, see):
    page = see(f"{PLAN}focus-areas/resilience/")

    assert page.h1 == (
        "Strengthen whānau wellbeing and build community resilience to the conditions that enable organised crime to "
        "operate"
    )
    assert page.title == "Resilience – Year Two ROCC Action Plan"


def test_priority_area_is_headed_by_its_name(year_two, see):
    page = see(f"{PLAN}priority-areas/p2/")

    assert page.h1 == "Enhance the management of and support provided to deportees"


def test_area_counts_its_statuses_and_each_leads_to_what_it_counts(year_two, see):
    year_two.activities.filter(number__in=[7, 11]).update(status=Status.AT_RISK)

    page = see(f"{PLAN}priority-areas/p4/")

    counts = {
        href.partition("?")[2]: int(re.findall(r"\d+", words)[-1]) for words, href in page.links() if "status=" in href
    }
    assert counts == {"priority=p4&status=no_update": 3, "priority=p4&status=at_risk": 1}
    assert see(f"{PLAN}activities/?priority=p4&status=at_risk").numbers == [7]


@pytest.mark.parametrize("address", ["focus-areas/SUPPLY/", "priority-areas/P1/"])
def test_area_is_found_in_either_case(year_two, see, address):
    assert see(PLAN + address).numbers == see(PLAN + address.lower()).numbers


@pytest.mark.parametrize(
    "address", ["focus-areas/nowhere/", "priority-areas/p9/", "focus-areas/p1/", "priority-areas/supply/"]
)
def test_unknown_area_is_not_found(year_two, see, address):
    assert see(PLAN + address, status=404).h1 == "Page not found"


@pytest.mark.parametrize("address", ["focus-areas/unused/", "priority-areas/p8/"])
def test_area_without_an_activity_in_the_plan_is_not_found(year_two, see, address):
    FocusArea.objects.create(code="UNUSED", statement="Unused")
    PriorityArea.objects.create(code="P8", name="Unused")

    see(PLAN + address, status=404)


def test_area_leaves_out_other_plans_and_what_is_withdrawn(make_plan, open_reading, see):
    plan = make_plan("year-two", 5)
    make_plan("year-three", 9)
    plan.activities.filter(number=3).update(withdrawn_on=date(2026, 7, 1))

    assert see(f"{PLAN}focus-areas/supply/").numbers == [1, 5]
    assert see(f"{PLAN}priority-areas/p1/").numbers == [1, 5]


def test_area_shows_fifty_activities_and_leads_to_all(make_plan, open_reading, see):
    make_plan("year-two", 102)

    page = see(f"{PLAN}focus-areas/supply/")

    assert page.numbers == list(range(1, 100, 2))
    assert page.link("All 51 activities") == f"{PLAN}activities/?focus=supply"


@pytest.mark.parametrize("count", [2, 30])
@pytest.mark.parametrize("address", ["focus-areas/supply/", "priority-areas/p1/"])
def test_area_costs_as_many_queries_for_one_activity_as_for_fifteen(
    make_plan, open_reading, client, django_assert_num_queries, address, count
):
    make_plan("year-two", count)

    with django_assert_num_queries(6):
        client.get(PLAN + address)
