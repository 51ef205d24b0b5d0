"""Which activity each row of a file is about, and what the row was made from."""

import re
from dataclasses import dataclass

from plans.exchange import columns
from plans.exchange.files.tables import is_heading_row
from plans.exchange.importing.sheet import NUMBER
from plans.exchange.row_versions import ROW_VERSION, RowVersion, unseal
from plans.text import listed, number_in, ranges_in

FOCUS_AREA = columns.FOCUS_AREA.heading
POINT_ZERO = re.compile(r"\.0+$")
HEADINGS_AGAIN = "The headings stand here again."
NOTHING_SAID = "Nothing here is about an activity."
AREA_ALONE = "A focus area stands here alone."
MISSING = "the hidden Row Version is missing"
TAMPERED = "the hidden Row Version was tampered with"
OF_ANOTHER_PLAN = "the hidden Row Version is from another plan"
OF_ANOTHER_ROW = "the hidden Row Version belongs to another activity"


@dataclass(slots=True)
class NumberedRow:
    """A row of a file and the number of its activity, None for one that is passed over or in error.

    `version` is what the row was made from, None when nothing genuine says so; `distrust` then says why, where the
    file has such a column. `note` says why it is passed over, `error` what is wrong with its number.
    """

    row: object
    number: int | None = None
    version: RowVersion | None = None
    distrust: str = ""
    note: str = ""
    error: str = ""


def number_rows(plan, table, sheet, activities):
    """Answer a `NumberedRow` for each row of a table. `activities` is {number: `Current`}. No query."""
    numbered = [_numbered(row, table, sheet, plan, activities) for row in table.rows]
    rows_of = {}
    for one in numbered:
        if one.number is not None:
            rows_of.setdefault(one.number, []).append(one)
    for number, rows in rows_of.items():
        if len(rows) > 1:
            places = in_words([one.row.row for one in rows])
            for one in rows:
                one.error = f"activity {number} stands in rows {places}. Keep one of them."
    return numbered


def in_words(numbers, most=10):
    """Answer whole numbers in order as people list them: "2–40, 55 and 70"; from `most` ranges on, "and 5 more"."""
    # Two are no range.
    ranges = [part for first, last in ranges_in(numbers) for part in _apart(first, last)]
    words = [f"{first}–{last}" if last > first else str(first) for first, last in ranges]
    if len(words) > most:
        rest = sum(last - first + 1 for first, last in ranges[most:])
        words = [*words[:most], f"{rest:,} more"]
    return listed(words)


def number_written(text):
    """Answer the number of an activity that a cell says; None when it says none."""
    return number_in(POINT_ZERO.sub("", text))


def _apart(first, last):
    return [(first, first), (last, last)] if last == first + 1 else [(first, last)]


def _numbered(row, table, sheet, plan, activities):
    if is_heading_row(row, table):
        return NumberedRow(row, note=HEADINGS_AGAIN)
    said = [heading for heading, text in (sheet.cells(row) | sheet.report_cells(row)).items() if text]
    written, seal = sheet.text(row, NUMBER), sheet.text(row, ROW_VERSION)
    if not (written or said):
        return NumberedRow(row, note=NOTHING_SAID)
    if not written and said == [FOCUS_AREA]:
        return NumberedRow(row, note=AREA_ALONE)
    found = NumberedRow(row)
    version = unseal(seal) if seal else None
    is_ours = version is not None and version.plan_id == plan.pk
    found.number, found.error = _number(written or (is_ours and str(version.number)) or "")
    current = activities.get(found.number)
    if is_ours and current and current.pk == version.activity_id:
        found.version = version
    elif current and sheet.has_versions:
        found.distrust = _distrust(seal, version, is_ours)
    return found


def _distrust(seal, version, is_ours):
    if version is None:
        return TAMPERED if seal else MISSING
    return OF_ANOTHER_ROW if is_ours else OF_ANOTHER_PLAN


def _number(written):
    """Answer (number, "") of a cell, or (None, what is wrong with it)."""
    number = number_written(written)
    if number is None:
        return (
            None,
            f"'{written[:80]}' is not a whole number."
            if written
            else "the row has no number. Give it one, or take it out.",
        )
    return (number, "") if number else (None, "activities are numbered from 1.")
