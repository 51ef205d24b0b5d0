"""What a cell shows is what people meant; what cannot be known is an error of that cell, and of nothing else."""

from datetime import UTC, date, datetime, time
from io import BytesIO

import pytest
import xlwt
from openpyxl import load_workbook
from xlsxwriter import Workbook

from plans.models import Activity
from plans.spreadsheets.reading.number_formats import UnknownFormat, shown
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.writing.export import write_xlsx
from plans.spreadsheets.writing.reporting_workbook import reporting_workbook_of, write_reporting_workbook
from tests.spreadsheets.cases.reading import cells_of, input_file
from tests.spreadsheets.checking.conftest import ON
from tests.spreadsheets.checking.tables import changes, errors
from tests.spreadsheets.reading.makers import ods, ods_row

TYPED = [
    (0.45, "0%", "45%"),
    (0.4567, "0.0%", "45.7%"),
    (1250000, '"$"#,##0', "$1,250,000"),
    (1250000, "[$$-1409]#,##0.00", "$1,250,000.00"),
    (1234.5, "_($* #,##0.00_);_($* (#,##0.00)", "$1,234.50"),
    (-5, "#,##0;(#,##0)", "(5)"),
    (0, '#,##0;-#,##0;"-"', "-"),
    (7, "000", "007"),
    (5, '0" FTE"', "5 FTE"),
    (1234567, '0.0,,"m"', "1.2m"),
    (0.5, "# ?/?", "1/2"),
    (1.25, "# ?/?", "1 1/4"),
    (12345, "0.00E+00", "1.23E+04"),
    (2.5, "0", "3"),
    (datetime(2025, 6, 1), "mmm-yy", "Jun-25"),  # noqa: DTZ001 - spreadsheets know no time zones
    (datetime(2026, 6, 30), "d-mmm", "30-Jun"),  # noqa: DTZ001
    (datetime(2026, 6, 30), "d mmmm", "30 June"),  # noqa: DTZ001
    (datetime(2026, 6, 30, 13, 5), "dd/mm/yyyy hh:mm", "30/06/2026 13:05"),  # noqa: DTZ001
    (time(10, 30), "h:mm", "10:30"),
    (time(14, 5), "h:mm AM/PM", "2:05 PM"),
]
UNKNOWN = [(5, "[>3]0;[<1]0.0"), (64212345, "00-000-000"), (datetime(2026, 6, 30), "[$-481]d mmmm yyyy")]  # noqa: DTZ001
WORDS = ["Description", "What Happened", "What Is Next", "Barrier"]


@pytest.mark.parametrize(("value", "code", "text"), TYPED)
def test_cases_value_shows_as_its_format_says(value, code, text):
    assert shown(value, code) == text


@pytest.mark.parametrize(("value", "code"), UNKNOWN)
def test_cases_format_that_cannot_be_known_is_not_guessed(value, code):
    with pytest.raises(UnknownFormat):
        shown(value, code)


def typed_xlsx(values, heading):
    file = BytesIO()
    with Workbook(file) as book:
        sheet = book.add_worksheet("Activities")
        sheet.write_row(0, 0, ["Number", heading])
        for row, (value, code, *_) in enumerate(values, start=1):
            sheet.write_number(row, 0, row)
            look = book.add_format({"num_format": code})
            write = sheet.write_datetime if isinstance(value, datetime | time) else sheet.write_number
            write(row, 1, value, look)
    return file.getvalue()


def typed_xls(values, heading):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Activities")
    for place, text in enumerate(["Number", heading]):
        sheet.write(0, place, text)
    for row, (value, code, *_) in enumerate(values, start=1):
        sheet.write(row, 0, row)
        sheet.write(row, 1, value, xlwt.easyxf(num_format_str=code))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("heading", WORDS)
def test_cases_f1_numbers_in_columns_of_words_are_read_as_they_show(heading):
    rows = cells_of(read_table(typed_xlsx(TYPED, heading), ""))
    assert [row[heading] for row in rows] == [text for *_, text in TYPED]
    assert [row["Number"] for row in rows] == [str(number) for number in range(1, len(TYPED) + 1)]


def test_cases_f1_old_workbooks_are_read_as_they_show():
    assert [row["Description"] for row in cells_of(read_table(typed_xls(TYPED, "Description"), ""))] == [
        text for *_, text in TYPED
    ]


def test_cases_f1_open_document_spreadsheets_are_read_as_they_show():
    def cell(kind, value, text):
        return f'<table:table-cell office:value-type="{kind}" {value}><text:p>{text}</text:p></table:table-cell>'

    values = [
        *(("percentage", 'office:value="0.45"', "45%"), ("currency", 'office:value="1250000"', "$1,250,000")),
        *(("float", 'office:value="7"', "007"), ("date", 'office:date-value="2025-06-01"', "Jun-25")),
        *(("time", 'office:time-value="PT10H30M00S"', "10:30"), ("boolean", 'office:boolean-value="true"', "TRUE")),
    ]
    body = []
    for row, value in enumerate(values, start=1):
        number = cell("float", f'office:value="{row}"', row)
        body.append(f"<table:table-row>{number}{cell(*value)}</table:table-row>")
    found = cells_of(read_table(ods(ods_row("Number", "What Happened"), *body), ""))
    assert [row["What Happened"] for row in found] == [text for *_, text in values]


