"""What has to be mended in a file, in as few sentences as it can be said."""

from dataclasses import dataclass

from plans.choices import RowKind
from plans.text import listed, ranges_in

MOST_LINES = 100
MOST_RANGES = 6


@dataclass(frozen=True)
class ErrorLine:
    """One thing that is wrong, in one row or in many: `where` is "Row 14, Agency Lead" or "Rows 2–4,001, Status"."""

    where: str
    message: str
    row_count: int


@dataclass(frozen=True)
class ErrorList:
    """The first of the things that are wrong, in the order of the file, and how many more there are."""

    lines: list[ErrorLine]
    more_count: int


def list_errors(source):
    """What is wrong with an import's rows, as an `ErrorList`; the same thing in many rows is one line. One query."""
    found = source.rows.filter(kind=RowKind.ERROR).values_list("row", "errors")
    lines = group_errors((row, error["column"], error["message"]) for row, errors in found for error in errors)
    return ErrorList(lines[:MOST_LINES], len(lines[MOST_LINES:]))


def group_errors(found):
    """Answer [ErrorLine] of (row, column, message), in their order; the same thing in many rows is one line."""
    places = {}
    for row, column, message in found:
        places.setdefault((column, message), []).append(row)
    return [_line(column, message, rows) for (column, message), rows in places.items()]


def _line(column, message, rows):
    rows = sorted({row for row in rows if row is not None})
    where = f"{rows_in_words(rows)}, {column}" if column and rows else column or rows_in_words(rows)
    return ErrorLine(where, message, len(rows))


def rows_in_words(rows):
    """Answer sorted row numbers as "Row 3", "Rows 2–4,001", or "Rows 2, 5–9 and 12 more"; blank for none."""
    if not rows:
        return ""
    ranges = ranges_in(rows)
    said = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in ranges[:MOST_RANGES]]
    if rest := sum(last - first + 1 for first, last in ranges[MOST_RANGES:]):
        said.append(f"{rest:,} more")
    return f"{'Row' if len(rows) == 1 else 'Rows'} {listed(said)}"
