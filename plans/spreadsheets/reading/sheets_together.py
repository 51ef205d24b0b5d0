"""Sheets of one workbook that are read together, such as one for each focus area, with their rows in one table."""

from dataclasses import replace

from plans.spreadsheets.columns import NUMBER
from plans.spreadsheets.reading.headings import match_headings
from plans.text import first_named, listed


def have_other_numbers(tables):
    """Return whether no number of an activity stands in two of the tables: they are parts of one plan, not versions."""
    seen = set()
    for table in tables:
        found = _numbers(table)
        if not found or found & seen:
            return False
        seen |= found
    return True


def _numbers(table):
    places = [match.heading for match in match_headings(table.headings, table.columns)]
    if NUMBER.heading not in places:
        return set()
    at = places.index(NUMBER.heading)
    return {row.cells[at].casefold() for row in table.rows if any(map(str.isdigit, row.cells[at]))}


def join_sheets(tables):
    """Return one `Table` with the rows of several, which `Table.parts` tells apart again.

    Columns are those of the first, with what only others have behind them.
    """
    headings, columns, places = [], [], {}
    targets = [[_target(name, text, headings, places) for name, text in _named(table)] for table in tables]
    for place in range(len(headings)):
        own = tables[0].columns[place : place + 1]
        columns.append(own[0] if own else columns[-1] + 1)
    shared = set.intersection(*(set(table.notes) for table in tables))
    rows, errors, notes, parts, start = [], {}, [], [], 0
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


def _rows(count):
    return f"{count:,} row{'' if count == 1 else 's'}"


def _named(table):
    """Yield (what a heading means, the heading) of each column; one without a heading is known by its place."""
    for match in match_headings(table.headings, table.columns):
        yield match.heading or match.written.casefold() or match.place, match.written


def _target(name, text, headings, places):
    """Return the place of a column among all headings, to which it is added if it is new."""
    if name not in places:
        places[name] = len(headings)
        headings.append(text)
    return places[name]


def _moved(row, targets, width, start):
    cells = [""] * width
    for target, cell in zip(targets, row.cells, strict=True):
        # Two columns may be called alike.
        cells[target] = cells[target] or cell
    return replace(row, row=row.row + start, cells=tuple(cells))


def row_place(row, parts):
    """Return (sheet, row in it) of a row of a table; without `parts`, the sheet is blank."""
    for start, sheet in reversed(parts):
        if row > start:
            return sheet, row - start
    return "", row


def row_in_words(row, parts=()):
    """Return "row 14", or "sheet “Demand”, row 14" where several sheets are read together."""
    sheet, own = row_place(row, parts)
    return f"sheet “{sheet}”, row {own}" if sheet else f"row {own}"
