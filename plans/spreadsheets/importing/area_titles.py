"""Focus areas that stand above rows: in a band across the table, as the name of a sheet, or over a table."""

import re
from collections.abc import Sequence
from dataclasses import replace

from plans.models import FocusArea
from plans.spreadsheets.columns import FOCUS_AREA
from plans.spreadsheets.importing.compare import Sheet
from plans.spreadsheets.importing.numbering import NOTE, TOTAL, number_written
from plans.spreadsheets.importing.outcome import rows_within
from plans.spreadsheets.importing.plan_state import PlanState
from plans.spreadsheets.names import Names, names_of_focus_areas
from plans.spreadsheets.reading.table import Table, TableRow
from plans.text import first_named

BEFORE_NAME = re.compile(
    r"(?:(?:strategic )?focus area\b)?[\s:–—-]*(?:[0-9]{1,2}[.):]?(?=\s))?[\s:–—-]*", re.IGNORECASE
)
BEHIND_NAME = re.compile(r"\s?(?:[:(]|[–—-]\s)")
LONGEST_TITLE = 300
MOST_NAMED = 8
SAID = "There is no column of focus areas. They are read from the titles above the rows: {}."


def give_areas(table: Table, sheet: Sheet, state: PlanState) -> Table:
    """Return the table with a column of focus areas that follow from titles; as it is where none do, or it has one.

    A row that is nothing but such a title says only its focus area then. No query.
    """
    if FOCUS_AREA.heading in sheet.places:
        return table
    known = names_of_focus_areas(list(state.focus_areas.values()))
    titles = list(table.titles)
    area: FocusArea | None = None
    rows: list[TableRow] = []
    found: dict[str, list[int]] = {}
    for row in table.rows:
        while titles and titles[0][0] <= row.row:
            title = titles.pop(0)[1]
            area = _area(title, known) if title else area
        title = _title(row.cells)
        here = _area(title, known) if title else None
        if title and (here or _is_band(row.cells)):
            area = here
        rows.append(
            replace(row, cells=(*(row.cells if not here else [""] * len(row.cells)), area.code if area else ""))
        )
        if area and not title:
            found.setdefault(area.code, []).append(row.row)
    if not found:
        return table
    words = [f"{code} ({rows_within(own, table.parts)})" for code, own in found.items()]
    return replace(
        table,
        headings=(*table.headings, FOCUS_AREA.heading),
        columns=(*table.columns, max(table.columns) + 1),
        rows=rows,
        notes=(*table.notes, SAID.format(first_named(words, MOST_NAMED))),
    )


def _title(cells: Sequence[str]) -> str:
    """Return the one text of a row; blank for a row that says more, or a number."""
    said = [cell for cell in cells if cell]
    return said[0] if len(said) == 1 and number_written(said[0]) is None else ""


def _is_band(cells: Sequence[str]) -> bool:
    """Return whether the one text of a row stands where a band does, and is no total or note."""
    return bool(cells[0]) and not (TOTAL.fullmatch(cells[0]) or NOTE.match(cells[0]))


def _area(title: str, known: Names) -> FocusArea | None:
    """Return the focus area that a title names, by itself or as in "Focus area 1: SUPPLY – what it is"; else None."""
    title = title[:LONGEST_TITLE]
    bare = title[BEFORE_NAME.match(title).end() :]  # type: ignore[union-attr]  # it matches nothing at all, too
    short = BEHIND_NAME.split(bare, maxsplit=1)[0]
    return next((area for text in (title, bare, short) if text and (area := known.get(text))), None)
