"""What readers come for, from the first page to the answer, as they do it."""

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
from playwright.sync_api import expect

from plans.choices import Status
from plans.models import Activity
from tests.browser.listing import LIST, PLAN, box, shows


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


def test_what_police_leads_that_is_off_track_is_two_clicks_from_the_overview_and_one_from_excel(
    open_page, year_two, time_machine
):
    time_machine.move_to(date(2026, 11, 30))
    Activity.objects.filter(number__in=[5, 13]).update(status=Status.OFF_TRACK)
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(PLAN)
    opened = len(page.watch.requests)

    page.get_by_role("link", name="Police (everything it leads").first.click()
    shows(page, [5, 13])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Excel").click()

    loads = [one for one in page.watch.requests[opened:] if one.is_navigation_request() and "/activities/?" in one.url]
    # Before: 5 clicks and 1 for Excel, 5 pages, 3 screens to scroll, no link to copy.
    assert len(loads) == 1
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert page.url.endswith(f"{LIST}?attention=any&agency=police&role=lead")
    assert download.value.suggested_filename == "year-two-police-leads-needs-attention-2026-11-30.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).worksheets[0]
    assert (sheet.title, [row[0].value for row in sheet][1:]) == ("Activities", [5, 13])


def test_executive_sees_on_a_phone_what_needs_attention_without_scrolling(open_page, year_two):
    """Before: 4.9 screens to scroll to it."""
    Activity.objects.filter(number__in=[5, 13]).update(status=Status.OFF_TRACK)
    page = open_page(width=390, height=844, has_touch=True, is_mobile=True)
    page.goto("/")

    expect(page.get_by_role("heading", name="Needs attention")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Gang Harm Reduction Project rollout").first).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0


def test_link_is_that_of_the_list_as_filtered_by_then(open_page, year_two):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{LIST}#results")
    box(page, "Police").check()
    page.wait_for_url(f"**{LIST}?*agency=police*")
    page.get_by_role("button", name="Copy link").click()

    expect(page.get_by_role("status").filter(has_text="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url.partition("#")[0]


def test_link_stands_in_a_field_where_the_clipboard_is_kept_from_the_page(page):
    offered = []
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.on("dialog", lambda dialog: (offered.append((dialog.message, dialog.default_value)), dialog.dismiss()))
    page.goto(f"{LIST}?q=meth")
    page.get_by_role("button", name="Copy link").click()

    assert offered == [("Copy this link:", page.url)]


def test_nothing_offers_to_copy_without_script(open_page):
    page = open_page(java_script_enabled=False)
    page.goto(LIST)

    expect(page.get_by_role("link", name="Download Excel")).to_be_visible()
    expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
