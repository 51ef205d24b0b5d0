"""A table of text out of whatever spreadsheet or document somebody brings."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from plans.spreadsheets.cell_text import unguard
from plans.spreadsheets.columns import DONE, ITEM, NUMBER, TICK_COLUMNS, TICK_NUMBER, TICK_SHEET
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.reading.delimited_text import read_text
from plans.spreadsheets.reading.headings import match_headings
from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.spreadsheets.reading.protocol import ALL_SHEETS
from plans.spreadsheets.reading.sandbox import Grid, Opened, open_packed
from plans.spreadsheets.reading.table import (
    Table,
    TableRow,
    cell_errors,
    heading_score,
    make_table,
    note_title,
    take_table,
)
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.text import first_named, fold, listed

PACKED = (b"PK\x03\x04", b"PK\x05\x06")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WHAT_TO_SEND = "Send a spreadsheet (.xlsx, .xls, .ods or .csv) or a Word table (.docx)."
OTHERS = (
    (
        b"%PDF",
        "The file is a PDF. Copy its table and paste it into the box, or send what it was made of.",
    ),
    (b"\x89PNG", f"This file is an image. {WHAT_TO_SEND}"),
    (b"\xff\xd8\xff", f"This file is an image. {WHAT_TO_SEND}"),
    (b"GIF8", f"This file is an image. {WHAT_TO_SEND}"),
    (b"{\\rtf", "The file is rich text (.rtf). Save it in Word as “Word document (.docx)”, and send that."),
    (b"\x1f\x8b", f"This file is compressed. Unzip it first. {WHAT_TO_SEND}"),
    (b"7z\xbc\xaf", f"This file is compressed (7z). Unpack it first. {WHAT_TO_SEND}"),
    (b"Rar!", f"This file is compressed (rar). Unpack it first. {WHAT_TO_SEND}"),
    (b"SQLite format 3", f"The file is a database. {WHAT_TO_SEND}"),
)
WEB_PAGE = "The file is a web page, whatever its name says. Open it in Excel, save it as .xlsx, and send that."
XML = "The file is XML. Open it in Excel or LibreOffice, save it as .xlsx, and send that."
EMPTY = "The file is empty. Send one that has headings in a row and {} under them."
NO_SMALL_SHEET = "No sheet of the workbook is small enough to be one of {}. Keep only that sheet."


def is_packed(content: bytes, noun: str) -> bool:
    """Return whether the bytes are a workbook or a Word file, rather than text. Raise `UnreadableFile` for others."""
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile(EMPTY.format(noun))
    for sign, sentence in OTHERS:
        if content.startswith(sign):
            raise UnreadableFile(sentence)
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table")):
        raise UnreadableFile(WEB_PAGE)
    if start.startswith(b"<?xml"):
        raise UnreadableFile(XML)
    return content.startswith((*PACKED, OLD_OFFICE))


OURS = {fold(heading): heading for heading in (*(column.heading for column in TICK_COLUMNS), ROW_VERSION)}
TICK_SHEET_KEY = fold(TICK_SHEET)
NEEDED = {TICK_NUMBER.heading, ITEM.heading, DONE.heading}
TOP_ROWS = 60
NOT_READ = (
    f"The sheet {TICK_SHEET} was not read: none of its rows has the headings {TICK_NUMBER.heading}, {ITEM.heading} and "
    f"{DONE.heading}."
)


def with_ticks(table: Table, grid: Grid) -> Table:
    """Return `table` with the `ticks` that a `Grid` holds; with a note where it is something else."""
    for at, (row, cells) in enumerate(grid.rows[:TOP_ROWS]):
        places = {OURS[key]: place for place, cell in enumerate(cells) if (key := fold(_tidy(cell))) in OURS}
        if places.keys() >= NEEDED:
            return replace(table, ticks=_ticks(grid, at, row, places))
    return replace(table, notes=(*table.notes, NOT_READ)) if grid.rows else table


def _ticks(grid: Grid, at: int, heading_row: int, places: dict[str, int]) -> Table:
    columns = tuple(place + grid.first_column for place in places.values())
    found = [
        TableRow(row, tuple(_tidy(cells[place]) if place < len(cells) else "" for place in places.values()))
        for row, cells in grid.rows[at + 1 :]
    ]
    rows = [row for row in found if any(row.cells)]
    errors = cell_errors(grid, heading_row)
    return Table(grid.kind, grid.sheet, heading_row, tuple(places), columns, rows, errors=errors)


def _tidy(cell: str) -> str:
    return unguard(tidy(cell))


ONE_OTHER = "Another table in the file is not read, since its headings are others."
SEVERAL_OTHERS = "{:,} other tables in the file are not read, since their headings are others."
OTHER_SHEETS = (
    "Other sheets have such headings, too, and are not read: {}. Choose one of them, or all of them together."
)
MOST_NAMED = 5
SURE_SCORE, LIKE_ENOUGH = 2.0, 0.6
"""How much a table of a Word file has to look like headings, at least and beside the likeliest, to be read with it."""

MOST_SCORED = 30
"""How many tables of a Word file are looked at for headings: the longest."""


def read_table(
    content: bytes,
    name: str,
    *,
    sheet: str = "",
    on_progress: Callable[[int, int | None], object] | None = None,
    limits: Limits | None = None,
) -> Table:
    """Return the `Table` in the bytes of a file; what kind it is, they say themselves.

    `sheet` is the sheet to read, or `ALL_SHEETS` for all with headings like ours; without it, the sheet "Activities" or
    the one whose headings are most like ours, with those that are other parts of the same plan.
    A sheet that says which sub-activities are done is read along with it, as `Table.ticks`.
    `on_progress(rows_read, rows_total)` is called every 500 rows; the total is None where nobody knows it yet.
    `name` is only for messages. `limits` are those of the settings, unless given. Raises `UnreadableFile`. No query.
    """
    limits = limits or Limits.from_settings()
    limits.check_size(len(content))
    if not is_packed(content, limits.noun):
        return make_table(read_text(content, limits, on_progress=on_progress))
    options: dict[str, Any] = {"beside": TICK_SHEET_KEY, "on_progress": on_progress}
    opened = open_packed(content, limits, sheet=sheet, **options)
    if not opened.grids:
        raise UnreadableFile(NO_SMALL_SHEET.format(limits.noun))
    best = _best([grid for grid in opened.grids if grid.is_whole] or opened.grids)
    others = _sheets_alike(opened.grids, best) if best.sheet else []
    table = None
    if not best.is_whole and others:
        together = [grid.sheet for grid in opened.grids if grid is best or grid.sheet in others]
        opened, table = _together(content, limits, together, opened, is_asked=sheet == ALL_SHEETS, **options)
    if table is None and not best.is_whole:
        opened = open_packed(content, limits, sheet=best.sheet, **options)
        [best] = opened.grids
    if table is None:
        named = ", ".join(f"“{name}”" for name in others[:MOST_NAMED])
        best.notes += [OTHER_SHEETS.format(named)] if others else []
        table = make_table(best)
    table = replace(table, sheets=tuple(opened.names))
    if opened.refused_beside:
        raise UnreadableFile(opened.refused_beside)
    return with_ticks(table, opened.beside) if opened.beside else table


def _together(
    content: bytes, limits: Limits, sheets: list[str], opened: Opened, *, is_asked: bool, **options: Any
) -> tuple[Opened, Table | None]:
    """Return what is opened of several sheets and their one table; as before, with None, where they are no one plan.

    Nobody is asked whether to read them together where no activity is in two of them.
    """
    try:
        whole = open_packed(content, limits, sheets=sheets, **options)
        limits.check_rows(sum(len(grid.rows) for grid in whole.grids) - len(whole.grids))
        tables = [make_table(grid) for grid in whole.grids]
    except UnreadableFile:
        if is_asked:
            raise
        return opened, None
    if not (is_asked or have_other_numbers(tables)):
        return opened, None
    return whole, replace(join_sheets(tables), sheet=ALL_SHEETS)


def _best(grids: list[Grid]) -> Grid:
    """Return the grid that looks most like activities. A Word table takes along the rows of those that go on with it.

    Those have the same headings or, without any, the same width.
    """
    longest = sorted(range(len(grids)), key=lambda place: len(grids[place].rows), reverse=True)[:MOST_SCORED]
    scores = {place: heading_score(grids[place]) for place in sorted(longest)}
    at = max(scores, key=lambda place: scores[place])
    if grids[at].sheet:
        return grids[at]
    # A plan may have a table for each focus area, with one column more or less.
    alike = {place for place, found in scores.items() if found >= max(SURE_SCORE, LIKE_ENOUGH * scores[at])} | {at}
    first = min(alike)
    best, width, others = grids[first], _width(grids[first]), 0
    for place, grid in enumerate(grids):
        if place > first and place in alike:
            take_table(best, grid)
        elif place > first and _width(grid) == width:
            note_title(best, grid)
            best.take([cells for _, cells in grid.rows])
        elif place != first:
            others += 1
    if others:
        best.notes = [*best.notes, ONE_OTHER if others == 1 else SEVERAL_OTHERS.format(others)]
    return best


def _sheets_alike(grids: list[Grid], best: Grid) -> list[str]:
    """Return the names of the other sheets that look like activities."""
    least = max(SURE_SCORE, LIKE_ENOUGH * heading_score(best))
    return [grid.sheet for grid in grids if grid is not best and heading_score(grid) >= least]


def _width(grid: Grid) -> int:
    return max((len(cells) for _, cells in grid.rows), default=0)


def have_other_numbers(tables: Iterable[Table]) -> bool:
    """Return whether no number of an activity stands in two of the tables: they are parts of one plan, not versions."""
    seen: set[str] = set()
    for table in tables:
        found = _numbers(table)
        if not found or found & seen:
            return False
        seen |= found
    return True


def _numbers(table: Table) -> set[str]:
    places = [match.heading for match in match_headings(table.headings, table.columns)]
    if NUMBER.heading not in places:
        return set()
    at = places.index(NUMBER.heading)
    return {row.cells[at].casefold() for row in table.rows if any(map(str.isdigit, row.cells[at]))}


def join_sheets(tables: Sequence[Table]) -> Table:
    """Return one `Table` with the rows of several, which `Table.parts` tells apart again.

    Columns are those of the first, with what only others have behind them.
    """
    headings: list[str] = []
    columns: list[int] = []
    places: dict[str | int, int] = {}
    targets = [[_target(name, text, headings, places) for name, text in _named(table)] for table in tables]
    for place in range(len(headings)):
        first = tables[0].columns
        columns.append(first[place] if place < len(first) else columns[-1] + 1)
    shared = set.intersection(*(set(table.notes) for table in tables))
    rows: list[TableRow] = []
    errors: dict[tuple[int, int], str] = {}
    notes: list[str] = []
    parts: list[tuple[int, str]] = []
    start = 0
    for table, own in zip(tables, targets, strict=True):
        parts.append((start, table.sheet))
        rows += [_moved(row, own, len(headings), start) for row in table.rows]
        place_of = dict(zip(table.columns, own, strict=True))
        errors |= {
            (row + start, columns[place_of[column]]): sentence
            for (row, column), sentence in table.errors.items()
            if column in place_of
        }
        notes += [note if note in shared else f"Sheet “{table.sheet}”: {note}" for note in table.notes]
        start += max(table.heading_row, *(row.row for row in table.rows))
    counted = [f"“{table.sheet}” ({_rows(len(table.rows))})" for table in tables]
    said = f"The sheets {listed(counted) if len(counted) < 6 else first_named(counted)} are read together."
    return replace(
        tables[0],
        headings=tuple(headings),
        columns=tuple(columns),
        rows=rows,
        notes=(said, *dict.fromkeys(notes)),
        errors=errors,
        parts=tuple(parts),
        titles=tuple((at + 1, sheet) for at, sheet in parts),
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _named(table: Table) -> Iterator[tuple[str | int, str]]:
    """Yield (what a heading means, the heading) of each column; one without a heading is known by its place."""
    for match in match_headings(table.headings, table.columns):
        yield match.heading or match.written.casefold() or match.place, match.written


def _target(name: str | int, text: str, headings: list[str], places: dict[str | int, int]) -> int:
    """Return the place of a column among all headings, to which it is added if it is new."""
    if name not in places:
        places[name] = len(headings)
        headings.append(text)
    return places[name]


def _moved(row: TableRow, targets: list[int], width: int, start: int) -> TableRow:
    cells = [""] * width
    for target, cell in zip(targets, row.cells, strict=True):
        # Two columns may be called alike.
        cells[target] = cells[target] or cell
    return replace(row, row=row.row + start, cells=tuple(cells))


def row_place(row: int, parts: Sequence[tuple[int, str]]) -> tuple[str, int]:
    """Return (sheet, row in it) of a row of a table; without `parts`, the sheet is blank."""
    for start, sheet in reversed(parts):
        if row > start:
            return sheet, row - start
    return "", row


def row_in_words(row: int, parts: Sequence[tuple[int, str]] = ()) -> str:
    """Return "row 14", or "sheet “Demand”, row 14" where several sheets are read together."""
    sheet, own = row_place(row, parts)
    return f"sheet “{sheet}”, row {own}" if sheet else f"row {own}"
