"""What readers come for, from the first page to the answer, as they do it."""

import csv
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.listing import PLAN, box, shows


def test_reader_finds_what_police_leads_and_takes_it_along(page):
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Activities").click()
    box(page, "Police").check()
    box(page, "Leads").check()

    shows(page, [1, 5, 8, 10, 13])
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Number"] for row in rows] == ["1", "5", "8", "10", "13"]
    assert [row["Agency Lead"] for row in rows][:2] == ["Police", "Police"]


def test_reader_sees_what_is_still_to_be_finalised(page):
    page.goto(PLAN)
    page.get_by_role("link", name="2 descriptions to finalise").click()

    shows(page, [6, 15])
    expect(box(page, "To be finalised")).to_be_checked()


def test_reader_finds_kainga_ora_on_a_phone_without_javascript(open_page):
    page = open_page(width=390, height=844, java_script_enabled=False, has_touch=True, is_mobile=True)
    page.goto(PLAN)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Activities").tap()
    page.get_by_text("Filters", exact=True).tap()
    box(page, "Kāinga Ora").check()
    page.get_by_role("button", name="Show activities").tap()

    shows(page, [5, 7, 10, 13, 14, 15])
    page.get_by_role("link", name="Disruptive Behaviour Referrals").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("7. Disruptive Behaviour Referrals")
