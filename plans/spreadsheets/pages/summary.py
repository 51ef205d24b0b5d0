"""What an import comes to as a whole: its counts, what it would do, and what stands in its way."""

from dataclasses import dataclass
from functools import cached_property

from plans.choices import ImportScope, ImportState, RowKind
from plans.spreadsheets.importing.outcome import CheckSummary
from plans.spreadsheets.pages.rows import lack_number, list_columns, list_questions, want_attention
from plans.text import first_named

CONFLICT = "conflict"
"""What the tab of the conflicts is called in addresses; the others are called as `RowKind` calls them."""
IN_FILE = (RowKind.CREATED, RowKind.UPDATED, RowKind.UNCHANGED, RowKind.SKIPPED, RowKind.ERROR)
FIRST_SHOWN = (CONFLICT, "updated", "created", "error", "missing", "unchanged", "skipped")
"""The order in which tabs are opened when the address names none."""
OF_TAB = {
    "created": "created",
    "updated": "updated",
    "unchanged": "unchanged",
    "skipped": "skipped",
    "error": "errors",
    CONFLICT: "conflicts",
    "missing": "missing",
}
"""{tab: key of `Import.counts`}, in the order in which the tabs stand."""
MEANINGS = {
    CONFLICT: "These cells were changed in both your file and the plan. Choose which to keep, then save your choices."
}


@dataclass(frozen=True)
class Tab:
    """One sort of rows: `kind` in addresses, how it is called, what it means, and how many there are.

    `has_rows` says whether there is anything to show: of conflicts only those that are open are counted.
    """

    kind: str
    label: str
    meaning: str
    count: int
    has_rows: bool


