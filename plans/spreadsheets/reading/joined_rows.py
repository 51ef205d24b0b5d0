"""Rows that say one thing together: an activity over several rows, as tables with merged cells have it."""

from plans.spreadsheets import columns, reporting_columns
from plans.spreadsheets.reading.headings import match_headings
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.text import first_named

WORDS = (columns.DESCRIPTION, columns.LEADS, columns.SUPPORTS, *reporting_columns.UPDATE_COLUMNS[2:])
MAY_GO_ON = frozenset(column.heading for column in WORDS)
"""Headings of columns whose cells can go on in the row below: words and lists."""


def join_rows(rows, headings):
    """Join rows without number and title with the row above, whose description or agencies they go on with.

    `rows` are [(row, cells)]. Returns (rows, {row that was joined: row that it belongs to}). A row that says anything
    else stays by itself, and so does each where the table has no column of numbers.
    """
    places = {match.heading: match.place for match in match_headings(headings, range(len(headings))) if match.heading}
    number = places.get(columns.NUMBER.heading)
    if number is None or ROW_VERSION in places:
        return rows, {}
    going_on = {place for heading, place in places.items() if heading in MAY_GO_ON}
    own = {place for heading, place in places.items() if heading not in MAY_GO_ON}
    kept, joined = [], {}
    for row, cells in rows:
        said = {place for place in going_on if cells[place]}
        if not kept or not said or any(cells[place] for place in own) or not kept[-1][1][number]:
            kept.append((row, cells))
            continue
        first, above = kept[-1]
        for place in said:
            if cells[place] != above[place]:
                above[place] = f"{above[place]}\n{cells[place]}".strip()
        joined[row] = first
    return kept, joined


def joined_in_words(joined):
    """Return a sentence about the rows that were joined."""
    rows = sorted(joined)
    if len(rows) == 1:
        return f"Row {rows[0]} has no number and goes on with the row above, so the two are read together."
    return f"Rows {first_named(rows)} have no number and go on with the row above, so they are read together with it."
