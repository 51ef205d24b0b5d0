"""The site without a mouse: where the focus goes, that it can be seen, and what single keys do."""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.browser.listing import LIST, PLAN, box, shows

FOCUSED = "document.activeElement"
IS_IN_SIGHT = """
() => {
  const { left, top, width, height } = document.activeElement.getBoundingClientRect();
  const outline = getComputedStyle(document.activeElement);
  const middle = Math.min(Math.max(top + height / 2, 1), innerHeight - 1);
  const found = document.elementFromPoint(left + width / 2, middle);
  const label = document.activeElement.closest("label");
  return top < innerHeight && top + height > 0 && parseFloat(outline.outlineWidth) >= 2 &&
    (document.activeElement.contains(found) || found?.contains(document.activeElement) || label?.contains(found));
}
"""


def press_until(page, key, wanted, most=80):
    """Press a key until the focus is on what matches `wanted`; see that it can be seen on the whole way."""
    for _ in range(most):
        page.keyboard.press(key)
        assert page.evaluate(IS_IN_SIGHT), page.evaluate(f"{FOCUSED}.outerHTML")
        if page.evaluate(f"{FOCUSED}.matches({wanted!r})"):
            return
    raise AssertionError(f"{wanted} cannot be reached")


def test_reader_filters_and_opens_an_activity_by_keyboard_alone(page):
    page.goto(LIST)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    assert page.evaluate(IS_IN_SIGHT)
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    press_until(page, "Tab", "#agency-police")
    page.keyboard.press("Space")
    shows(page, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15])
    expect(page.locator("#agency-police")).to_be_focused()
    press_until(page, "Tab", "#role-any")
    page.keyboard.press("ArrowDown")
    shows(page, [1, 5, 8, 10, 13])
    expect(page.locator("#role-lead")).to_be_focused()
    press_until(page, "Tab", ".chip")
    page.keyboard.press("Enter")
    shows(page, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(page.locator("#count")).to_be_focused()
    press_until(page, "Tab", f"a[href='{LIST}1/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("1. Operation Cobalt")


def test_focus_is_not_hidden_by_the_notice_of_a_failure(page):
    page.watch.allow("^answered 500: ", "^console: ")
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(LIST)
    page.route(lambda address: "agency=police" in address, lambda route: route.fulfill(status=500))
    box(page, "Police").check()
    expect(page.get_by_role("alert")).to_be_visible()

    page.get_by_role("link", name="Stocktake of initiatives").focus()
    press_until(page, "Shift+Tab", f"a[href='{LIST}1/']")


@pytest.mark.parametrize("address", [PLAN, LIST, f"{LIST}3/", f"{PLAN}matrix/", f"{PLAN}agencies/", f"{PLAN}about/"])
def test_focus_can_be_seen_all_the_way_down_the_page(page, address):
    page.goto(address)
    press_until(page, "Tab", "#slash", most=200)


def test_slash_leads_to_the_search_box_unless_somebody_writes(page):
    page.goto(LIST)
    box(page, "Police").focus()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    expect(page.locator("#find")).to_have_value("")
    page.locator("#q").focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("/")


def test_slash_can_be_turned_off_for_good(page):
    page.goto(PLAN)
    page.get_by_role("button", name="Turn off the / shortcut").click()
    page.goto(LIST)
    page.keyboard.press("/")
    assert page.evaluate(f"{FOCUSED} === document.body")
    page.get_by_role("button", name="Turn on the / shortcut").click()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "address", "heading"),
    [
        ("12", r"/activities/12/$", "12. Enablement of regions to implement ROCC"),
        ("#6", r"/activities/6/$", "Activity 6 (title to be finalised)"),
        ("99", r"/activities/\?q=99$", "Activities"),
        ("corrections", r"/activities/\?q=corrections$", "Activities"),
    ],
)
def test_search_box_leads_to_what_it_names(page, typed, address, heading):
    page.goto(f"{PLAN}agencies/")
    page.keyboard.press("/")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(address))
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_matrix_leads_from_a_number_to_what_it_counts(page):
    page.goto(f"{PLAN}matrix/")
    row = page.get_by_role("table", name="Agencies by focus area").get_by_role("row").filter(has_text="Police").first
    row.get_by_role("link").nth(1).click()

    expect(page).to_have_url(re.compile(r"agency=police&focus=supply&role=lead$"))
    shows(page, [1])


def test_person_signs_out_another_device_by_keyboard_alone(open_page, reader):
    Client().force_login(reader.user)
    page = open_page(by=reader)
    page.goto("/account/")
    press_until(page, "Tab", "a[href='/accounts/password/change/']")
    press_until(page, "Tab", "form[action^='/account/sessions/'] button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("That device is signed out.")
    expect(page.get_by_text("You are not signed in on any other device.")).to_be_visible()
