"""What comes out of the printer: a document that can be handed over, not a picture of a screen."""

import io
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from plans.choices import Marking
from plans.models import Plan
from tests.browser.listing import PLAN

PAGES = {
    "overview": PLAN,
    "activities": f"{PLAN}activities/",
    "activities as a table": f"{PLAN}activities/?view=table",
    "activity": f"{PLAN}activities/3/",
}
A4_POINTS = (595, 842)
# What only somebody at a screen can use.
CONTROLS = (
    "Skip to content", "Switch plan", "About and terms used", "Sign in", "Search", "Summary tables", "All plans",
    "Group by", "Show activities", "Download Excel", "Download CSV", "Copy link", "What do these mean?",
    "Previous", "Next", "Clear all", "Remove filter", "History of",
)  # fmt: skip


def printed(page, address):
    """The pages of paper, as [(width and height in points, text in single spaces)]."""
    page.goto(address)
    sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    return [
        (tuple(round(float(side)) for side in sheet.mediabox[2:]), _words(sheet.extract_text())) for sheet in sheets
    ]


def _words(text):
    # Some fonts print "fi" as one sign.
    return " ".join(normalize("NFKC", text).split())


@pytest.mark.parametrize("name", PAGES)
def test_print_is_a_marked_dated_and_numbered_document_without_what_belongs_to_a_screen(page, name, time_machine):
    # A day later in New Zealand than in Greenwich.
    time_machine.move_to("2024-06-30T13:00:00Z")
    Plan.objects.update(marking=Marking.IN_CONFIDENCE)

    sheets = printed(page, PAGES[name])

    shape = A4_POINTS[::-1] if "table" in name else A4_POINTS
    for number, (size, text) in enumerate(sheets, start=1):
        assert size == shape
        assert text.startswith("Year Two ROCC Action Plan IN-CONFIDENCE As at 1 July 2024 ")
        assert text.count("IN-CONFIDENCE") == 2
        assert text.count(f"Page {number} of {len(sheets)}") == 1
    text = " ".join(text for _, text in sheets)
    assert [control for control in (*CONTROLS, "http") if control in text] == []


def test_print_of_the_overview_holds_every_activity_in_two_sheets(page, year_two):
    sheets = printed(page, PAGES["overview"])

    text = " ".join(text for _, text in sheets)
    names = list(year_two.activities.order_by("number").values_list("title", flat=True))
    assert [name for name in names if name not in text] == []
    assert len(sheets) == 2


def test_print_of_a_table_repeats_its_headings(page):
    sheets = printed(page, PAGES["activities as a table"])

    headings = " ".join(page.locator("thead th").all_inner_texts())
    assert [text.count(headings) for _, text in sheets] == [1] * len(sheets)
    assert len(sheets) > 1


def test_print_of_a_table_names_the_agencies_that_are_folded_on_the_screen(page):
    text = " ".join(text for _, text in printed(page, PAGES["activities as a table"]))

    assert ["Manatū Hauora, Te Aka Whai Ora, Police, NDIB, SWA" in text, "5 agencies" in text] == [True, False]


def test_print_of_a_filtered_list_says_what_it_is_of(page):
    ((_, text),) = printed(page, f"{PLAN}activities/?agency=police&role=lead")

    assert "5 of 15 activities Agency: Police, Role: Leads SUPPLY" in text


def test_print_leaves_out_what_is_folded_and_keeps_what_is_open(page):
    page.goto(PAGES["activity"])
    (folded,) = [text for _, text in printed(page, PAGES["activity"])]
    page.get_by_text("As published in the plan").click()
    opened = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages[0].extract_text()

    assert ["As published in the plan" in text for text in (folded, opened)] == [False, True]


def test_print_without_a_plan_bears_no_marking(page):
    ((_, text),) = printed(page, "/plans/")

    assert text.startswith("Page 1 of 1 Plans ")
