"""Numbers as plans print them, from each kind of file: read as printed, or named where a spreadsheet changed them."""

from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import Workbook

from plans.activity_number import IS_DAY, NO_NUMBER
from plans.models import Activity
from plans.spreadsheets.importing.apply import apply_check
from plans.spreadsheets.importing.numbering import SHORTENED
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.reading.table import TableRow
from tests.spreadsheets.cases.reading import input_file, pasted
from tests.spreadsheets.checking.conftest import ON
from tests.spreadsheets.checking.tables import changes, errors, kinds, returned
from tests.spreadsheets.reading.makers import docx, ods, ods_row, word_table, workbook

pytestmark = pytest.mark.django_db

HEAD = ["Number", "Strategic Focus Area", "Priority Action Area", "Activity", "Description"]
WRITTEN = ["1.1", "1.2", "1.10", "20", "4a", "S-30", "Action 70", "No. 160", "1.3a"]
NUMBERS = ["1.1", "1.2", "1.10", 20, "4a", "S-30", 70, 160, "1.3a"]


def lines(*numbers):
    return [HEAD, *([number, "SUPPLY", "P1", f"Called {number}", "Words"] for number in numbers)]


def numbers_of(checked):
    return [one.number for one in checked.rows if one.row]


def test_cases_x16_numbers_of_plans_are_read(check):
    checked = check(read_table(input_file("X16-plan-numbers.xlsx"), ""))
    assert errors(checked) == [(7, "Number", NO_NUMBER.format("12b!"))]
    assert numbers_of(checked) == ["1.1", "1.2", "4a", "S-3", 7, None, 16]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "ods", "docx", "pasted"])
def test_cases_numbers_of_plans_are_read_from_each_kind_of_file(check, kind):
    table = {
        "xlsx": lambda: read_table(workbook(("Activities", lines(*WRITTEN))), ""),
        "csv": lambda: read_table("\n".join(",".join(line) for line in lines(*WRITTEN)).encode(), ""),
        "ods": lambda: read_table(ods(*(ods_row(*line) for line in lines(*WRITTEN))), ""),
        "docx": lambda: read_table(docx(word_table(lines(*WRITTEN))), ""),
        "pasted": lambda: pasted("\n".join("\t".join(line) for line in lines(*WRITTEN))),
    }[kind]()
    checked = check(table)
    assert (errors(checked), numbers_of(checked)) == ([], NUMBERS)


def test_cases_number_that_excel_shortened_is_named(check):
    checked = check("Number,Activity", *((number, "A") for number in ("1.8", "1.9", "1.1", "1.11", "2")))
    found = [error for error in errors(checked) if error[0] == 4]
    assert found == [(4, "Number", SHORTENED.format("1.1", "1.9", "1.10"))]
    # Where one is left out, the next one says it.
    left_out = check("Number,Activity", *((number, "A") for number in ("3.18", "3.2", "3.21")))
    assert [error for error in errors(left_out) if error[0] == 3] == [
        (3, "Number", SHORTENED.format("3.2", "3.18", "3.20"))
    ]


@pytest.mark.parametrize(
    "numbers", [("1.1", "1.2", "1.9", "1.10", "1.11"), ("1.9", "2.1"), ("1.9", "2"), ("1.01", "1.02", "1.10", "1.11")]
)
def test_cases_number_that_is_in_its_place_is_taken(check, numbers):
    checked = check("Number,Strategic Focus Area,Priority Action Area", *((one, "SUPPLY", "P1") for one in numbers))
    assert errors(checked) == []


def test_cases_number_of_a_cell_is_the_one_that_it_shows(check):
    book = Workbook()
    for line in lines("1.9", "1.10", "7"):
        book.active.append(line)
    for row, (value, look) in enumerate([(1.9, "0.00"), (1.1, "0.00"), (7.0, "General")], start=2):
        book.active.cell(row, 1, value).number_format = look
    book.active.cell(2, 1).number_format = "0.0"
    book.save(content := BytesIO())
    checked = check(read_table(content.getvalue(), ""))
    assert (errors(checked), numbers_of(checked)) == ([], ["1.9", "1.10", 7])


@pytest.mark.parametrize("written", ["2026-02-01", "1-Feb", "Jun-25"])
def test_cases_date_is_no_number_and_says_so(check, written):
    assert errors(check("Number,Activity", (written, "A"))) == [(2, "Number", IS_DAY.format(written))]


def test_cases_same_number_in_other_letters_is_one(small_plan, check):
    Activity.objects.filter(number=4).update(number="4a")
    assert changes(check("Number,Activity", ("4A", "New"))) == [(2, "4a", {"Activity": ("Title 4", "New")})]
    twice = check("Number,Activity", ("S-3", "A"), ("s-3", "B"))
    sentence = "activity S-3 is in rows 2 and 3. Keep only one."
    assert [one for one in errors(twice) if one[1] == "Number"] == [(row, "Number", sentence) for row in (2, 3)]


@pytest.mark.parametrize(
    ("number", "made"), [("1.10", "1.1"), ("2.100", "2.1"), ("1-2", "2026-02-01"), ("4-3", "4-Mar")]
)
def test_cases_row_of_an_export_keeps_the_number_that_a_spreadsheet_changed(small_plan, check, number, made):
    Activity.objects.filter(number=4).update(number=number)
    table = returned(small_plan)
    rows = [TableRow(one.row, tuple(made if cell == number else cell for cell in one.cells)) for one in table.rows]
    assert made in {cell for row in rows for cell in row.cells}
    checked = check(replace(table, rows=rows))
    assert (errors(checked), changes(checked), {kind for *_, kind in kinds(checked)}) == ([], [], {"unchanged"})


def test_cases_activities_get_numbers_of_plans_and_change_places(small_plan, importing_admin, check):
    edits = {1: {"Number": "1.1"}, 2: {"Number": "1.10"}, 3: {"Number": "S-3"}, 4: {"Number": "1.2"}}

    def bring(edits):
        checked = check(returned(small_plan, edits), answers={"numbers": "theirs"})
        assert errors(checked) == []
        apply_check(checked, plan=small_plan, by=importing_admin, reason="Import", on=ON)
        return list(Activity.objects.order_by("number").values_list("number", "title"))

    assert bring(edits) == [("1.1", "Title 1"), ("1.2", "Title 4"), ("1.10", "Title 2"), ("S-3", "Title 3")]
    swapped = bring({"1.10": {"Number": "S-3"}, "S-3": {"Number": "1.10"}})
    assert swapped == [("1.1", "Title 1"), ("1.2", "Title 4"), ("1.10", "Title 3"), ("S-3", "Title 2")]
    assert Activity.objects.get(title="Title 2").history.order_by("pk").values_list("number", flat=True)[1] == "S-3"
