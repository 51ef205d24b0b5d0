"""A table of text out of whatever spreadsheet or document somebody brings."""

from dataclasses import replace

from plans.spreadsheets.reading.kinds import EMPTY, is_packed
from plans.spreadsheets.reading.opened import open_packed
from plans.spreadsheets.reading.site_limits import Limits
from plans.spreadsheets.reading.table import UnreadableFile
from plans.spreadsheets.reading.tables import heading_score, make_table
from plans.spreadsheets.reading.texts import read_pasted_text, read_text
from plans.spreadsheets.reading.tick_sheets import TICK_SHEET, with_ticks

MOST_SCORED = 30
"""How many tables of a Word file are looked at for headings: the longest."""


def read_table(content, name, *, sheet="", on_progress=None, limits=None):
    """Answer the `Table` in the bytes of a file; what kind it is, they say themselves.

    `sheet` is the sheet to read; without it, the sheet "Activities" or the one whose headings are most like ours.
    A sheet that says which sub-activities are done is read along with it, as `Table.ticks`.
    `on_progress(rows_read, rows_total)` is called every 500 rows; the total is None where nobody knows it yet.
    `name` is only for messages. `limits` are those of the settings, unless given. Raises `UnreadableFile`. No query.
    """
    limits = limits or Limits.from_settings()
    limits.check_size(len(content))
    if not is_packed(content):
        return make_table(read_text(content, limits, on_progress=on_progress))
    options = {"beside": TICK_SHEET, "on_progress": on_progress}
    opened = open_packed(content, limits, sheet=sheet, **options)
    best = _best(opened.grids)
    if not best.is_whole:
        opened = open_packed(content, limits, sheet=best.sheet, **options)
        [best] = opened.grids
    table = replace(make_table(best), sheets=tuple(opened.names))
    if opened.refused_beside:
        raise UnreadableFile(opened.refused_beside)
    return with_ticks(table, opened.beside) if opened.beside else table


def _best(grids):
    """Answer the grid that looks most like activities. A Word table that goes on in others takes their rows along.

    Raises `UnreadableFile` when there is none.
    """
    if not grids:
        raise UnreadableFile("No sheet of the workbook is small enough to be one of activities. Keep only that sheet.")
    longest = sorted(range(len(grids)), key=lambda place: len(grids[place].rows), reverse=True)[:MOST_SCORED]
    at = max(sorted(longest), key=lambda place: heading_score(grids[place]))
    best = grids[at]
    if best.sheet:
        return best
    width = _width(best)
    for grid in grids[at + 1 :]:
        if _width(grid) == width:
            best.take([cells for _, cells in grid.rows])
    return best


def _width(grid):
    return max((len(cells) for _, cells in grid.rows), default=0)


def read_pasted(text):
    """Answer the `Table` in a text that was pasted. Raises `UnreadableFile`."""
    if not text.strip():
        raise UnreadableFile(EMPTY.replace("The file", "The box").replace("Send one that has", "Paste a table with"))
    return make_table(read_pasted_text(text, Limits.from_settings()))
