"""What a file was found to be like, as `Import.findings` keeps it for the page.

Each list in it is bounded, so that no page grows with what is wrong with a file.
"""

from dataclasses import astuple, dataclass

from plans.choices import RowKind
from plans.text import listed, ranges_in

MOST_NAMES = 500
MOST_ROWS_OF_A_NAME = 1_000
LONGEST_NAME = 500
"""Characters of a name that is asked about; a longer one has to be mended in the file."""

LONGEST_HEADING = 200
MOST_LINES = 100
MOST_RANGES = 6
MOST_ROWS = 5_000
"""Rows that are looked at for an import of an earlier version, which does not say what to list."""

LONGEST_MESSAGE = 500


def findings_of(check, table, sheets=()):
    """Answer what `check` and its `table` say about the file; `sheets` are the names of all its sheets."""
    return {
        "kind": table.kind,
        "sheet": table.sheet,
        "sheets": list(sheets),
        "heading_row": table.heading_row,
        "headings": [
            {
                "place": match.place,
                "written": match.written[:LONGEST_HEADING],
                "heading": match.heading,
                "how": match.how,
            }
            for match in check.matches
        ],
        "notes": list(check.notes),
        "problems": list(check.problems),
        "unknown_names": _unknown_names(check),
        "ignored": [heading[:LONGEST_HEADING] for heading in check.ignored],
        "errors": _errors(check).as_json(),
        "clearable": list(check.clearable),
        "has_versions": check.has_versions,
        "questions": [one.as_json() for one in check.questions],
        "fingerprint": check.fingerprint(),
    }


def _heading(match):
    written = match.written[:LONGEST_HEADING]
    return {"place": match.place, "written": written, "heading": match.heading, "how": match.how}


def _unknown_names(check):
    short = [one for one in check.unknown_names if len(one.written) <= LONGEST_NAME]
    return [
        {
            "kind": one.kind,
            "written": one.written,
            "rows": list(one.rows[:MOST_ROWS_OF_A_NAME]),
            "suggestion": one.suggestion,
        }
        for one in short[:MOST_NAMES]
    ]


def _errors(check):
    bad = (outcome for outcome in check.rows if outcome.kind == RowKind.ERROR)
    return first_errors((outcome.row, error.column, error.message) for outcome in bad for error in outcome.errors)


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

    def as_json(self):
        """Answer it as `Import.findings` keeps it."""
        return {"lines": [astuple(line) for line in self.lines], "more_count": self.more_count}


def list_errors(source):
    """What is wrong with an import's rows, as an `ErrorList`; the same thing in many rows is one line.

    No query: the check has said it, so that a page costs the same however many there are. One query, for at most
    5,000 rows, for an import of an earlier version.
    """
    if found := source.findings.get("errors"):
        return ErrorList([ErrorLine(*line) for line in found["lines"]], found["more_count"])
    rows = list(source.rows.filter(kind=RowKind.ERROR).values_list("row", "errors")[:MOST_ROWS])
    seen = first_errors((row, error["column"], error["message"]) for row, errors in rows for error in errors)
    unseen = source.counts.get("errors", 0) - len(rows) if len(rows) == MOST_ROWS else 0
    return ErrorList(seen.lines, seen.more_count + max(0, unseen))


def first_errors(found):
    """Answer the `ErrorList` of (row, column, message), in their order."""
    lines = group_errors(found)
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
    return ErrorLine(where, message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…", len(rows))


def rows_in_words(rows):
    """Answer sorted row numbers as "Row 3", "Rows 2–4,001", or "Rows 2, 5–9 and 12 more"; blank for none."""
    if not rows:
        return ""
    ranges = ranges_in(rows)
    said = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in ranges[:MOST_RANGES]]
    if rest := sum(last - first + 1 for first, last in ranges[MOST_RANGES:]):
        said.append(f"{rest:,} more")
    return f"{'Row' if len(rows) == 1 else 'Rows'} {listed(said)}"
