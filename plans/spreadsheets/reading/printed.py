"""Tables of the shape that plans are printed in: the number stands before the title, and areas are said once."""

import re
from dataclasses import replace

from plans.spreadsheets import columns
from plans.spreadsheets.published.lines import is_continuation, is_nothing
from plans.spreadsheets.reading.headings import match_headings
from plans.spreadsheets.reading.table import TableRow

NUMBERED = re.compile(r"#?(?P<number>[1-9][0-9]{0,8})[.)](?:\s+(?P<title>.*))?", re.DOTALL)
NOTE = "There is no column Number. The numbers are those before the titles, for example “1. A title”."


def unprint(table):
    """Answer the table with a column Number, if it is one of the printed shape; else as it is.

    The column stands behind the last one. Rules and rests that a page break left are taken out or joined, and blank
    focus areas are filled from the row above.
    """
    matched = {match.heading: index for index, match in enumerate(match_headings(table.headings, table.columns))}
    titles = matched.get(columns.TITLE.heading)
    if columns.NUMBER.heading in matched or titles is None or not _has_numbers(table.rows, titles):
        return table
    rows = _fill_down(_without_page_breaks(table.rows), matched.get(columns.FOCUS_AREA.heading))
    return replace(
        table,
        headings=(*table.headings, columns.NUMBER.heading),
        columns=(*table.columns, max(table.columns) + 1),
        rows=[_numbered(row, titles) for row in rows],
        notes=(*table.notes, NOTE),
    )


def _has_numbers(rows, titles):
    """Whether most titles begin with a number."""
    written = [row.cells[titles] for row in rows if row.cells[titles]]
    return sum(1 for text in written if NUMBERED.fullmatch(text)) * 2 > len(written)


def _without_page_breaks(rows):
    """Leave out rules, and give the rest of a last cell back to the row that it was torn from."""
    kept = []
    for row in rows:
        if is_nothing([cell for cell in row.cells if cell]):
            continue
        if kept and is_continuation(_torn(row.cells)) and kept[-1].cells[-1].endswith(";"):
            rest = next(cell for cell in reversed(row.cells) if cell)
            kept[-1] = replace(kept[-1], cells=(*kept[-1].cells[:-1], f"{kept[-1].cells[-1]} {rest}"))
        else:
            kept.append(row)
    return kept


def _torn(cells):
    """The cells without the blank one that was added behind, where a tab was lost."""
    return cells if cells[-1] else cells[:-1]


def _fill_down(rows, column):
    """Fill blank cells of a column from the row above."""
    if column is None:
        return rows
    filled, above = [], ""
    for row in rows:
        above = row.cells[column] or above
        filled.append(TableRow(row.row, (*row.cells[:column], above, *row.cells[column + 1 :])))
    return filled


def _numbered(row, titles):
    found = NUMBERED.fullmatch(row.cells[titles])
    if not found:
        return TableRow(row.row, (*row.cells, ""))
    cells = (*row.cells[:titles], found["title"] or "", *row.cells[titles + 1 :])
    return TableRow(row.row, (*cells, found["number"]))
