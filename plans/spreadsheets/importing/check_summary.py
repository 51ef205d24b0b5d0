"""What a file was found to be like, as `Import.findings` keeps it for the page.

Each list in it is bounded, so that no page grows with what is wrong with a file.
"""

from dataclasses import asdict, astuple, dataclass, field, fields, replace

from plans.choices import RowKind
from plans.spreadsheets.importing.outcome import UnknownName
from plans.spreadsheets.reading.headings import HeadingMatch
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
        """Return it as `Import.findings` keeps it."""
        return {"lines": [astuple(line) for line in self.lines], "more_count": self.more_count}

    @classmethod
    def from_json(cls, kept):
        """Return the list that `as_json` has written."""
        return cls([ErrorLine(*line) for line in kept["lines"]], kept["more_count"])


@dataclass(frozen=True)
class CheckSummary:
    """What a file was found to be like. `Import.findings` keeps it as JSON, beside what jobs note there themselves.

    `kind` is that of the file, `sheets` are the names of all its sheets, `headings` its headings with what they mean,
    `ignored` those that are not read, `clearable` ours whose blank cells can be made to clear, `notes` sentences about
    the rows, `problems` about the file as a whole. `errors` is None for an import of an earlier version, which does
    not say them; `questions` are as `Question.as_json` has them. `fingerprint` is another for other changes.
    """

    kind: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    heading_row: int | None = None
    headings: list[HeadingMatch] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknown_names: list[UnknownName] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    errors: ErrorList | None = None
    clearable: list[str] = field(default_factory=list)
    has_versions: bool = False
    questions: list[dict] = field(default_factory=list)
    fingerprint: str = ""

    @classmethod
    def of_check(cls, check, table, sheets=()):
        """Return what a `Check` and its `Table` say about a file; `sheets` are the names of all its sheets."""
        return cls(
            kind=table.kind,
            sheet=table.sheet,
            sheets=list(sheets),
            heading_row=table.heading_row,
            headings=[replace(match, written=match.written[:LONGEST_HEADING]) for match in check.matches],
            notes=list(check.notes),
            problems=list(check.problems),
            unknown_names=_short_names(check.unknown_names),
            ignored=[heading[:LONGEST_HEADING] for heading in check.ignored],
            errors=_errors(check),
            clearable=list(check.clearable),
            has_versions=check.has_versions,
            questions=[one.as_json() for one in check.questions],
            fingerprint=check.fingerprint(),
        )

    @classmethod
    def of_import(cls, source):
        """Return what an `Import` keeps of its file, also one of an earlier version, which kept less."""
        kept = {one.name: source.findings[one.name] for one in fields(cls) if one.name in source.findings}
        kept["headings"] = [HeadingMatch(**one) for one in kept.get("headings", ())]
        kept["unknown_names"] = [UnknownName(**one) for one in kept.get("unknown_names", ())]
        kept["errors"] = ErrorList.from_json(kept["errors"]) if kept.get("errors") else None
        return cls(**kept)

    def as_json(self):
        """Return it as `Import.findings` keeps it; the inverse of `of_import`."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        kept["headings"] = [asdict(match) for match in self.headings]
        # `asdict` would copy each number of a row.
        kept["unknown_names"] = [
            {one.name: getattr(name, one.name) for one in fields(name)} for name in self.unknown_names
        ]
        return {**kept, "errors": self.errors and self.errors.as_json()}


def list_errors(source):
    """Return what is wrong with an import's rows, as an `ErrorList`; the same thing in many rows is one line.

    No query: the check has said it, so that a page costs the same however many there are. One query, for at most
    5,000 rows, for an import of an earlier version.
    """
    if found := CheckSummary.of_import(source).errors:
        return found
    rows = list(source.rows.filter(kind=RowKind.ERROR).values_list("row", "errors")[:MOST_ROWS])
    seen = first_errors((row, error["column"], error["message"]) for row, errors in rows for error in errors)
    unseen = source.counts.get("errors", 0) - len(rows) if len(rows) == MOST_ROWS else 0
    return ErrorList(seen.lines, seen.more_count + max(0, unseen))


def first_errors(found):
    """Return the `ErrorList` of (row, column, message), in their order."""
    lines = group_errors(found)
    return ErrorList(lines[:MOST_LINES], len(lines[MOST_LINES:]))


def group_errors(found):
    """Return [ErrorLine] of (row, column, message), in their order; the same thing in many rows is one line."""
    places = {}
    for row, column, message in found:
        places.setdefault((column, message), []).append(row)
    return [_line(column, message, rows) for (column, message), rows in places.items()]


def _line(column, message, rows):
    rows = sorted({row for row in rows if row is not None})
    where = f"{rows_in_words(rows)}, {column}" if column and rows else column or rows_in_words(rows)
    return ErrorLine(where, message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…", len(rows))


def rows_in_words(rows):
    """Return sorted row numbers as "Row 3", "Rows 2–4,001", or "Rows 2, 5–9 and 12 more"; blank for none."""
    if not rows:
        return ""
    ranges = ranges_in(rows)
    said = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in ranges[:MOST_RANGES]]
    if rest := sum(last - first + 1 for first, last in ranges[MOST_RANGES:]):
        said.append(f"{rest:,} more")
    return f"{'Row' if len(rows) == 1 else 'Rows'} {listed(said)}"


def _short_names(names):
    short = [one for one in names if len(one.written) <= LONGEST_NAME]
    return [replace(one, rows=one.rows[:MOST_ROWS_OF_A_NAME]) for one in short[:MOST_NAMES]]


def _errors(check):
    bad = (outcome for outcome in check.rows if outcome.kind == RowKind.ERROR)
    return first_errors((outcome.row, error.column, error.message) for outcome in bad for error in outcome.errors)
