"""Activities as spreadsheets: CSV and Excel.

An activity is a `Line`, which is what stands in the columns of `plans.spreadsheets.columns`. No cell can run as a
formula. Excel files of activities also hold each row's version in a hidden column, by which they are merged when they
come back.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from itertools import islice
from typing import Any

from plans.models import Plan
from plans.querysets import ActivityQuerySet
from plans.querysets.exporting import as_rows
from plans.spreadsheets.cell_text import SURELY_FITS, csv_cell, excel_text, unguard
from plans.spreadsheets.columns import (
    COLUMNS,
    HEADINGS,
    MERGED_COLUMNS,
    NOT_READ,
    NUMBER,
    Column,
    cell_in_words,
    cells_of,
    merged_cells_of,
)
from plans.spreadsheets.row_versions import seal
from plans.spreadsheets.widgets import CellWidget
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
from plans.text import listed

# Activities as lines of text: one reading of them for every file that holds them.

LINES_AT_A_TIME = 1_000
KNOWN_AT_A_TIME = 5_000
STORED = tuple(dict.fromkeys(name for column in COLUMNS for name in column.stored))
"""What the columns are loaded from, as `as_rows` knows it."""


class Line(namedtuple("Line", ["activity_id", *(column.attribute for column in COLUMNS), "last_update_id"])):  # type: ignore[misc]  # its fields follow from the columns
    """An activity as its columns show it: texts are tidy, agencies are joined as the plan joins them.

    `last_updated` is the day of the latest update with a status, where the programme is, and `last_update_id` its id;
    None when there is none.
    """

    __slots__ = ()


def read_lines(
    activities: ActivityQuerySet, names: Names | None = None, *, with_update_ids: bool = True
) -> Iterator[Line]:
    """Yield the `Line` of each of `activities` (`for_export()`), in their order.

    They are read as values, since 10,000 activities with their agencies make 100,000 objects; and as they go, so that
    memory does not grow with them. `names` are `read_names()`, if they are known. Without update ids, `last_update_id`
    is None in each `Line`, which saves looking for it. One query, and one for the names.
    """
    names = _names_that_grow(names or read_names())
    makers = [_maker(column, names) for column in COLUMNS]
    rows = as_rows(activities, STORED, with_update_ids=with_update_ids)
    for row in rows.iterator(chunk_size=LINES_AT_A_TIME):
        yield Line(row[0], *[make(row[place]) for place, make in makers], row[-1])  # type: ignore[call-arg]


def line_of(activity: Any) -> Line:
    """Return the `Line` of an activity fetched with `for_export()`. No query."""
    return Line(activity.pk, *(column.export(activity) for column in COLUMNS), activity.last_update_id)  # type: ignore[call-arg]


def _maker(column: Column, names: Names) -> tuple[int | slice, Callable[[Any], Any]]:
    """Return (where a row holds what a column is loaded from, side by side, and what makes the cell of that)."""
    first, widget = STORED.index(column.stored[0]) + 1, column.widget or CellWidget()
    place = first if len(column.stored) == 1 else slice(first, first + len(column.stored))

    def make(stored: Any) -> Any:
        return widget.render(widget.load(stored, names))

    # Most rows say the same of areas, agencies and statuses, which is worked out once.
    return place, make if column.is_own else lru_cache(KNOWN_AT_A_TIME)(make)


def _names_that_grow(names: Names) -> Names:
    """Return `Names` which are read again when one is wanted that was added after they were read."""
    grown = Names(_Growing(), _Growing(), _Growing())
    for name, known in vars(grown).items():
        known.name = name
        known.update(getattr(names, name))
    return grown


class _Growing(dict):
    """Things of one kind by their ids."""

    name = ""

    def __missing__(self, pk: int) -> Any:
        self.update(getattr(read_names(), self.name))
        return super().__getitem__(pk)


# Activities.

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
            (listed([column.heading for column in NOT_READ]), ABOUT_NOT_READ),
            ("Link to this view", url),
        ]
        write_about(book, facts, plan)
        lists.write(book)
    return file.getvalue()


def version_of(line: Any, plan: Plan, agency: str = "") -> str:
    """Return the sealed version of a `Line` of `plan`, made for the agency of a code, or for nobody in particular."""
    texts = dict(zip(MERGED_HEADINGS, map(_as_read_back, merged_cells_of(line)), strict=True))
    ids = {"plan_id": plan.pk, "activity_id": line.activity_id, "latest_update_id": line.last_update_id}
    return seal(**ids, number=line.number, texts=texts, agency=agency)


def _as_read_back(cell: str | int | date | None) -> str:
    """Return the text that reading the Excel cell of it gives: all of it, unless it had to be cut."""
    text = cell_in_words(cell)
    return text if len(text) <= SURELY_FITS else unguard(excel_text(text))


def _csv_row(cells: Sequence[Callable[[Any], str]], line: Line) -> str:
    return ",".join([cell(value) for cell, value in zip(cells, cells_of(line), strict=True)]) + "\r\n"


def _write_activities(
    book: PlainWorkbook, activities: ActivityQuerySet, plan: Plan, lists: PickLists, names: Names
) -> int:
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


def _look(column: Column) -> dict[str, object] | None:
    """Return the format of a column's cells; None for that of all text."""
    look = WHOLE_NUMBER if column is NUMBER else {**TEXT, **(DAY if column.is_day else {})}
    look = {**look, **(SHADED if column.readonly else {})}
    return None if look == TEXT else look
