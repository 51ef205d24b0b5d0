"""The sheet beside the activities that says which sub-activities are done."""

from dataclasses import replace

from plans.spreadsheets.cell_text import unguard
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.reading.cells import place_name
from plans.spreadsheets.reading.table import Table, TableRow, UnreadableFile
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.spreadsheets.tick_columns import DONE, ITEM, NUMBER, SHEET, TICK_COLUMNS
from plans.text import fold

OURS = {fold(heading): heading for heading in (*(column.heading for column in TICK_COLUMNS), ROW_VERSION)}
TICK_SHEET = fold(SHEET)
NEEDED = {NUMBER.heading, ITEM.heading, DONE.heading}
TOP_ROWS = 60
NOT_READ = (
    f"The sheet {SHEET} was not read: none of its rows has the headings {NUMBER.heading}, {ITEM.heading} and "
    f"{DONE.heading}."
)
FORMULA = (
    f"A formula stands in cell {{}} of the sheet {SHEET}. Copy the sheet, paste it as values in the same place, save "
    "it, and send it again."
)


def with_ticks(table, grid):
    """Answer `table` with the `ticks` that a `Grid` holds; with a note where it is something else.

    Raises `UnreadableFile` for a formula in a cell that is read.
    """
    for at, (row, cells) in enumerate(grid.rows[:TOP_ROWS]):
        places = {OURS[key]: place for place, cell in enumerate(cells) if (key := fold(_tidy(cell))) in OURS}
        if places.keys() >= NEEDED:
            return replace(table, ticks=_ticks(grid, at, row, places))
    return replace(table, notes=(*table.notes, NOT_READ)) if grid.rows else table


def _ticks(grid, at, heading_row, places):
    columns = tuple(place + grid.first_column for place in places.values())
    for row, column in grid.formulas:
        if row > heading_row and column in columns:
            raise UnreadableFile(FORMULA.format(place_name(row, column)))
    found = [
        TableRow(row, tuple(_tidy(cells[place]) if place < len(cells) else "" for place in places.values()))
        for row, cells in grid.rows[at + 1 :]
    ]
    rows = [row for row in found if any(row.cells)]
    return Table(grid.kind, grid.sheet, heading_row, tuple(places), columns, rows)


def _tidy(cell):
    return unguard(tidy(cell))
