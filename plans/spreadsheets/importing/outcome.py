"""What a file comes to, row by row and cell by cell, and what each row gives, before anything is saved."""

from dataclasses import asdict, dataclass, field, make_dataclass
from datetime import date

from plans.choices import RowKind, Status
from plans.models import Agency
from plans.spreadsheets.columns import MERGED_COLUMNS

THEIRS, OURS = "theirs", "ours"
"""The sides a person can take: as the file says, or as the plan has it."""


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What an agency reports in a row: the parts of `record_update`. `done` are sub-activities, [(id, day)]."""

    agency: Agency
    status: Status
    is_no_change: bool = False
    what_happened: str = ""
    whats_next: str = ""
    barrier: str = ""
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
    number: int | None = None

    @property
    def is_blank(self):
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

    def as_json(self):
        """Return it as `ImportRow.changes` keeps it."""
        # `asdict` copies each value, which costs twenty times as much.
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that has to be mended. `column` is the heading as the file has it, blank for the whole row."""

    column: str
    message: str

    def as_json(self):
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
    number: int | None
    kind: RowKind
    changes: list[CellChange] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    activity_id: int | None = None
    draft: object = None
    notes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    removals: list = field(default_factory=list)
    moved_to: int | None = None
    title_of: int | None = None

    @property
    def has_conflict(self):
        """Whether somebody still has to choose between two values."""
        return any(change.is_conflict and not change.taken for change in self.changes)


@dataclass(frozen=True)
class UnknownName:
    """A name in the file that nothing is called by, once for all its rows.

    `kind` is "agency", "focus area" or "priority area"; `suggestion` the code of what was most likely meant, or blank.
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
    {kind: {name as written: {"use": code} or {"create": name}}} for names that nothing is called by. `choices` is
    {number: {heading: "theirs" or "ours"}} for conflicts, `all_conflicts` "theirs", "ours" or "". `leave_out_errors`
    imports the other rows when some are in error. `answers` is {kind of `questions.Question`: "ours", "theirs", or
    "theirs:" and the seal of what was asked}.
    """

    sheet: str = ""
    columns: dict[int, str] = field(default_factory=dict)
    clears: frozenset[str] = frozenset()
    names: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    choices: dict[int, dict[str, str]] = field(default_factory=dict)
    all_conflicts: str = ""
    leave_out_errors: bool = False
    answers: dict[str, str] = field(default_factory=dict)

    def as_json(self):
        """Return them as `Import.options` keeps them; the inverse of `from_json`."""
        return {**asdict(self), "clears": sorted(self.clears)}

    @classmethod
    def from_json(cls, kept):
        """Return the options that `Import.options` keeps; numbers are text there, since they are keys of JSON."""
        given = {**cls().as_json(), **kept}
        given["columns"] = {int(place): heading for place, heading in given["columns"].items()}
        given["choices"] = {int(number): chosen for number, chosen in given["choices"].items()}
        return cls(**{**given, "clears": frozenset(given["clears"])})
