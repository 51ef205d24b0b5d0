"""What has to be mended in a file, in as few sentences as it can be said."""

from dataclasses import dataclass

from plans.choices import RowKind

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
    places = {}
    for row, errors in source.rows.filter(kind=RowKind.ERROR).values_list("row", "errors"):
        for error in errors:
            places.setdefault((error["column"], error["message"]), []).append(row)
    lines = [_line(column, message, rows) for (column, message), rows in places.items()]
    return ErrorList(lines[:MOST_LINES], len(lines[MOST_LINES:]))


def _line(column, message, rows):
    rows = sorted({row for row in rows if row is not None})
    where = f"{rows_in_words(rows)}, {column}" if column and rows else column or rows_in_words(rows)
    return ErrorLine(where, message, len(rows))


def rows_in_words(rows):
    """Answer sorted row numbers as "Row 3", "Rows 2–4,001", or "Rows 2, 5–9 and 12 more"; blank for none."""
    if not rows:
        return ""
    ranges = []
    for row in rows:
        if ranges and ranges[-1][1] == row - 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    said = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in ranges[:MOST_RANGES]]
    if rest := sum(last - first + 1 for first, last in ranges[MOST_RANGES:]):
        said.append(f"{rest:,} more")
    joined = f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]
    return f"Row {joined}" if len(rows) == 1 else f"Rows {joined}"
