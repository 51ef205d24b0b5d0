"""Workbooks that agencies fill in, and that come back as their updates.

What says what an activity is stands there to be read, shaded and locked. The columns to report in are open and blank:
a row with words in any of them is an update.
"""

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

from plans.actions.reporting_rules import PRIVACY_HINT
from plans.spreadsheets.columns import COLUMNS, NUMBER, STATUS, TITLE, Column
from plans.spreadsheets.update_columns import LATEST_UPDATE, REPORTING_AGENCY, UPDATE_COLUMNS, UPDATE_STATUS
from plans.spreadsheets.writing.export import version_of
from plans.spreadsheets.writing.fill_in_guide import write_guide
from plans.spreadsheets.writing.fill_in_ticks import write_ticks
from plans.spreadsheets.writing.pick_lists import PickLists
from plans.spreadsheets.writing.workbook import (
    DAY,
    HEADING,
    OPEN,
    OPEN_HEADING,
    OPTIONS,
    SHADED,
    TEXT,
    PlainWorkbook,
    describe,
    hide_versions,
    lay_out_for_print,
    write_cells,
    write_headings,
)

LOCKED_NOTE = "Shaded columns are locked. They show the plan. Programme admins can change them."


LATEST = Column(LATEST_UPDATE, "latest_update", 36, readonly=True)
BEFORE = (NUMBER, TITLE, STATUS, LATEST)
AFTER = tuple(column for column in COLUMNS if column not in BEFORE)
ALL = (*BEFORE, *UPDATE_COLUMNS, *AFTER)
"""Every column in its order: what is to be filled in stands beside what names the activity."""


def write_fill_in(fill_in, plan, url, made_at):
    """Answer the bytes of the workbook of a `FillIn` of `plan`. No query, but for the open round if it is not known.

    `url` is where the filled-in workbook can be sent; `made_at` is when this one was made.
    """
    file = BytesIO()
    lists = PickLists()
    with PlainWorkbook(file, OPTIONS) as book:
        describe(book, plan, f"{plan.name}: {fill_in.agency.name}, reporting workbook", made_at)
        _write_activities(book, fill_in, plan, lists)
        if fill_in.items:
            write_ticks(book, fill_in, plan, lists)
        write_guide(book, fill_in, plan, url, made_at)
        lists.write(book)
    return file.getvalue()


def write_all(fill_ins, plan, url, made_at):
    """Yield the bytes of a zip archive with the workbook of each `FillIn`, which comes as soon as it is made.

    One workbook at a time is in memory.
    """
    parts = _Parts()
    with ZipFile(parts, "w", ZIP_STORED) as archive:
        for fill_in in fill_ins:
            archive.writestr(fill_in_name(plan, fill_in.agency), write_fill_in(fill_in, plan, url, made_at))
            yield parts.taken()
    yield parts.taken()


def fill_in_name(plan, agency):
    """Answer what the file of an agency is called; those of a plan sort by agency."""
    return f"{plan.slug}-fill-in-{agency.code}-{plan.get_marking_display()}.xlsx"


class _Parts:
    """A file that is written from start to end and keeps nothing that has been taken from it."""

    def __init__(self):
        self.written = []

    def write(self, content):
        self.written.append(bytes(content))
        return len(content)

    def flush(self):
        """Do nothing: what is written is there."""

    def taken(self):
        """Answer what was written since it was last asked."""
        content, self.written = b"".join(self.written), []
        return content


def _write_activities(book, fill_in, plan, lists):
    sheet = book.add_worksheet("Activities")
    hidden = _write_headings(book, sheet)
    formats = [book.add_format(_look(column)) for column in ALL]
    last_row = len(fill_in.rows)
    for row, (line, latest) in enumerate(fill_in.rows, start=1):
        write_cells(sheet, row, [_cell(column, line, latest) for column in ALL], formats)
        sheet.write_string(row, len(ALL), version_of(line, plan, fill_in.agency.code), hidden)
    _offer_choices(sheet, fill_in, lists)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    sheet.autofilter(0, 0, last_row, len(ALL))
    lay_out_for_print(sheet, plan)
    sheet.print_area(0, 0, last_row, len(BEFORE) + len(UPDATE_COLUMNS) - 1)


def _write_headings(book, sheet):
    """Write the headings and what explains them, and answer the format of the hidden cells.

    It comes before any row: XlsxWriter goes through a sheet from top to bottom.
    """
    locked, opened = book.add_format({**HEADING, **SHADED}), book.add_format(OPEN_HEADING)
    write_headings(sheet, ALL, [opened if column in UPDATE_COLUMNS else locked for column in ALL])
    sheet.freeze_panes(1, 2)
    sheet.write_comment(0, 0, LOCKED_NOTE, {"x_scale": 2})
    for place, column in enumerate(UPDATE_COLUMNS, start=len(BEFORE)):
        sheet.write_comment(0, place, f"{column.title}\n{column.hint}", {"x_scale": 2, "y_scale": 1.5})
    return hide_versions(book, sheet, len(ALL))


def _look(column):
    if column in UPDATE_COLUMNS:
        return OPEN
    return {**(DAY if column.is_day else TEXT), **SHADED}


def _cell(column, line, latest):
    if column in UPDATE_COLUMNS:
        return None
    return said(latest) if column is LATEST else getattr(line, column.attribute)


def _offer_choices(sheet, fill_in, lists):
    """Give drop-downs to the columns that take one of a list, and a hint to those that take words."""
    last_row = len(fill_in.rows)
    choices = {REPORTING_AGENCY: fill_in.reporters, UPDATE_STATUS: STATUS.widget.offered}
    for place, column in enumerate(UPDATE_COLUMNS, start=len(BEFORE)):
        if column in choices:
            lists.add(sheet, place, last_row, choices[column])
        elif last_row:
            prompt = {"validate": "any", "input_title": column.title, "input_message": PRIVACY_HINT}
            sheet.data_validation(1, place, last_row, place, prompt)


def said(update):
    """Answer what an update said, as one text; blank for None."""
    if update is None:
        return ""
    parts = [
        f"{update.status_choice.label}: {update.said_by}, {update.day}",
        update.what_happened,
        update.whats_next and f"Next: {update.whats_next}",
        update.barrier and f"Barrier: {update.barrier}",
    ]
    return "\n".join(filter(None, parts))
