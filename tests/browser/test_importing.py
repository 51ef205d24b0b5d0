"""How plans come back in spreadsheets: from the workbooks that go out to the receipt, and the way back."""

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import expect

from plans.choices import Status
from plans.models import Activity, Import, ReportingRound, StatusUpdate
from tests.browser.listing import LIST, PLAN
from tests.browser.test_reporting import Hand

IMPORTS = f"{PLAN}import/"
LED_BY_ALL_THREE = 8
"""An activity that Police, MSD and others lead jointly."""


@pytest.fixture
def december(year_two):
    """The open round."""
    today = timezone.localdate()
    days = {"opened_on": today, "due_on": today + timedelta(days=9)}
    return ReportingRound.objects.create(plan=year_two, name="December quarter", **days)


class Returned:
    """A workbook that an agency has filled in: `write(number, heading, text)` for each cell."""

    def __init__(self, content):
        self.book = load_workbook(BytesIO(content))
        self.sheet = self.book["Activities"]
        self.columns = {cell.value: cell.column for cell in self.sheet[1]}

    def write(self, number, heading, text):
        """Write into the row of an activity."""
        rows = self.sheet.iter_rows(min_row=2)
        (row,) = (cells[0].row for cells in rows if cells[self.columns["Number"] - 1].value == number)
        self.sheet.cell(row, self.columns[heading]).value = text

    def save(self, path):
        """Save it as a file, and answer its path."""
        self.book.save(path)
        return path


def workbooks(hand):
    """The workbooks that go out to agencies, fetched as a programme admin does: {code of the agency: bytes}."""
    with hand.page.expect_download() as download:
        hand.click("link", "Reporting workbooks for all agencies")
    archive = ZipFile(download.value.path())
    return {re.search("fill-in-(.*)-UNCLASSIFIED", name)[1]: archive.read(name) for name in archive.namelist()}


def send(hand, path):
    """Choose a file and have it checked, and wait for what it comes to."""
    page = hand.page
    page.get_by_label("Spreadsheet").set_input_files(path)
    hand.clicks += 1
    hand.click("button", "Check the file")
    expect(page.get_by_role("heading", level=1, name=path.name)).to_be_visible()
    # What follows is also asked of what the page does not show: it has to be there as a whole.
    page.wait_for_load_state()


def loaded(page, since):
    """The pages that were loaded, without files, and without those that ask whether a file has been checked by now."""
    asked = [one for one in page.watch.requests[since:] if one.is_navigation_request() and not one.redirected_from]
    again = re.compile(r"/import/\d+/(progress/)?$")
    return [
        one for one in asked if not one.url.endswith(".zip") and not (one.method == "GET" and again.search(one.url))
    ]


def cells(page, number):
    """What the page says of the cells of an activity: {column: text}."""
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=f"{number}. "))
    names, texts = (card.locator(tag).all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, (" ".join(text.split()) for text in texts), strict=True))


def titles():
    return Activity.objects.get(number=LED_BY_ALL_THREE).title


@pytest.mark.parametrize("with_scripts", [True, False])
def test_two_agencies_return_their_workbooks_and_a_conflict_is_decided(
    open_page, december, programme_admin, tmp_path, with_scripts
):
    """Before: 18 clicks, 0 keys, 12 page loads."""
    page = open_page(by=programme_admin, java_script_enabled=with_scripts, accept_downloads=True)
    page.goto(LIST)
    hand, opened = Hand(page), len(page.watch.requests)
    hand.click("link", "Import", exact=True)
    sent_out = workbooks(hand)
    first, second = Returned(sent_out["police"]), Returned(sent_out["msd"])
    before = titles()
    first.write(LED_BY_ALL_THREE, "Activity", "Action plan as Police calls it")
    first.write(1, "Update Status", "At risk")
    first.write(1, "What Happened", "Two districts lack staff.")
    second.write(LED_BY_ALL_THREE, "Activity", "Action plan as MSD calls it")
    second.write(2, "Update Status", "On track")

    first.write(1, "Agency Lead", "Polcie")

    send(hand, first.save(tmp_path / "police.xlsx"))
    page.get_by_label("“Polcie”").select_option(
        label=page.get_by_label("“Polcie”").locator("option", has_text="Police").first.inner_text()
    )
    hand.clicks += 1
    hand.click("button", "Save and check again")
    assert "Two districts lack staff." in cells(page, 1)["What Happened"]
    hand.click("button", "Import 2 changed activities")
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    assert titles() == "Action plan as Police calls it"
    said = StatusUpdate.objects.values_list("activity__number", "agency__code", "status", "what_happened")
    assert list(said) == [(1, "police", Status.AT_RISK, "Two districts lack staff.")]

    hand.click("link", "Import another file")
    send(hand, second.save(tmp_path / "msd.xlsx"))
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    conflict = page.get_by_role("group", name="Activity")
    expect(conflict.locator("dd")).to_have_text(
        [before, "Action plan as MSD calls it", "Action plan as Police calls it"]
    )
    conflict.get_by_label("Use your file").check()
    hand.clicks += 1
    hand.click("button", "Save choices")
    hand.click("button", "Import 2 changed activities")
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    assert titles() == "Action plan as MSD calls it"

    hand.click("link", "Undo this import…")
    hand.click("button", "Undo the import")
    expect(page.get_by_role("heading", name="Import undone")).to_be_visible()
    # With scripts a file is sent without leaving the page, which goes to what it comes to.
    pages = len(loaded(page, opened)) + 2 * with_scripts
    assert (hand.clicks, hand.keys, pages) == (15, 0, 10)
    assert titles() == "Action plan as Police calls it"
    assert list(said.with_status()) == [(1, "police", Status.AT_RISK, "Two districts lack staff.")]


