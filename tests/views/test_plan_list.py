"""`/plans/`: the plans that a person may see."""

from datetime import date

import pytest

from plans.choices import Marking
from plans.models import Plan
from tests.views.page import Page

DRAFT = "Not published. Only programme admins can see it."


@pytest.fixture
def plans(make_plan, open_reading):
    """A current plan of 3 activities, an older one of 1, and one that is not published."""
    make_plan("year-three", 2, is_published=False, ends_on=date(2027, 6, 30))
    make_plan("year-one", 1, starts_on=date(2024, 7, 1), marking=Marking.UNCLASSIFIED)
    make_plan("year-two", 3, is_current=True, starts_on=date(2025, 7, 1), ends_on=date(2026, 6, 30))


def cards(page):
    """What stands in the list: [(name, address, words)]."""
    return [
        (words, href, " ".join("".join(page.closest(link, {"li", "tr"}).itertext()).split()))
        for link in page.main.iter("a")
        for words, href in [("".join(link.itertext()).strip(), link.get("href"))]
        if href.startswith("/plans/") and not href.endswith(("/new/", "/make-current/", "/edit/"))
    ]


def test_list_shows_published_plans_the_current_one_first(plans, see):
    page = see("/plans/")

    assert [(name, address) for name, address, _ in cards(page)] == [
        ("Year two plan", "/plans/year-two/"),
        ("Year one plan", "/plans/year-one/"),
    ]
    assert "Year three" not in page.html


def test_list_says_size_period_marking_and_which_is_current(plans, see):
    (_, _, two), (_, _, one) = cards(see("/plans/"))

    assert [part in two for part in ("3 activities", "1 July 2025 to 30 June 2026", "IN-CONFIDENCE", "Current")] == [
        True
    ] * 4
    assert [part in one for part in ("1 activity", "From 1 July 2024", "UNCLASSIFIED", "Current")] == [
        True,
        True,
        True,
        False,
    ]


def test_list_leaves_withdrawn_activities_out_of_its_count(make_plan, open_reading, see):
    plan = make_plan("year-two", 3)
    plan.activities.filter(number=1).update(withdrawn_on=date(2026, 7, 1))

    assert "2 activities" in cards(see("/plans/"))[0][2]


def test_programme_admin_sees_what_is_not_published_and_that_it_is_not(plans, programme_admin):
    shown = cards(Page(programme_admin.get("/plans/")))

    assert [address for _, address, _ in shown] == ["/plans/year-two/", "/plans/year-one/", "/plans/year-three/"]
    assert [address for _, address, words in shown if DRAFT in words] == ["/plans/year-three/"]


@pytest.mark.parametrize("role", ["reader", "police_updater", "other_updater"])
def test_other_people_see_published_plans_only(plans, role, request):
    page = Page(request.getfixturevalue(role).get("/plans/"))

    assert [address for _, address, _ in cards(page)] == ["/plans/year-two/", "/plans/year-one/"]


def test_list_without_plans_says_what_to_do(db, open_reading, see):
    page = see("/plans/")

    assert cards(page) == []
    assert "No plans to show" in page.text


def test_list_shows_hostile_words_as_words(make_plan, open_reading, see):
    make_plan("year-two", 0, name="<b>Plan</b>", programme="<i>Programme</i>")

    assert "<b>Plan</b> <i>Programme</i>" in see("/plans/").text


@pytest.mark.parametrize("count", [1, 15])
def test_list_costs_four_queries_for_any_number_of_plans(
    make_plan, open_reading, client, django_assert_num_queries, count
):
    for number in range(count):
        make_plan(f"year-{number}", 1)

    with django_assert_num_queries(4):
        client.get("/plans/")


def test_list_of_many_plans_is_paged(db, open_reading, see):
    Plan.objects.bulk_create(
        Plan(slug=f"plan-{number}", name=f"Plan {number:02}", short_name="Plan", is_published=True)
        for number in range(51)
    )

    assert [len(list(see(f"/plans/?page={page}").root.iter("h2"))) for page in (1, 2)] == [50, 1]
