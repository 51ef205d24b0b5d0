"""Activities as spreadsheets: CSV and Excel.

Both hold the columns of `plans.spreadsheets.columns`, and no cell of either can run as a formula. Excel files also hold
each row's version in a hidden column, by which they are merged when they come back.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from itertools import islice

from plans.models import Plan
from plans.querysets import ActivityQuerySet
from plans.spreadsheets.cell_text import SURELY_FITS, csv_cell, excel_text, unguard
from plans.spreadsheets.columns import (
    COLUMNS,
    HEADINGS,
    MERGED_COLUMNS,
    NOT_READ,
    NUMBER,
    cell_in_words,
    cells_of,
    merged_cells_of,
)
from plans.spreadsheets.lines import KNOWN_AT_A_TIME, LINES_AT_A_TIME, read_lines
from plans.spreadsheets.row_versions import seal
from plans.spreadsheets.writing.workbook import (
    DAY,
    HEADING,
    OPTIONS,
    SHADED,
    TEXT,
    WHOLE_NUMBER,
    LineSheet,
    PickLists,
    PlainWorkbook,
    add_plan_lists,
    describe,
    hide_versions,
    lay_out_for_print,
    write_about,
    write_headings,
)
from plans.summaries.record import moment_in_words
from plans.summaries.reference_names import Names, read_names

ABOUT_COMING_BACK = (
    "You can edit this file and import it again. Do not delete the hidden Row Version column. The tracker uses it to "
    "avoid overwriting newer changes. A file without it is compared with the plan as it is by then."
)
MERGED_HEADINGS = tuple(column.heading for column in MERGED_COLUMNS)
ABOUT_NOT_READ = "They come from updates, so an import ignores them."


def write_csv(activities: ActivityQuerySet, names: Names | None = None) -> Iterator[bytes]:
    """Yield the rows of `activities` (`for_export()`) as CSV in bytes: UTF-8 with BOM, CRLF, dates in ISO form.

    A thousand rows come at a time, and memory does not grow with them. Two queries, one without `read_names()`.
    """
    lines = read_lines(activities, names, with_update_ids=False)
    cells = [csv_cell if column.is_own else lru_cache(KNOWN_AT_A_TIME)(csv_cell) for column in COLUMNS]
    start = f"\ufeff{','.join(HEADINGS)}\r\n"
    while some := [_csv_row(cells, line) for line in islice(lines, LINES_AT_A_TIME)]:
        yield f"{start}{''.join(some)}".encode()
        start = ""
    if start:
        yield start.encode()


def write_xlsx(
    activities: ActivityQuerySet,
    plan: Plan,
    filters: list[tuple[str, str]],
    url: str,
    made_at: datetime,
    names: Names | None = None,
) -> bytes:
    """Return the bytes of an Excel workbook of `activities` (`for_export()`), all of them of `plan`.

    `filters` is [(label, value)] in words, as the second sheet says them; `url` is where the view can be seen
    again; `made_at` is when it was made. Costs the queries of `write_csv`.
    """
    file = BytesIO()
    names = names or read_names()
    lists = PickLists()
    with PlainWorkbook(file, OPTIONS) as book:
        describe(book, plan, f"{plan.name}: activities", made_at)
        count = _write_activities(book, activities, plan, lists, names)
        facts = [
            ("Plan", plan.name),
            ("Protective marking", plan.get_marking_display()),
            *(filters or [("Filters", "None (all activities)")]),
            ("Number of activities", str(count)),
            ("Made", moment_in_words(made_at)),
            ("Editing and re-importing this file", ABOUT_COMING_BACK),
            (" and ".join(column.heading for column in NOT_READ), ABOUT_NOT_READ),
            ("Link to this view", url),
        ]
        write_about(book, facts, plan)
        lists.write(book)
    return file.getvalue()


def version_of(line, plan, agency=""):
    """Return the sealed version of a `Line` of `plan`, made for the agency of a code, or for nobody in particular."""
    texts = dict(zip(MERGED_HEADINGS, map(_as_read_back, merged_cells_of(line)), strict=True))
    ids = {"plan_id": plan.pk, "activity_id": line.activity_id, "latest_update_id": line.last_update_id}
    return seal(**ids, number=line.number, texts=texts, agency=agency)


def _as_read_back(cell: str | int | date | None) -> str:
    """Return the text that reading the Excel cell of it gives: all of it, unless it had to be cut."""
    text = cell_in_words(cell)
    return text if len(text) <= SURELY_FITS else unguard(excel_text(text))


def _csv_row(cells, line):
    return ",".join([cell(value) for cell, value in zip(cells, cells_of(line), strict=True)]) + "\r\n"


def _write_activities(book, activities, plan, lists, names):
    """Write the first sheet, and return how many activities it holds."""
    sheet = book.add_worksheet("Activities", worksheet_class=LineSheet)
    write_headings(sheet, COLUMNS, [book.add_format(HEADING)] * len(COLUMNS))
    hidden = hide_versions(book, sheet, len(COLUMNS))
    formats = [_look(column) and book.add_format(_look(column)) for column in COLUMNS]
    own = [column.is_own for column in COLUMNS]
    sheet.take_lines([*zip(formats, own, strict=True), (hidden, True)])
    row = 0
    for row, line in enumerate(read_lines(activities, names), start=1):
        sheet.write_line(row, (*cells_of(line), version_of(line, plan)))
    # With the hidden column, since sorting by a filter leaves behind what is beside it.
    sheet.autofilter(0, 0, row, len(COLUMNS))
    add_plan_lists(lists, sheet, COLUMNS, row, names)
    lay_out_for_print(sheet, plan)
    return row


def _look(column):
    """Return the format of a column's cells; None for that of all text."""
    look = WHOLE_NUMBER if column is NUMBER else {**TEXT, **(DAY if column.is_day else {})}
    look = {**look, **(SHADED if column.readonly else {})}
    return None if look == TEXT else look