def test_cases_days_and_numbers_count_for_what_they_are():
    values = [(date(2026, 6, 30), "d-mmm"), (date(2026, 7, 1), "mmm-yy")]
    file = BytesIO()
    with Workbook(file) as book:
        sheet = book.add_worksheet("Activities")
        sheet.write_row(0, 0, ["Number", "Due"])
        for row, (day, code) in enumerate(values, start=1):
            sheet.write_number(row, 0, row, book.add_format({"num_format": "000"}))
            sheet.write_datetime(row, 1, day, book.add_format({"num_format": code}))
    rows = cells_of(read_table(file.getvalue(), ""))
    assert [tuple(row.values()) for row in rows] == [("1", "2026-06-30"), ("2", "2026-07-01")]


@pytest.mark.parametrize("make", [typed_xlsx, typed_xls])
@pytest.mark.django_db
def test_cases_format_that_cannot_be_read_is_an_error_of_its_cell(check, make):
    content = make([(0.45, "0%"), *UNKNOWN[:2]], "Description")
    found = errors(check(read_table(content, "")))
    assert [(row, heading) for row, heading, _ in found] == [(3, "Description"), (4, "Description")]
    assert all("Type what it shows as text" in sentence for *_, sentence in found)


def with_formulas(*cells):
    file = BytesIO()
    with Workbook(file) as book:
        sheet = book.add_worksheet("Activities")
        sheet.write_row(0, 0, ["Number", "Activity", "Other"])
        for row in (1, 2, 3):
            sheet.write_row(row, 0, [row, f"Title {row}", "x"])
        for place in cells:
            sheet.write_formula(place, "=1+1", None, 2)
    return file.getvalue()


@pytest.mark.django_db
def test_cases_formula_is_an_error_of_its_cell_alone(check):
    checked = check(read_table(with_formulas("B3", "C2"), ""))
    assert errors(checked) == [
        (3, "Activity", "this cell holds a formula, and only its last result is known. Type the text itself over it.")
    ]
    assert (checked.counts()["unchanged"], checked.counts()["errors"]) == (2, 1)
    assert "1 formula stands outside the columns that are read." in checked.notes


@pytest.mark.django_db
def test_cases_formula_in_a_number_is_an_error_of_its_cell(check):
    assert [(row, heading) for row, heading, _ in errors(check(read_table(with_formulas("A3"), "")))] == [(3, "Number")]


ERROR_VALUES = ["#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#####", "Err:502"]


@pytest.mark.parametrize("value", ERROR_VALUES)
@pytest.mark.parametrize("heading", ["Activity", "Description", "Agency Lead", "Status", "Due", "What Happened"])
@pytest.mark.django_db
def test_cases_e2_error_values_are_errors_of_their_cells(check, value, heading):
    checked = check(f"Number, {heading}", ("1", value))
    assert [(row, column) for row, column, _ in errors(checked)] == [(2, heading)]
    assert (checked.unknown_names, changes(checked)) == ([], [])


@pytest.mark.django_db
def test_cases_x02_error_values_in_a_workbook(check):
    checked = check(read_table(input_file("X02-errors-as-values.xlsx"), ""))
    assert [(row, column) for row, column, _ in errors(checked)] == [
        (2, "Activity"),
        (2, "Description"),
        (3, "Description"),
    ]
    assert changes(checked) == []


@pytest.mark.django_db
def test_cases_words_that_hold_an_error_value_are_words(check):
    assert errors(check("Number, Description", ("1", "The cell says #REF! since June"))) == []


@pytest.mark.parametrize("make", ["export", "reporting"])
@pytest.mark.django_db
def test_cases_open_cells_of_our_workbooks_are_text(small_plan, make):
    if make == "export":
        activities = Activity.objects.filter(plan=small_plan).for_export(ON)
        content = write_xlsx(activities, small_plan, [], "http://testserver/", datetime(2024, 7, 1, tzinfo=UTC))
        headings = {"Activity", "Description", "Agency Lead", "Support Agencies"}
    else:
        agency = small_plan.activities.first().agency_links.first().agency
        workbook = reporting_workbook_of(agency, small_plan, ON)
        content = write_reporting_workbook(workbook, small_plan, "http://testserver/", datetime(2024, 7, 1, tzinfo=UTC))
        headings = set(WORDS[1:])
    book = load_workbook(BytesIO(content))
    sheet = book["Activities"]
    looks = {cell.value: sheet.cell(sheet.max_row, cell.column).number_format for cell in sheet[1]}
    present = {cell.value for cell in sheet[1] if sheet.cell(sheet.max_row, cell.column).has_style}
    assert {looks[heading] for heading in headings & present} == {"@"}
    # What is not there yet, such as rows below, looks like the first style.
    assert book._cell_styles[0].numFmtId == 49


@pytest.mark.parametrize("text", ["-Met", "=x", "1/2", "30 June", "+64 4 123", "007", "@home", "TRUE", "45%"])
@pytest.mark.django_db
def test_cases_texts_typed_into_text_cells_stay_what_was_typed(check, text):
    file = BytesIO()
    with Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Activities")
        sheet.write_row(0, 0, ["Number", "Description"])
        sheet.write_number(1, 0, 1)
        sheet.write_string(1, 1, text, book.add_format({"num_format": "@"}))
    checked = check(read_table(file.getvalue(), ""))
    assert (changes(checked), errors(checked)) == ([(2, 1, {"Description": ("Words 1", text)})], [])
