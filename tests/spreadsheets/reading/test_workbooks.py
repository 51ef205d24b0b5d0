from datetime import date, datetime, time

import pytest

from plans.spreadsheets.reading import sandbox
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.reading.makers import (
    BOOK_PARTS,
    HEADINGS,
    archive,
    docx,
    ods,
    ods_row,
    word_table,
    workbook,
    xls,
    xlsx,
)

ROWS = [["Number", "Activity", "Status"], [1, "Kāinga Ora", "Paused"], [2, "Two\nlines", "On track"]]
READ = [(2, ("1", "Kāinga Ora", "Paused")), (3, ("2", "Two\nlines", "On track"))]
MERGE_FIRST = '<w:vMerge w:val="restart"/>'


def rows(table):
    return [(row.row, row.cells) for row in table.rows]


def test_excel_workbook_is_read():
    table = read_table(workbook(("Activities", ROWS)), "plan.xlsx")
    assert (table.headings, table.columns, table.heading_row) == (("Number", "Activity", "Status"), (1, 2, 3), 1)
    assert (rows(table), table.kind, table.sheet, table.notes) == (READ, "Excel workbook (.xlsx)", "Activities", ())


def test_old_excel_workbook_is_read():
    table = read_table(xls([*ROWS, [3, date(2024, 7, 1), True]]), "plan.csv")
    assert rows(table)[:2] == READ
    assert (table.kind, table.sheet) == ("Excel workbook of before 2007 (.xls)", "Activities")


def test_open_document_spreadsheet_is_read_and_cells_made_one_are_filled():
    first = (
        '<table:table-row><table:table-cell office:value-type="float" office:value="1"/>'
        '<table:table-cell office:value-type="string" table:number-rows-spanned="2" table:number-columns-spanned="1">'
        "<text:p>SUPPLY</text:p></table:table-cell>"
        '<table:table-cell office:value-type="date" office:date-value="2024-07-01"/></table:table-row>'
    )
    second = (
        '<table:table-row><table:table-cell office:value-type="float" office:value="2"/><table:covered-table-cell/>'
        "</table:table-row>"
    )
    table = read_table(ods(ods_row("Number", "Focus area", "Description"), first, second), "")
    assert rows(table) == [(2, ("1", "SUPPLY", "2024-07-01")), (3, ("2", "SUPPLY", ""))]
    assert table.kind == "OpenDocument spreadsheet (.ods)"


def test_values_of_each_sort_become_text():
    def fill(book, sheet):
        day, share = book.add_format({"num_format": "d mmmm yyyy"}), book.add_format({"num_format": "0%"})
        sheet.write_datetime(1, 1, datetime(2024, 7, 1), day)  # noqa: DTZ001 - Excel knows no time zones
        sheet.write_datetime(2, 1, datetime(2024, 7, 1, 13, 30), day)  # noqa: DTZ001
        for row, value in enumerate([3.0, 0.1 + 0.2, 12345678901.0, True, time(3, 4), "  spaces\t"], start=3):
            sheet.write(row, 1, value)
        sheet.write_number(9, 1, 0.25, share)
        for row in range(1, 10):
            sheet.write(row, 0, row)

    table = read_table(workbook(("Activities", [["Number", "Activity"]]), fill=fill), "")
    assert [row.cells[1] for row in table.rows] == [
        *("1 July 2024", "1 July 2024", "3", "0.3", "12345678901", "TRUE"),
        *(table.rows[6].cells[1], "spaces", "25%"),
    ]


def test_value_in_error_is_read_as_it_shows():
    sheet = (
        HEADINGS + '<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1" t="e"><v>#REF!</v></c></row>'
        '<row r="3"><c r="A3" t="e"><v>#N/A</v></c><c r="B3"><v>5</v></c></row>'
    )
    assert rows(read_table(xlsx(sheet), "")) == [(2, ("1", "#REF!")), (3, ("#N/A", "5"))]


def test_notes_above_hidden_columns_and_rows_and_colour_do_no_harm():
    def fill(book, sheet):
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.set_row(4, None, None, {"hidden": True})
        for row in range(2000):
            sheet.write_blank(row, 30, None, book.add_format({"bg_color": "red"}))

    content = workbook(("Plan", [["Year Two plan"], [], *ROWS]), fill=fill)
    table = read_table(content, "")
    assert (table.headings, table.heading_row, table.sheet) == (("Number", "Activity", "Status"), 3, "Plan")
    assert rows(table) == [(row + 2, cells) for row, cells in READ]
    assert table.notes == ("The headings were found in row 3; what stands above is not read.",)


def test_table_that_begins_further_right_and_down_keeps_its_places():
    def fill(book, sheet):
        sheet.write_row(3, 2, ["Number", "Status"])
        sheet.write_row(4, 2, [1, "Paused"])

    table = read_table(workbook(("x", []), fill=fill), "")
    assert (table.heading_row, table.columns, rows(table)) == (4, (3, 4), [(5, ("1", "Paused"))])


def test_cells_made_one_say_the_same_in_each_row_but_not_numbers_and_titles():
    def fill(book, sheet):
        sheet.merge_range(1, 1, 3, 1, "SUPPLY")
        sheet.merge_range(1, 2, 2, 2, "Cobalt")
        sheet.merge_range(1, 3, 2, 3, "Police")

    content = workbook(
        ("Activities", [["Number", "Strategic Focus Area", "Activity", "Lead"], *([n] for n in range(1, 5))]), fill=fill
    )
    assert [row.cells for row in read_table(content, "").rows] == [
        ("1", "SUPPLY", "Cobalt", "Police"),
        ("2", "SUPPLY", "", "Police"),
        ("3", "SUPPLY", "", ""),
        ("4", "", "", ""),
    ]


