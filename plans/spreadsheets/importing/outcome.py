"""What a file comes to, row by row and cell by cell, and what each row gives, before anything is saved.

`CheckSummary` is what the page is told of the file as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, fields, make_dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.utils.text import capfirst

from plans.activity_number import Number, number_of_json
from plans.choices import RowKind, Status
from plans.models import Agency, Import
from plans.spreadsheets.columns import MERGED_COLUMNS
from plans.spreadsheets.reading.headings import HeadingMatch
from plans.spreadsheets.reading.read import row_place
from plans.text import listed, ranges_in
from plans.web_links import Link

if TYPE_CHECKING:
    from plans.spreadsheets.importing.check import Check
    from plans.spreadsheets.reading.table import Table

THEIRS, OURS = "theirs", "ours"
"""The sides a person can take: as the file says, or as the plan has it."""


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What an agency reports in a row: the parts of `record_update`. `done` are sub-activities, [(id, day)].

    `evidence` are [`Link`].
    """

    agency: Agency
    status: Status
    is_no_change: bool = False
    what_happened: str = ""
    whats_next: str = ""
    barrier: str = ""
    no_evidence_reason: str = ""
    evidence: tuple[Link, ...] = ()
    done: tuple[tuple[int, date], ...] = ()


@dataclass(slots=True)
class Draft(make_dataclass("Values", [(column.attribute, object, None) for column in MERGED_COLUMNS], slots=True)):  # type: ignore[misc]  # its fields follow from the columns
    """The values that a row gives, by the `attribute` of their columns; None for "the activity keeps its own".

    What clears a value is blank, not None: "", `Description("")` or (). `leads` and `supports` may hold a `NewAgency`,
    the same object wherever the file names it. `is_brought_back` says that the activity is there, withdrawn, since
    the import that made it was undone; its draft gives everything that the row says, changed or not. `number` is
    the one that the file gives to an activity that is there.
    """

    report: ReportDraft | None = None
    is_brought_back: bool = False
    number: Number | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to write."""
        return self == Draft()


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that differs from the plan. `old` is what the plan says, `new` what applying would write.

    With a hidden version in the file the cell was merged: `original` is what the file was made from, None when that
    is not known. `is_conflict` says that both sides changed it; `theirs` is then what the file says, and `taken` the
    side that was chosen, "theirs" (the file) or "ours" (the plan), blank while nobody chose.
    """

    column: str
    old: str
    new: str
    original: str | None = None
    is_conflict: bool = False
    theirs: str = ""
    taken: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as `ImportRow.changes` keeps it."""
        # `asdict` copies each value, which costs twenty times as much.
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that has to be mended. `column` is the heading as the file has it, blank for the whole row."""

    column: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return it as `ImportRow.errors` keeps it."""
        return asdict(self)


@dataclass(slots=True)
class RowOutcome:
    """What a row comes to. `row` is None for an activity that is missing from the file.

    `draft` is what applying writes (a `Draft`), None when there is nothing to write. `notes` are
    sentences that belong to the row, such as that its hidden version was tampered with. `kept` are headings of cells
    that only the plan has changed since the file was made, and that stay. `removals` are what the row would take away
    (each a `Removal`). `moved_to` is the number that the file gives to the activity, None
    where that is the plan's; `title_of` the number of the activity whose title the file gives to this one.
    """

    row: int | None
    number: Number | None
    kind: RowKind
    changes: list[CellChange] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    activity_id: int | None = None
    draft: Draft | None = None
    notes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removals: list[Any] = field(default_factory=list)
    moved_to: Number | None = None
    title_of: Number | None = None

    @property
    def has_conflict(self) -> bool:
        """Whether somebody still has to choose between two values."""
        return any(change.is_conflict and not change.taken for change in self.changes)


@dataclass(frozen=True)
class UnknownName:
    """A name in the file that nothing is called by, once for all its rows.

    `kind` is "agency", "focus area", "priority area" or "status"; `suggestion` the code of what was most likely meant
    (the value of a status, `NO_LEAD` for nobody yet), or blank.
    """

    kind: str
    written: str
    rows: list[int]
    suggestion: str


@dataclass(frozen=True)
class Options:
    """What a person decided about a file; `Import.options` keeps it as JSON.

    `sheet` is the sheet to read, blank for the best. `columns` is {place in the file, from 1: heading of ours, "" to
    ignore it}, over what was matched. `clears` are our headings whose blank cells clear the value. `names` is
    {kind: {name as written: {"use": code} or {"create": name}}} for names that nothing is called by; the code `NO_LEAD`
    says that it means nothing. `choices` is
    {number: {heading: "theirs" or "ours"}} for conflicts, `all_conflicts` "theirs", "ours" or "". `leave_out_errors`
    imports the other rows when some are in error. `answers` is {kind of `questions.Question`: "ours", "theirs", or
    "theirs:" and the seal of what was asked}. `date_reason` is why due dates move, which their history then says.
    """

    sheet: str = ""
    columns: dict[int, str] = field(default_factory=dict)
    clears: frozenset[str] = frozenset()
    names: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    choices: dict[Number, dict[str, str]] = field(default_factory=dict)
    all_conflicts: str = ""
    leave_out_errors: bool = False
    answers: dict[str, str] = field(default_factory=dict)
    date_reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return them as `Import.options` keeps them; the inverse of `from_json`."""
        return {**asdict(self), "clears": sorted(self.clears)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the options that `Import.options` keeps; numbers are text there, since they are keys of JSON."""
        given = {**cls().as_json(), **kept}
        given["columns"] = {int(place): heading for place, heading in given["columns"].items()}
        given["choices"] = {number_of_json(number): chosen for number, chosen in given["choices"].items()}
        return cls(**{**given, "clears": frozenset(given["clears"])})


# The summary of a check, as `Import.findings` keeps it for the page.
#
# Each list in it is bounded, so that no page grows with what is wrong with a file.

MOST_NAMES = 500
MOST_ROWS_OF_A_NAME = 1_000
LONGEST_NAME = 500
"""Characters of a name that is asked about; a longer one has to be fixed in the file."""

LONGEST_HEADING = 200
MOST_LINES = 100
MOST_RANGES = 6
MOST_ROWS = 5_000
"""Rows that are looked at for an import of an earlier version, which does not say what to list."""

LONGEST_MESSAGE = 500

_Found = tuple[int | None, str, str]
"""What is wrong: row, column and message."""


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

    def as_json(self) -> dict[str, Any]:
        """Return it as `Import.findings` keeps it."""
        return {"lines": [astuple(line) for line in self.lines], "more_count": self.more_count}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the list that `as_json` has written."""
        return cls([ErrorLine(*line) for line in kept["lines"]], kept["more_count"])


@dataclass(frozen=True)
class CheckSummary:
    """What a file was found to be like. `Import.findings` keeps it as JSON, beside what jobs note there themselves.

    `kind` is that of the file, `sheets` are the names of all its sheets, `headings` its headings with what they mean,
    `ignored` those that are not read, `clearable` ours whose blank cells can be made to clear, `notes` sentences about
    the rows, `problems` about the file as a whole. `errors` is None for an import of an earlier version, which does
    not say them; `questions` are as `Question.as_json` has them, `parts` those of the `Table`. `fingerprint` is another
    for other changes.
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
    questions: list[dict[str, Any]] = field(default_factory=list)
    parts: list[Sequence[Any]] = field(default_factory=list)
    fingerprint: str = ""

    @classmethod
    def of_check(cls, check: "Check", table: "Table", sheets: Iterable[str] = ()) -> Self:
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
            parts=[list(part) for part in check.parts],
            fingerprint=check.fingerprint(),
        )

    @classmethod
    def of_import(cls, source: Import) -> Self:
        """Return what an `Import` keeps of its file, also one of an earlier version, which kept less."""
        kept = {one.name: source.findings[one.name] for one in fields(cls) if one.name in source.findings}
        kept["headings"] = [HeadingMatch(**one) for one in kept.get("headings", ())]
        kept["unknown_names"] = [UnknownName(**one) for one in kept.get("unknown_names", ())]
        kept["errors"] = ErrorList.from_json(kept["errors"]) if kept.get("errors") else None
        return cls(**kept)

    def as_json(self) -> dict[str, Any]:
        """Return it as `Import.findings` keeps it; the inverse of `of_import`."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        kept["headings"] = [asdict(match) for match in self.headings]
        # `asdict` would copy each number of a row.
        kept["unknown_names"] = [
            {one.name: getattr(name, one.name) for one in fields(name)} for name in self.unknown_names
        ]
        return {**kept, "errors": self.errors and self.errors.as_json()}


def list_errors(source: Import) -> ErrorList:
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


def first_errors(found: Iterable[_Found], parts: Sequence[Any] = ()) -> ErrorList:
    """Return the `ErrorList` of (row, column, message), in their order; `parts` are those of the `Table`."""
    lines = group_errors(found, parts)
    return ErrorList(lines[:MOST_LINES], len(lines[MOST_LINES:]))


def group_errors(found: Iterable[_Found], parts: Sequence[Any] = ()) -> list[ErrorLine]:
    """Return [ErrorLine] of (row, column, message), in their order; the same thing in many rows is one line."""
    places: dict[tuple[str, str], list[int | None]] = {}
    for row, column, message in found:
        places.setdefault((column, message), []).append(row)
    return [_line(column, message, rows, parts) for (column, message), rows in places.items()]


def _line(column: str, message: str, found: Iterable[int | None], parts: Sequence[Any]) -> ErrorLine:
    rows = sorted({row for row in found if row is not None})
    said = rows_in_words(rows, parts)
    where = f"{said}, {column}" if column and rows else column or said
    return ErrorLine(where, message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…", len(rows))


def rows_in_words(rows: Sequence[int], parts: Sequence[Any] = ()) -> str:
    """Return sorted row numbers as "Row 3", "Rows 2–4,001", or "Rows 2, 5–9 and 12 more"; blank for none.

    Where several sheets are read together, as `parts` say: "Sheet “Supply”, row 3; sheet “Demand”, rows 2 and 3".
    """
    if not rows:
        return ""
    if parts:
        return capfirst(sheets_in_words(rows, parts))
    ranges = ranges_in(rows)
    said = [f"{first:,}" if first == last else f"{first:,}–{last:,}" for first, last in ranges[:MOST_RANGES]]
    if rest := sum(last - first + 1 for first, last in ranges[MOST_RANGES:]):
        said.append(f"{rest:,} more")
    return f"{'Row' if len(rows) == 1 else 'Rows'} {listed(said)}"


def sheets_in_words(rows: Iterable[int], parts: Sequence[Any]) -> str:
    """Return rows of several sheets as "sheet “Supply”, row 3; sheet “Demand”, rows 2 and 3"."""
    of_sheets: dict[str, list[int]] = {}
    for sheet, row in (row_place(row, parts) for row in rows):
        of_sheets.setdefault(sheet, []).append(row)
    return "; ".join(f"sheet “{sheet}”, {rows_within(own)}" for sheet, own in of_sheets.items())


def rows_within(rows: Sequence[int], parts: Sequence[Any] = ()) -> str:
    """Return rows as `rows_in_words` does, for the middle of a sentence."""
    said = rows_in_words(rows, parts)
    return said[:1].lower() + said[1:]


def _short_names(names: Iterable[UnknownName]) -> list[UnknownName]:
    short = [one for one in names if len(one.written) <= LONGEST_NAME]
    return [replace(one, rows=one.rows[:MOST_ROWS_OF_A_NAME]) for one in short[:MOST_NAMES]]


def _errors(check: "Check") -> ErrorList:
    bad = (outcome for outcome in check.rows if outcome.kind == RowKind.ERROR)
    found = ((outcome.row, error.column, error.message) for outcome in bad for error in outcome.errors)
    return first_errors(found, check.parts)
