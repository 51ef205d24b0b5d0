"""The sheets beside the activities in a reporting workbook: its explanation, and sub-activities to tick."""

from datetime import date

from django.utils.formats import date_format

from plans.actions.reporting_rules import PRIVACY_HINT
from plans.choices import Status
from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.columns import DONE, DONE_ON, OPEN_TICK_COLUMNS, TICK_COLUMNS, TICK_SHEET, UPDATE_COLUMNS, YES
from plans.spreadsheets.row_versions import ItemVersion, seal_item
from plans.spreadsheets.writing.workbook import (
    DAY,
    EXCEL_LINK_LENGTH,
    HEADING,
    OPEN,
    OPEN_HEADING,
    SHADED,
    TEXT,
    hide_versions,
    lay_out_for_print,
    write_cells,
    write_headings,
)
from plans.summaries.record import moment_in_words

SHEET = "Instructions"
WHAT_TO_DO = (
    "On the Activities sheet, fill in the white columns for each activity you are updating. "
    "Leave a row blank to skip it."
)
TICKS_NOTE = (
    "Lists sub-activities that are not done yet. What you tick there is part of your update on the activity. "
    "The status does not change unless you choose another on the Activities sheet. "
    "If an activity has no updates yet, choose its status there as well."
)
NO_CHANGE = "Choose the same status again and leave the rest blank."
SHADED_NOTE = (
    "They show the plan and are locked. If something there is wrong, tell a programme admin. "
    "Do not delete the hidden column. The tracker uses it to avoid overwriting newer changes."
)
WHAT_BECOMES = (
    "Whoever uploads the file reviews each change before it is saved. Your updates then appear in the plan under your "
    "agency's name. If someone else has added an update in the meantime, both are kept."
)


def write_guide(book, workbook, plan, url, made_at):
    """Write the sheet of explanations into `book`; `url` is where the filled-in workbook can be sent."""
    sheet = book.add_worksheet(SHEET)
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format(TEXT)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    for row, (name, value) in enumerate(_entries(workbook, plan, url, made_at)):
        sheet.write_string(row, 0, name, label)
        if value == url and len(url) <= EXCEL_LINK_LENGTH:
            sheet.write_url(row, 1, url, string=url)
        else:
            sheet.write_string(row, 1, excel_text(value), text)
    lay_out_for_print(sheet, plan)
    sheet.set_portrait()


def _entries(workbook, plan, url, made_at):
    """Yield (label, text): what it is, what to do, what each column and each status means, what comes of it."""
    yield "Plan", plan.name
    yield "Protective marking", plan.get_marking_display()
    yield "For", f"{workbook.agency.name}: the {_count(workbook.rows)} it leads, including through a group or a unit"
    yield "Made", moment_in_words(made_at)
    yield "Due", _due(plan.open_round)
    yield "What to do", WHAT_TO_DO
    yield "Nothing has changed?", NO_CHANGE
    yield (
        "Where to send it",
        "To the person who sent it to you. If you can sign in, you can also upload it yourself, here:",
    )
    yield "", url
    yield "Privacy", PRIVACY_HINT
    yield "The columns to fill in", ""
    for column in UPDATE_COLUMNS:
        yield column.heading, f"{column.title} {column.hint}" if column.title.endswith("?") else column.hint
    if workbook.items:
        yield f"The sheet {TICK_SHEET}", TICKS_NOTE
        for column in OPEN_TICK_COLUMNS:
            yield column.heading, column.hint
    yield "The shaded columns", SHADED_NOTE
    yield "The statuses", ""
    for status in Status:
        if status is not Status.NO_UPDATE:
            yield f"{status.shape} {status.label}", status.meaning
    yield "What happens next", WHAT_BECOMES


def _count(rows):
    return "one activity" if len(rows) == 1 else f"{len(rows)} activities"


def _due(reporting_round):
    if reporting_round is None:
        return "No reporting round is open. You can still add an update at any time."
    return f"{date_format(reporting_round.due_on)}, for the {reporting_round.name}"


DAYS = {
    "validate": "date",
    "criteria": "between",
    "minimum": date(2000, 1, 1),
    "maximum": "=TODAY()",
    "error_title": "Not a day in the past",
    "error_message": "Write the day like 1 July 2024. Enter today or an earlier date.",
    "input_title": "Done on",
    "input_message": DONE_ON.hint,
}
"""What the cells of days take."""


def write_ticks(book, workbook, plan, lists):
    """Write the sheet with a row for each of the `items` of a `ReportingWorkbook`; `lists` are its `PickLists`."""
    sheet = book.add_worksheet(TICK_SHEET)
    locked, opened = book.add_format({**HEADING, **SHADED}), book.add_format(OPEN_HEADING)
    write_headings(sheet, TICK_COLUMNS, [opened if one in OPEN_TICK_COLUMNS else locked for one in TICK_COLUMNS])
    for column in OPEN_TICK_COLUMNS:
        sheet.write_comment(0, TICK_COLUMNS.index(column), column.hint, {"x_scale": 2})
    hidden = hide_versions(book, sheet, len(TICK_COLUMNS))
    shaded = book.add_format({**TEXT, **SHADED})
    formats = [shaded] * 3 + [book.add_format(OPEN), book.add_format({**OPEN, **DAY})]
    last_row = len(workbook.items)
    for row, (line, item) in enumerate(workbook.items, start=1):
        write_cells(sheet, row, [line.number, line.title, item.text, None, None], formats)
        version = ItemVersion(plan.pk, line.activity_id, line.number, item.pk)
        sheet.write_string(row, len(TICK_COLUMNS), seal_item(version), hidden)
    lists.add(sheet, TICK_COLUMNS.index(DONE), last_row, [YES])
    place = TICK_COLUMNS.index(DONE_ON)
    sheet.data_validation(1, place, last_row, place, DAYS)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    sheet.autofilter(0, 0, last_row, len(TICK_COLUMNS))
    lay_out_for_print(sheet, plan)
    sheet.print_area(0, 0, last_row, len(TICK_COLUMNS) - 1)
