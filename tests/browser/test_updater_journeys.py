"""What an updater does in a round, with its clicks, keys and page loads, which no later change may raise."""

import pytest
from playwright.sync_api import expect

from plans.actions import record_update
from plans.choices import Status
from plans.models import Activity, Agency, Barrier
from tests.browser.listing import PLAN
from tests.browser.test_reporting import (  # noqa: F401
    MINE,
    OWED_BY_POLICE,
    PASSWORD,
    Hand,
    card,
    december,
    said,
    told_before,
)


class Loads:
    """How many pages a person has loaded."""

    def __init__(self, page):
        self.count = 0
        page.on("domcontentloaded", self.add)

    def add(self, _):
        """Count one more."""
        self.count += 1


@pytest.fixture
def all_told(december, told_before):  # noqa: F811
    """Police has reported on everything it leads before the round."""
    for number in OWED_BY_POLICE:
        told_before(number)


def test_updater_signs_in_and_gives_four_updates(page, police_updater, all_told):
    """One of them with a barrier to escalate, one without change. Before: 12 clicks, 186 keys, 5 page loads."""
    record_update(
        activity=Activity.objects.get(number=13),
        by=police_updater.user,
        status=Status.ON_TRACK,
        agency=Agency.objects.get(code="police"),
    )
    police_updater.user.set_password(PASSWORD)
    police_updater.user.save()
    page.goto(f"/accounts/login/?next={MINE}")
    hand, loads = Hand(page), Loads(page)
    hand.click("textbox", "Email")
    hand.type(police_updater.user.email)
    hand.press("Tab")
    hand.type(PASSWORD)
    hand.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("December quarter updates")

    def save(number, status, words):
        page.get_by_role("region", name=f"{number}.").get_by_role("radio", name=status).click()
        hand.clicks += 1
        hand.press("Tab")
        hand.type(words)

    save(1, "Off track", "Phase three has not begun.")
    hand.press("Tab")
    hand.press("Enter")
    hand.press("Tab")
    hand.press("Tab")
    hand.type("No staff in two districts.")
    hand.press("Tab")
    hand.press("Space")
    hand.click("button", "Save update on 1.")
    expect(card(page, 5)).to_be_focused()
    save(5, "On track", "Six sites run.")
    hand.click("button", "Save update on 5.")
    expect(card(page, 8)).to_be_focused()
    save(8, "At risk", "Two agencies wait.")
    hand.click("button", "Save update on 8.")
    expect(card(page, 10)).to_be_focused()
    hand.click("button", "No change since")

    expect(page.get_by_role("heading", name="All 5 done")).to_be_visible()
    assert list(Barrier.objects.values_list("text", "is_escalated")) == [("No staff in two districts.", True)]
    assert len(said()) == 10
    assert (hand.clicks, loads.count) == (8, 5)
    assert hand.keys <= 186


def test_update_just_sent_is_corrected_in_two_clicks_and_two_page_loads(page, police_updater, all_told, open_page):
    """Before: 3 clicks, 55 keys and 3 page loads, since all had to be typed again."""
    page = open_page(by=police_updater)
    page.goto(MINE)
    card(page, 1).get_by_role("radio", name="On track").click()
    card(page, 1).get_by_label("What has happened").fill("Six sites run in tow regions.")
    card(page, 1).get_by_role("button", name="Save update").click()
    expect(card(page, 5)).to_be_focused()
    hand, loads = Hand(page), Loads(page)

    hand.click("link", "Correct the update on 1.")
    words = page.get_by_label("What has happened")
    expect(words).to_be_focused()
    hand.press("End")
    for _ in range(len("ow regions.")):
        hand.press("Backspace")
    hand.type("wo regions.")
    hand.click("button", "Save correction")

    expect(page.get_by_role("status")).to_contain_text("Correction saved: 1.")
    assert said()[-1] == (1, "on_track", "Six sites run in two regions.", False)
    assert (hand.clicks, hand.keys, loads.count) == (2, 23, 2)


@pytest.mark.parametrize("with_scripts", [True, False])
def test_nothing_changed_on_three_is_five_clicks(open_page, police_updater, all_told, with_scripts):
    page = open_page(by=police_updater, java_script_enabled=with_scripts)
    page.goto(MINE)
    page.get_by_text("Nothing changed on several activities?").click()
    for number in (5, 8, 10):
        page.get_by_role("checkbox", name=f"{number}.").check()
    page.get_by_role("button", name="Nothing changed on those ticked").click()

    expect(page.get_by_role("status")).to_contain_text("No change saved on 3 activities.")
    assert said()[5:] == [(number, "on_track", "", True) for number in (5, 8, 10)]


@pytest.mark.parametrize("with_scripts", [True, False])
def test_next_card_opens_with_the_focus_and_without_a_jump(open_page, police_updater, all_told, with_scripts):
    page = open_page(by=police_updater, width=390, height=844, java_script_enabled=with_scripts)
    page.goto(MINE)
    card(page, 8).get_by_text("Add update").click()
    card(page, 8).get_by_role("radio", name="At risk").check()
    card(page, 8).get_by_label("What has happened").fill("Two agencies wait.")
    card(page, 8).get_by_role("button", name="Save update").click()

    expect(card(page, 10)).to_be_focused()
    expect(card(page, 10).get_by_role("heading")).to_be_in_viewport()
    expect(page.get_by_text("Update saved: 8.")).to_be_in_viewport()
    expect(card(page, 10).get_by_role("radio", name="On track")).to_be_visible()
    expect(card(page, 1).get_by_role("radio", name="On track")).to_be_hidden()


def test_meanings_of_statuses_are_on_demand_on_a_phone(open_page, police_updater, all_told):
    page = open_page(by=police_updater, width=390, height=844)
    page.goto(f"{PLAN}activities/1/update/")
    meaning = page.get_by_text("Work has stopped for now and will restart.")
    expect(meaning.filter(visible=True)).to_have_count(0)
    assert page.get_by_label("What has happened").bounding_box()["y"] < 1000
    page.get_by_text("What do these mean?").click()
    expect(meaning.filter(visible=True)).to_have_count(1)
