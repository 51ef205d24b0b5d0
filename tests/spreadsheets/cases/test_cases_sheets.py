"""Sheets that nobody sees are not read, and what is not read is named."""

from io import BytesIO

from openpyxl import Workbook, load_workbook

from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.cases.reading import cells_of, input_file
from tests.spreadsheets.reading.makers import workbook

ROWS = [["Number", "Activity"], [1, "One"]]


def hide(content, *names):
    book = load_workbook(BytesIO(content))
    for name in names:
        book[name].sheet_state = "hidden"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_cases_x04_hidden_sheet_is_never_preferred():
    table = read_table(input_file("X04-hidden-old-sheet.xlsx"), "")
    assert table.sheet == "Plan March 2025"
    assert [row["Activity"] for row in cells_of(table)] == ["Fresh title of March", "Another fresh title"]
    assert table.notes == ("The hidden sheet “Activities” is not read.",)


def test_cases_hidden_sheet_is_not_guessed_among_several():
    content = hide(workbook(("Old", ROWS * 3), ("This year", ROWS), ("Notes", [["a"]])), "Old")
    table = read_table(content, "")
    assert (table.sheet, table.notes) == ("This year", ("The hidden sheet “Old” is not read.",))


def test_cases_hidden_sheet_that_is_asked_for_is_read_and_said():
    table = read_table(hide(workbook(("A", ROWS), ("B", ROWS)), "B"), "", sheet="B")
    assert (table.sheet, table.notes) == ("B", ("The sheet “B” is hidden in the workbook.",))


def test_cases_very_hidden_sheet_is_not_read():
    book = Workbook()
    book.active.title = "Plan"
    for row in ROWS:
        book.active.append(row)
    book.create_sheet("Activities").sheet_state = "veryHidden"
    file = BytesIO()
    book.save(file)
    assert read_table(file.getvalue(), "").sheet == "Plan"


def test_cases_other_sheets_with_our_headings_are_named():
    table = read_table(workbook(("Supply", ROWS), ("Demand", ROWS), ("Notes", [["a"], ["b"]])), "")
    [note] = table.notes
    assert note.startswith("Other sheets have such headings, too, and are not read: “Demand”. Choose one of them")