class ImportSummary:
    """An import in words and numbers. Takes an `Import`; no query."""

    def __init__(self, source):
        self.source, self.state = source, source.state_choice
        self.options, self.findings = source.options, CheckSummary.of_import(source)
        self.is_of_updates = source.scope == ImportScope.UPDATES

    def count(self, name):
        """Return how many there are of a key of `Import.counts`."""
        return int(self.source.counts.get(name) or 0)

    @property
    def row_count(self):
        """How many rows the file has, each of which is counted once in the sum."""
        return self.count("rows")

    @cached_property
    def tabs(self):
        """The sorts of rows with their counts, as [`Tab`]."""
        counts = {kind: self.count(name) for kind, name in OF_TAB.items()}
        has_decided = bool(self.options.get("all_conflicts") or self.options.get("choices"))
        return [
            Tab(kind, *_words(kind), count, count > 0 or (kind == CONFLICT and has_decided))
            for kind, count in counts.items()
        ]

    @property
    def sum(self):
        """What the rows of the file add up to, as [`Tab`]: the receipt."""
        return [tab for tab in self.tabs if tab.kind in IN_FILE]

    @property
    def counted(self):
        """What the rows of the file add up to without what there is none of, as [`Tab`]."""
        return [tab for tab in self.sum if tab.count]

    @property
    def first_kind(self):
        """The tab to open when the address names none: the first that wants attention."""
        return next((kind for kind in FIRST_SHOWN if self.count(OF_TAB[kind])), "unchanged")

    @property
    def change_count(self):
        """How many rows would make or change something."""
        return self.count("created") + self.count("updated")

    @property
    def leaves_out_errors(self):
        """Whether the rows in error are to be left out, and the others imported."""
        return bool(self.options.get("leave_out_errors"))

    @property
    def obstacles(self):
        """What keeps it from being imported, as [`Obstacle`]; empty when nothing does."""
        stops = not self.leaves_out_errors
        return list_obstacles(
            lacks_number=lack_number(self.source),
            names=len(self.findings.unknown_names) if stops else 0,
            errors=self.count("errors") if stops else 0,
            conflicts=self.count("conflicts"),
            questions=[one.sentence for one in self.questions if not one.answer],
        )

    @cached_property
    def questions(self):
        """What the file asks before it is imported, as [`QuestionShown`]."""
        return list_questions(self.source)

    @property
    def is_ready(self):
        """Whether it can be imported now, and would change anything."""
        return self.state is ImportState.CHECKED and not self.obstacles and self.change_count > 0

    @property
    def action(self):
        """What importing would do, as a button says it: “Import 12 changes and 2 new activities”."""
        created, updated = self.count("created"), self.count("updated")
        if self.is_of_updates:
            return f"Send {_counted(updated, 'update')}"
        said = [_counted(updated, "changed activity", "changed activities")] if updated else []
        said += [_counted(created, "new activity", "new activities")] if created else []
        return f"Import {' and '.join(said)}" if said else "Import"

    @property
    def ignored(self):
        """The headings of the file that are not imported."""
        return self.findings.ignored

    @property
    def sheet_words(self):
        """Which sheets of a workbook are read: “sheet “Plan””; blank where there are none."""
        names = [name for _, name in self.findings.parts] or [self.findings.sheet]
        quoted = [f"“{name}”" for name in names if name]
        return f"sheet{'s' * (len(quoted) > 1)} {first_named(quoted)}" if quoted else ""

    @property
    def conflict_kind(self):
        """What the tab of the conflicts is called."""
        return CONFLICT

    @property
    def is_refused(self):
        """Whether the file cannot be read."""
        return self.state is ImportState.REFUSED

    @property
    def is_discarded(self):
        """Whether somebody decided against it."""
        return self.state is ImportState.DISCARDED

    @property
    def can_be_stopped(self):
        """Whether a job is at work on it that changes nothing, so that it can be stopped."""
        return self.state in (ImportState.WAITING, ImportState.CHECKING)

    @property
    def can_be_undone(self):
        """Whether it was imported and not yet undone."""
        return self.state is ImportState.APPLIED

    @property
    def columns(self):
        """The columns of the file, as [`ColumnShown`]."""
        return list_columns(self.source)

    @property
    def has_unknown_headings(self):
        """Whether somebody had better look at how the headings were read."""
        return want_attention(self.source)

    @property
    def heading_words(self):
        """How many columns are read, in words."""
        read = sum(1 for one in self.columns if one.heading)
        return f"{read} of {_counted(len(self.columns), 'column')}"

    @property
    def progress_words(self):
        """How far the job at work has come: “Checking: 4,000 of 10,000 rows”."""
        what, total = self.state.label, self.source.rows_total
        return f"{what}: {self.source.rows_read:,} of {total:,} rows" if total else f"{what}…"

    @property
    def undo_words(self):
        """What an undo did: how many values went back, and how many were kept."""
        report = self.source.undo_report
        kept = len(report.get("kept", []))
        return f"{_counted(report.get('taken_back', 0), 'value')} restored, {kept:,} kept because changed since"


def _words(kind):
    if kind == CONFLICT:
        return "Conflicts", MEANINGS[CONFLICT]
    return RowKind(kind).label, RowKind(kind).meaning


def _counted(count, one, many=""):
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


@dataclass(frozen=True)
class Obstacle:
    """What has to be done before it can be imported: a sentence, and the part of the page where to do it."""

    sentence: str
    part: str


def list_obstacles(*, lacks_number, names, errors, conflicts, questions=()):
    """Return what keeps a file from being imported, as [`Obstacle`]; `errors` are rows, `conflicts` cells.

    `questions` are sentences that nobody has answered yet.
    """
    found = []
    if lacks_number:
        found.append(Obstacle("Choose which column holds the activity number.", "headings"))
    if names:
        one, them = ("name is", "it") if names == 1 else ("names are", "each one")
        found.append(Obstacle(f"{names:,} {one} not recognised. Choose what {them} means.", "names"))
    if errors:
        them, have = ("it", "row has") if errors == 1 else ("them", "rows have")
        sentence = f"{errors:,} {have} errors. Fix {them} in your file and upload it again, or leave {them} out."
        found.append(Obstacle(sentence, "errors"))
    if conflicts:
        were = "cell was" if conflicts == 1 else "cells were"
        found.append(
            Obstacle(f"{conflicts:,} {were} changed in your file and in the plan. Choose which to keep.", "rows")
        )
    return found + [Obstacle(sentence, "questions") for sentence in questions]
