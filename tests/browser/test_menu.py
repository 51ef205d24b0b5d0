"""The header: its menus by mouse, by keyboard and without a script, and how little of a phone it takes."""

import pytest
from playwright.sync_api import expect

from tests.browser.listing import LIST, PLAN
from tests.browser.test_keyboard import FOCUSED, press_until

MOST_BEFORE_THE_TITLE = 130
LISTS = ".submenu__list"


def summary(page, name):
    return page.locator("summary", has_text=name)


def test_admin_opens_a_menu_and_goes_on_by_keyboard_alone(open_page, programme_admin):
    page = open_page(by=programme_admin)
    page.goto(PLAN)
    press_until(page, "Tab", ".submenu:not(:first-of-type) summary, li:last-child > .submenu > summary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Audit trail")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Audit trail")).to_be_hidden()
    assert page.evaluate(f"{FOCUSED}.matches('summary')")

    page.keyboard.press("Enter")
    press_until(page, "Tab", "a[href='/people/']")
    page.keyboard.press("Escape")
    expect(summary(page, "Manage")).to_be_focused()
    page.keyboard.press("Space")
    press_until(page, "Tab", "a[href='/people/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_menu_closes_by_another_and_by_a_click_or_the_focus_elsewhere(open_page, programme_admin):
    page = open_page(by=programme_admin)
    page.goto(PLAN)
    for leave in (
        lambda: summary(page, "Reporting").click(),
        lambda: page.locator("h1").click(),
        lambda: page.locator("#find").focus(),
    ):
        summary(page, "Manage").click()
        expect(page.get_by_role("link", name="Audit trail")).to_be_visible()
        leave()
        expect(page.get_by_role("link", name="Audit trail")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_menu_works_without_a_script_at_any_width(open_page, programme_admin, width):
    page = open_page(by=programme_admin, width=width, height=800, java_script_enabled=False)
    page.goto(LIST)
    summary(page, "Manage").click()
    link = page.get_by_role("link", name="People", exact=True)
    box = page.locator(LISTS).last.bounding_box()
    assert (box["x"] >= 0, box["x"] + box["width"] <= width) == (True, True)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


@pytest.mark.parametrize("by", ["", "police_updater", "programme_admin"])
@pytest.mark.parametrize("width", [320, 390])
def test_header_leaves_a_phone_to_the_page(open_page, request, by, width):
    page = open_page(by=by and request.getfixturevalue(by), width=width, height=800, has_touch=True, is_mobile=True)
    for address in (PLAN, LIST, f"{PLAN}barriers/", "/plans/"):
        page.goto(address)
        top = page.locator("h1").bounding_box()["y"]
        assert (address, top <= MOST_BEFORE_THE_TITLE) == (address, True), top
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_menu_of_an_updater_fits_on_one_line_of_a_desktop(open_page, police_updater, programme_admin):
    for by in (police_updater, programme_admin):
        page = open_page(by=by)
        page.goto(PLAN)
        assert page.locator(".masthead").bounding_box()["height"] < 70


def test_shortcut_is_turned_off_on_the_account_page(open_page, reader):
    page = open_page(by=reader)
    page.goto("/account/")
    page.get_by_role("button", name="Turn off the / shortcut").click()
    page.goto(PLAN)
    page.keyboard.press("/")
    assert page.evaluate(f"{FOCUSED} === document.body")