def test_updater_sends_in_their_agencys_workbook(open_page, december, police_updater, tmp_path):
    page = open_page(by=police_updater, accept_downloads=True)
    page.goto(f"{PLAN}updates/")
    page.get_by_role("link", name="Upload a spreadsheet of updates").click()
    with page.expect_download() as download:
        page.get_by_role("complementary").get_by_role("link", name="Police").click()
    returned = Returned(download.value.path().read_bytes())
    returned.write(1, "Update Status", "On track")
    returned.write(1, "What Happened", "Phase three has begun.")

    send(Hand(page), returned.save(tmp_path / "police.xlsx"))
    page.get_by_role("button", name="Send 1 update").click()

    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    said = StatusUpdate.objects.values_list("activity__number", "author", "status", "what_happened")
    assert list(said) == [(1, police_updater.user.pk, Status.ON_TRACK, "Phase three has begun.")]


@pytest.mark.parametrize("with_scripts", [True, False])
def test_swapped_numbers_are_one_choice(open_page, year_two, programme_admin, tmp_path, with_scripts):
    page = open_page(by=programme_admin, java_script_enabled=with_scripts, accept_downloads=True)
    page.goto(IMPORTS)
    with page.expect_download() as download:
        page.get_by_role("link", name="Current plan").click()
    returned = Returned(download.value.path().read_bytes())
    five, seven = (Activity.objects.get(number=number).pk for number in (5, 7))
    returned.sheet["A6"], returned.sheet["A8"] = 7, 5

    page.goto(IMPORTS)
    send(Hand(page), returned.save(tmp_path / "plan.xlsx"))
    question = page.get_by_role("group", name="2 activities would get another number.")
    expect(question.get_by_role("link")).to_have_text(["Row 6, activity 5", "Row 8, activity 7"])
    expect(page.get_by_role("button", name="Import")).to_have_count(0)
    question.get_by_label("Renumber 2 activities as in the file").check()
    page.get_by_role("button", name="Save choices").click()
    page.get_by_role("button", name="Import 2 changed activities").click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()
    assert [Activity.objects.get(number=number).pk for number in (7, 5)] == [five, seven]

    page.get_by_role("link", name="Undo this import…").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("heading", name="Import undone")).to_be_visible()
    assert [Activity.objects.get(number=number).pk for number in (5, 7)] == [five, seven]


def test_file_that_is_too_large_is_refused_before_it_is_sent(open_page, programme_admin, tmp_path, settings):
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_mb": 1}
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * 1_100_000)
    page = open_page(by=programme_admin)
    page.goto(IMPORTS)

    page.get_by_label("Spreadsheet").set_input_files(path)
    page.get_by_role("button", name="Check the file").click()

    expect(page.get_by_role("alert")).to_contain_text("The file is larger than 1 MB.")
    expect(page.get_by_label("Spreadsheet")).to_be_focused()
    assert [one.method for one in page.watch.requests if one.url.endswith(IMPORTS)] == ["GET"]
    assert Import.objects.count() == 0


DROP_TWO = """box => {
    const dropped = new DataTransfer();
    for (const name of ["police.csv", "msd.csv"]) dropped.items.add(new File(["Number"], name));
    box.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
}"""


def test_two_files_dropped_at_once_are_refused(open_page, programme_admin):
    page = open_page(by=programme_admin)
    page.goto(IMPORTS)

    page.get_by_label("Spreadsheet").evaluate(DROP_TWO)

    expect(page.get_by_role("alert")).to_have_text("Choose one file at a time. You can import the others after it.")
    assert page.get_by_label("Spreadsheet").evaluate("box => [box.files.length, box.multiple]") == [0, False]


def test_choice_that_was_not_checked_keeps_the_button_from_importing(open_page, programme_admin, tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("Number,Activity,Description\n1,Operation Cobalt Two,\n")
    page = open_page(by=programme_admin)
    page.goto(IMPORTS)
    send(Hand(page), path)

    page.get_by_text("Column matching").click()
    page.get_by_label("clear the value of Description").check()

    expect(page.get_by_role("button", name="Import 1 changed activity")).to_be_disabled()
    expect(page.get_by_text("You have changed a choice. Save your choices, then import.")).to_be_visible()
