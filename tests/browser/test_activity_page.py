"""The page of an activity on a phone: what people report stays in reach, and covers nothing."""

import pytest
from playwright.sync_api import expect

from tests.browser.listing import LIST


@pytest.mark.parametrize("with_scripts", [True, False])
def test_add_update_stays_in_reach_on_a_phone_and_covers_nothing(open_page, police_updater, with_scripts):
    page = open_page(by=police_updater, width=390, height=844, java_script_enabled=with_scripts)
    page.goto(f"{LIST}5/")
    button = page.get_by_role("link", name="Add update")

    expect(button).to_be_in_viewport(ratio=1)
    last = page.get_by_role("contentinfo").get_by_role("listitem").filter(visible=True).last
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(last).to_be_in_viewport(ratio=1)
    expect(button).to_be_in_viewport(ratio=1)
    end = last.bounding_box()
    assert end["y"] + end["height"] <= button.bounding_box()["y"]
    button.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add update")


def test_add_update_stands_under_the_title_where_the_window_is_low(open_page, police_updater):
    page = open_page(by=police_updater, width=320, height=225)
    page.goto(f"{LIST}5/")

    assert page.locator(".reach").evaluate("(one) => getComputedStyle(one).position") == "static"


def test_latest_update_and_barriers_stand_before_the_agencies_on_a_phone_and_beside_them_on_a_desktop(
    open_page, police_updater
):
    page = open_page(by=police_updater, width=390, height=844)
    page.goto(f"{LIST}5/")

    def top(name):
        return page.get_by_role("heading", name=name, exact=True).bounding_box()["y"]

    assert top("Latest update") < top("Description") < top("Agencies")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert abs(top("Latest update") - top("Agencies")) < 10
