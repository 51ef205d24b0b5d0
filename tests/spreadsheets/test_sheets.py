"""Sheets hold what they were given, whatever it looks like, and the quick way to write rows is the library's."""

from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from plans.choices import Marking
from plans.models import Activity, FocusArea, Plan, PriorityArea
from plans.spreadsheets.writing.activity_record import write_record
from plans.spreadsheets.writing.workbook import DAY, OPTIONS, SHADED, TEXT, LineSheet, PlainWorkbook, write_cells
from plans.summaries.lineage import Relatives

CELLS = st.one_of(
    st.text("ab <&>\"'\n\t\r\x07\x85_x0041_=•ā😀\ufffe", max_size=12),
    st.sampled_from(["<r>&</r>", "=1+1", "'=1", "x" * 20_000, "😀" * 20_000]),
    st.none(),
    st.integers(0, 10**12),
    st.dates(date(1900, 1, 1)),
)
ROWS = st.lists(st.tuples(st.integers(1, 9), CELLS, CELLS, CELLS, st.just("end")), max_size=4)
LOOKS = (None, None, {**TEXT, **SHADED}, {**DAY, **SHADED}, {"text_wrap": False})


# The setting stays the same from one made-up input to the next.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
@example([])
@example([(1, "a", "b", date(2026, 1, 1), "end")])
@example([(1, "=1", "", None, "end"), (2, "=1", "", None, "end")])
def test_lines_are_written_as_the_library_writes_their_cells(tricks_on, rows):
    def by_cells(sheet, formats):
        for row, cells in enumerate(rows, start=1):
            write_cells(sheet, row, cells, formats)

    def by_lines(sheet, formats):
        sheet.take_lines([(look, place == 1) for place, look in enumerate(formats)])
        for row, cells in enumerate(rows, start=1):
            sheet.write_line(row, cells)

    assert file_of(by_lines, LineSheet) == file_of(by_cells)


def file_of(write, worksheet_class=None):
    """All that a workbook says in which `write(sheet, formats)` has written below one cell: {part: XML}."""
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        sheet = book.add_worksheet(worksheet_class=worksheet_class)
        formats = [look and book.add_format(look) for look in LOOKS]
        sheet.write_string(0, 0, "Heading", book.add_format({"bold": True}))
        write(sheet, formats)
        # Begun before the last line of the first sheet is written, in a format that counts as a later one.
        about = book.add_worksheet()
        for row in range(2):
            about.write_string(row, 0, "About", book.add_format({"italic": True}))
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    with ZipFile(file) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


@pytest.mark.parametrize("is_on", [True, False])
def test_lines_are_written_with_and_without_the_trick(settings, is_on):
    settings.ROCC_FAST = is_on
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        sheet = book.add_worksheet(worksheet_class=LineSheet)
        sheet.take_lines([(None, True), (book.add_format(SHADED), False)])
        for row in range(3):
            sheet.write_line(row, [f"Row {row}", row])

    found = [[cell.value for cell in row] for row in load_workbook(file).active]
    assert found == [["Row 0", 0], ["Row 1", 1], ["Row 2", 2]]


@pytest.mark.parametrize("text", ["<r>&</r>", "<r></r></is></c><c r='B1'><f>1+1</f></c><c t='inlineStr'><is><r></r>"])
def test_text_that_looks_like_xml_stays_text(text):
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        book.add_worksheet().write_string(0, 0, text)
        lines = book.add_worksheet(worksheet_class=LineSheet)
        lines.take_lines([(None, True)])
        lines.write_line(0, [text])
    assert [[cell.value for cell in sheet[1]] for sheet in load_workbook(file)] == [[text], [text]]


def test_record_of_an_activity_holds_text_that_looks_like_xml():
    activity = Activity(pk=1, number=1, title="<r>&</r>", focus_area=FocusArea(), priority_area=PriorityArea())
    activity.last_update_at = activity.last_update_id = None
    activity.freshness = "never"
    activity._prefetched_objects_cache = {"agency_links": [], "sub_activities": [], "evidence": []}
    plan = Plan(name="Plan", marking=Marking.UNCLASSIFIED)
    content = write_record(activity, plan, [], [], "http://testserver/", datetime(2024, 7, 1, tzinfo=UTC), Relatives())
    assert load_workbook(BytesIO(content))["The activity"]["C5"].value == "<r>&</r>"
