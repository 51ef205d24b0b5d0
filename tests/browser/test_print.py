"""What comes out of the printer: a document that can be handed over, not a picture of a screen."""

import io
import re
from datetime import timedelta
from unicodedata import normalize

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.utils.timezone import localdate
from playwright.sync_api import expect
from pypdf import PdfReader

from plans.choices import Marking, Status
from plans.management import demo
from plans.management.commands.demo import ADMIN_EMAIL
from plans.models import Agency, Barrier, Plan, StatusUpdate, User
from tests.browser.listing import PLAN

PAGES = {
    "overview": PLAN,
    "overview with the whole plan": f"{PLAN}?print=full",
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


def test_print_of_the_overview_with_the_whole_plan_holds_every_activity_after_the_briefing(page, year_two):
    page.goto(PAGES["overview"])
    page.get_by_role("link", name="Print with the whole plan").click()
    expect(page.get_by_role("link", name="Print the briefing only")).to_be_visible()
    (_, briefing), *sheets = printed(page, PAGES["overview with the whole plan"])

    text = " ".join(text for _, text in sheets)
    names = list(year_two.activities.order_by("number").values_list("title", flat=True))
    assert [name for name in names if name not in text] == []
    assert "The plan by focus area" not in briefing
    assert 1 <= len(sheets) <= 2


def test_print_of_the_demo_is_a_briefing_of_one_page(page, year_two):
    # A test with transactions of its own ends by emptying all tables, also of what a migration put there.
    Group.objects.get_or_create(name="Programme admins")
    call_command("demo_cast", stdout=io.StringIO())
    demo.fill(year_two, User.objects.get(email=ADMIN_EMAIL), localdate())
    year_two.activities.filter(number=13).update(due_on=localdate() + timedelta(days=40))

    ((_, text),) = printed(page, PLAN)

    assert "updates received for the" in text
    for words in ("Off track", "At risk", "Barriers escalated", "Next dates", "updates are due", "13. Meth Harm"):
        assert words in text
    assert "Gang Harm Reduction Project rollout" in text
    assert "Funding for two navigators ends in June." in text
    assert "Four of six navigators are in place." in text
    assert [words for words in ("Trend", "Latest updates", "The plan by focus area", "more at") if words in text] == []


@pytest.mark.parametrize(("long", "least"), [(1, 6), (60, 1)], ids=["short words", "long words"])
def test_print_of_more_than_fits_says_how_many_more_and_where(page, site, year_two, make_user, long, least):
    police, author = Agency.objects.get(code="police"), make_user("reports@agency.example", name="Police updater")
    for activity in year_two.activities.all():
        said = {"status": Status.OFF_TRACK, "what_happened": f"Slipped{'slipped' * long} for want of staff."}
        update = StatusUpdate.objects.create(activity=activity, agency=police, author=author, **said)
        raised = {"activity": activity, "update": update, "text": f"No staff in {'districts' * long}."}
        Barrier.objects.create(**raised, is_escalated=True, escalated_at=update.made_at, escalated_by=author)
        title = f"Title {'title' * long}"[:300]
        changed = {"title": title, "status": Status.OFF_TRACK, "due_on": localdate() + timedelta(days=activity.number)}
        year_two.activities.filter(pk=activity.pk).update(**changed)
    Plan.objects.update(ends_on=localdate() + timedelta(days=99))

    ((_, text),) = printed(page, PLAN)

    shown = len(re.findall(r"Barrier escalated \d", text))
    address = f"{site}{PLAN}activities/?attention=any"
    assert f"and {15 - shown} more at {address}" in text
    assert shown >= least


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