def test_sheet_is_the_one_called_activities_else_the_likest_else_the_chosen():
    other = [["Number", "Colour"], [9, "red"]]
    named = workbook(("Notes", other), (" activities ", ROWS))
    likest = workbook(("Notes", other), ("Plan", ROWS * 40))
    assert (read_table(named, "").sheet, read_table(likest, "").sheet) == (" activities ", "Plan")
    assert len(read_table(likest, "").rows) == 119
    assert rows(read_table(likest, "", sheet="Notes")) == [(2, ("9", "red"))]
    assert (read_table(named, "").sheets, read_table(b"Number\n1\n", "").sheets) == (("Notes", " activities "), ())
    assert read_table(likest, "").sheets == ("Notes", "Plan")
    with pytest.raises(UnreadableFile, match=r"^The workbook has no sheet called “x”\. It has: Notes, Plan\."):
        read_table(likest, "", sheet="x")


def test_progress_of_a_workbook_says_how_much_is_left():
    told = []
    content = workbook(("Activities", [["Number"], *([n] for n in range(1, 1201))]))
    read_table(content, "", on_progress=lambda *progress: told.append(progress))
    assert told == [(500, 1201), (1000, 1201), (1201, 1201)]


def test_formulas_outside_the_columns_that_are_read_are_only_noted():
    def fill(book, sheet):
        sheet.write_formula(1, 4, "=A2+1", None, 2)

    table = read_table(workbook(("Activities", ROWS), fill=fill), "")
    assert (rows(table)[0][1], table.notes) == (
        ("1", "Kāinga Ora", "Paused", "2"),
        ("1 formula stands outside the columns that are read.",),
    )


def test_formulas_in_columns_that_are_read_are_all_errors_of_their_cells():
    def fill(book, sheet):
        for row in range(1, 9):
            sheet.write_formula(row, 0, "=ROW()", None, row)

    table = read_table(workbook(("Activities", ROWS), fill=fill), "")
    assert list(table.errors) == [(row, 1) for row in range(2, 10)]


def test_word_table_is_read_with_its_lists_and_cells_made_one():
    item = "<w:tbl/>"
    table = word_table(
        [["Number", "Focus area", "Description"], ["1", "SUPPLY", "First\nsecond"], ["2", "", "Third"]],
        {(1, 1): MERGE_FIRST, (2, 1): "<w:vMerge/>"},
    )
    listed = table.replace(
        "<w:p><w:r><w:t>second",
        "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:delText>gone</w:delText><w:t>sec</w:t></w:r><w:r><w:t>ond",
    )
    found = read_table(docx(f"<w:p/>{item}{listed}"), "plan.docx")
    assert rows(found) == [(2, ("1", "SUPPLY", "First\n• second")), (3, ("2", "SUPPLY", "Third"))]


def test_word_table_goes_on_in_the_next_of_the_same_width():
    first, other, rest = (
        word_table(table) for table in ([["Number", "Status"], ["1", "Paused"]], [["a", "b", "c"]], [["2", "Complete"]])
    )
    assert [row.cells for row in read_table(docx(first + other + rest), "").rows] == [
        ("1", "Paused"),
        ("2", "Complete"),
    ]


def test_word_file_without_a_table_says_so():
    with pytest.raises(UnreadableFile, match=r"^The Word file has no table in it\."):
        read_table(docx("<w:p><w:r><w:t>Words</w:t></w:r></w:p>"), "")


def test_formula_is_seen_however_the_xml_is_written():
    parts = {
        **BOOK_PARTS,
        "xl/_rels/workbook.xml.rels": BOOK_PARTS["xl/_rels/workbook.xml.rels"].replace("worksheets/", "/xl/odd/"),
        "xl/odd/sheet1.xml": (
            '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
            '<x:row r="1"><x:c t="inlineStr" r="A1"><x:is><x:t>Number</x:t></x:is></x:c></x:row>'
            "<x:row r='2'><x:c s='1'\nr='A2'>\n<x:f>1+1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>"
        ),
    }
    assert list(read_table(archive(parts), "").errors) == [(2, 1)]


TICKS = [["Number", "Sub-activity", "Done"], [1, "Step", "Yes"]]


def test_one_process_reads_a_sheet_and_the_one_beside_it(monkeypatch):
    started, start = [], sandbox.limited_process

    def count(module, *arguments, **options):
        started.append(module)
        return start(module, *arguments, **options)

    monkeypatch.setattr(sandbox, "limited_process", count)
    table = read_table(workbook(("Activities", ROWS), ("Sub-activities", TICKS)), "")

    assert started == [sandbox.MODULE]
    assert table.sheets == ("Activities", "Sub-activities")
    assert [row.cells for row in table.ticks.rows] == [("1", "Step", "Yes")]


def test_sheet_beside_that_is_too_long_is_refused_after_what_is_wrong_with_the_activities(settings):
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_rows": 5}
    long = [TICKS[0], *TICKS[1:] * 6]

    with pytest.raises(UnreadableFile, match=r"^The sheet “Sub-activities” has something in row 6"):
        read_table(workbook(("Activities", ROWS), ("Sub-activities", long)), "")
    with pytest.raises(UnreadableFile, match=r"^No row holds the headings"):
        read_table(workbook(("Activities", [["Colour"], ["red"]]), ("Sub-activities", long)), "")
