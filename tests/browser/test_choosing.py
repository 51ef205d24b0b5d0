"""Agencies are chosen from a list, with the keyboard, and with a search box where there are scripts."""

import pytest
from playwright.sync_api import expect

from plans.models import Activity

EDIT = "/plans/year-two/activities/2/edit/"


def row(page, name):
    return page.get_by_role("radiogroup", name=name)


def leads():
    return [link.agency.name for link in Activity.objects.with_agencies().get(number=2).lead_links]


@pytest.mark.parametrize("scripts", [True, False])
def test_admin_puts_another_agency_first_with_the_keyboard(site, open_page, programme_admin, scripts):
    page = open_page(by=programme_admin, java_script_enabled=scripts, width=320)
    page.goto(EDIT)
    expect(page.get_by_label("Find an agency")).to_be_visible(visible=scripts)
    page.get_by_text("Not involved (17)").focus()
    page.keyboard.press("Enter")
    row(page, "GHIC").get_by_label("Not involved").focus()
    page.keyboard.press("ArrowRight")
    expect(row(page, "GHIC").get_by_label("Lead")).to_be_checked()
    row(page, "GHIC").get_by_label("Order of GHIC").fill("1")
    page.get_by_label("Reason for change").fill("Agreed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2. ")
    assert leads() == ["GHIC", "APA", "MSD"]


def test_search_finds_agencies_by_any_name_and_sends_nothing(site, open_page, programme_admin):
    page = open_page(by=programme_admin)
    page.goto(EDIT)
    page.get_by_label("Find an agency").fill("kainga")
    expect(row(page, "Kāinga Ora")).to_be_visible()
    expect(row(page, "Police")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit activity 2")
    page.get_by_label("Find an agency").fill("Heal\u00adth\u00a0new")
    expect(row(page, "Te Whatu Ora")).to_be_visible()
    page.get_by_label("Find an agency").fill("")
    expect(row(page, "Police")).to_be_visible()
