"""Tables as the readers make them, and what a check says of one."""

from dataclasses import replace
from datetime import date

from plans.models import Activity
from plans.spreadsheets.columns import MERGED_COLUMNS, NUMBER, cell_in_words
from plans.spreadsheets.reading.table import Table, TableRow
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.spreadsheets.writing.export import read_lines, version_of


def make_table(headings, *rows):
    """A table as the readers make it; `headings` are parted by commas, a row is as wide as it says."""
    headings = tuple(heading.strip() for heading in headings.split(","))
    padded = [tuple(row) + ("",) * (len(headings) - len(row)) for row in rows]
    found = [TableRow(place, cells) for place, cells in enumerate(padded, start=2) if any(cells)]
    return Table("CSV", "", 1, headings, tuple(range(1, len(headings) + 1)), found)


def changes(checked):
    """[(row, number, {heading: (old, new)})] of what differs."""
    return [
        (one.row, one.number, {change.column: (change.old, change.new) for change in one.changes})
        for one in checked.rows
        if one.changes
    ]


def errors(checked):
    """[(row, heading, sentence)] of what is wrong."""
    return [(one.row, error.column, error.message) for one in checked.rows for error in one.errors]


def kinds(checked):
    """[(row, number, kind)] of the rows of the file."""
    return [(one.row, one.number, one.kind.value) for one in checked.rows if one.row]


def returned(plan, edits=None, *, agency="", extra=()):
    """The table of an export of `plan` as it is now, with `edits` {number: {heading: text}} and versions in its rows.

    `extra` are more headings, blank but for the edits.
    """
    headings = (NUMBER.heading, *(column.heading for column in MERGED_COLUMNS), *extra, ROW_VERSION)
    rows = []
    for line in read_lines(Activity.objects.filter(plan=plan, withdrawn_on=None).for_export(date(2024, 7, 1))):
        cells = {column.heading: cell_in_words(getattr(line, column.attribute)) for column in MERGED_COLUMNS}
        cells |= {NUMBER.heading: str(line.number), ROW_VERSION: version_of(line, plan, agency)}
        cells |= (edits or {}).get(line.number, {})
        rows.append(TableRow(len(rows) + 2, tuple(cells.get(heading, "") for heading in headings)))
    return Table("Excel workbook", "Activities", 1, headings, tuple(range(1, len(headings) + 1)), rows)


def edited(table, edits):
    """The table with `edits` {number: {heading: text}} in its rows."""
    rows = []
    for row in table.rows:
        cells = dict(zip(table.headings, row.cells, strict=True))
        cells |= edits.get(int(cells[NUMBER.heading] or 0), {})
        rows.append(replace(row, cells=tuple(cells.values())))
    return replace(table, rows=rows)


def conflicts(checked):
    """[(row, heading, original, theirs, ours, taken)] of cells that both sides changed."""
    return [
        (one.row, change.column, change.original, change.theirs, change.old, change.taken)
        for one in checked.rows
        for change in one.changes
        if change.is_conflict
    ]
