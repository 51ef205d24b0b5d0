"""The sheet of a workbook to fill in where an agency ticks the sub-activities that are done."""

from datetime import date

from plans.spreadsheets.row_versions import ItemVersion, seal_item
from plans.spreadsheets.tick_columns import DONE, DONE_ON, OPEN_COLUMNS, SHEET, TICK_COLUMNS, YES
from plans.spreadsheets.writing.workbook import (
    DAY,
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


def write_ticks(book, fill_in, plan, lists):
    """Write the sheet with a row for each of the `items` of a `FillIn`; `lists` are the `PickLists` of the workbook."""
    sheet = book.add_worksheet(SHEET)
    locked, opened = book.add_format({**HEADING, **SHADED}), book.add_format(OPEN_HEADING)
    write_headings(sheet, TICK_COLUMNS, [opened if one in OPEN_COLUMNS else locked for one in TICK_COLUMNS])
    for column in OPEN_COLUMNS:
        sheet.write_comment(0, TICK_COLUMNS.index(column), column.hint, {"x_scale": 2})
    hidden = hide_versions(book, sheet, len(TICK_COLUMNS))
    shaded = book.add_format({**TEXT, **SHADED})
    formats = [shaded] * 3 + [book.add_format(OPEN), book.add_format({**OPEN, **DAY})]
    last_row = len(fill_in.items)
    for row, (line, item) in enumerate(fill_in.items, start=1):
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
