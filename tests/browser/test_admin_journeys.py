"""What a programme admin does to keep a plan, with its clicks, keys and page loads, which no later change may raise."""

import pytest
from playwright.sync_api import expect

from plans.models import Activity, Agency, Plan, ReportingRound
from tests.browser.listing import PLAN
from tests.browser.test_reporting import Hand, december, told_before  # noqa: F401


@pytest.fixture
def desk(open_page, programme_admin):
    """Where the admin sits: `desk(address)` answers (page, hand, what it cost so far)."""

    def begin(address, **options):
        page = open_page(by=programme_admin, **options)
        page.goto(address)
        hand, loads = Hand(page), []

        def count(loaded):
            loads.append(loaded)

        page.on("domcontentloaded", count)
        return page, hand, lambda: (hand.clicks, hand.keys, len(loads))

    return begin


def heading(page, words):
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


@pytest.mark.parametrize("scripts", [True, False])
def test_admin_finalises_a_description(desk, told_before, scripts):  # noqa: F811
    """Before: 6 clicks, 26 keys, 5 page loads."""
    told_before(1)
    page, hand, cost = desk(PLAN, java_script_enabled=scripts)
    hand.click("link", "Finalise description of activity 15")
    hand.click("button", "Finalise description")
    heading(page, "15. Stocktake of initiatives")
    assert Activity.objects.get(number=15).description_state == "finalised"
    assert cost() == (2, 0, 2)


def test_admin_adds_an_activity(desk):
    """Before, with the same title of 19 letters: 9 clicks, 21 keys, 3 page loads."""
    page, hand, cost = desk(f"{PLAN}activities/")
    hand.click("link", "Add activity")
    hand.click("textbox", "Title")
    hand.type("Nineteen characters")
    hand.click("radio", "DEMAND")
    hand.click("radio", "Enhance agency capability")
    hand.press("Enter")
    heading(page, "16. Nineteen characters")
    assert cost() == (4, 20, 2)


def test_admin_withdraws_an_activity_and_brings_it_back(desk):
    """Before, from the list of the admin: 4 clicks and 1 page load, with no keys since no reason was asked."""
    page, hand, cost = desk(f"{PLAN}activities/3/")
    hand.click("link", "Withdraw")
    expect(page.get_by_label("Reason for change")).to_be_focused()
    hand.type("Not funded")
    hand.press("Enter")
    expect(page.get_by_text("Activity 3 is withdrawn. Its history is kept.")).to_be_visible()
    assert cost() == (1, 11, 2)
    hand.click("link", "Bring back")
    page.get_by_label("Reason for change").fill("Funded")
    hand.click("button", "Bring back activity")
    expect(page.get_by_text("Activity 3 is back in the plan.")).to_be_visible()


def test_admin_adds_next_years_plan_and_makes_it_current(desk):
    """Before: 6 clicks, 37 keys, 4 page loads, and a moment without a current plan."""
    page, hand, cost = desk("/plans/")
    hand.click("link", "Add plan")
    hand.click("checkbox", "Make this the current plan now")
    hand.click("button", "Add plan")
    heading(page, "Year Three ROCC Action Plan")
    assert list(Plan.objects.filter(is_current=True).values_list("slug", flat=True)) == ["year-three"]
    assert cost() == (3, 0, 2)


def test_admin_renames_an_agency(desk):
    """Before: 2 clicks, 12 keys, 2 page loads, and the old name was lost."""
    page, hand, cost = desk(f"{PLAN}agencies/msd/")
    hand.click("link", "Edit agency")
    page.get_by_label("Name", exact=True).select_text()
    hand.type("Social Devs")
    hand.press("Enter")
    heading(page, "Social Devs")
    assert [alias.alias for alias in Agency.objects.get(code="msd").aliases.all()] == ["MSD"]
    assert cost() == (1, 12, 2)


def test_admin_adds_an_agency(desk):
    """Before: 3 clicks, 34 keys, 3 page loads."""
    page, hand, cost = desk(f"{PLAN}agencies/")
    hand.click("link", "Add agency")
    hand.click("textbox", "Name", exact=True)
    hand.type("Fire and Emergency NZ")
    hand.press("Enter")
    expect(page.get_by_role("link", name="Fire and Emergency NZ")).to_be_visible()
    assert cost() == (2, 22, 2)


def test_admin_changes_the_lead_agencies(desk):
    """Before: 2 clicks, 42 keys, 2 page loads, and 5 screens to scroll."""
    page, hand, cost = desk(f"{PLAN}activities/2/")
    hand.click("link", "Change agencies")
    page.get_by_role("radiogroup", name="GHIC").get_by_label("Lead").check()
    page.get_by_role("radiogroup", name="Police").get_by_label("Lead").check()
    hand.clicks += 2
    hand.click("textbox", "Reason for change")
    hand.type("Agreed")
    hand.press("Enter")
    heading(page, "2. Reintegration support for deportees")
    leads = [link.agency.name for link in Activity.objects.with_agencies().get(number=2).lead_links]
    assert {"GHIC", "Police"} <= set(leads)
    assert cost() == (4, 7, 2)


def test_admin_closes_the_round_and_opens_the_next_one(desk, december):  # noqa: F811
    """Before: 6 clicks, 23 keys, 6 page loads."""
    page, hand, cost = desk(f"{PLAN}rounds/{december.pk}/")
    hand.click("link", "Close the round")
    hand.click("button", "Close the round")
    hand.click("link", "Open the next round")
    hand.click("button", "Open the round")
    heading(page, "March quarter")
    assert ReportingRound.objects.get(name="March quarter").due_on > december.due_on
    assert cost() == (4, 0, 4)
