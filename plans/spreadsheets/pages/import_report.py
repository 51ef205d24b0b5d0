"""What a file comes to, as the command line tells it: in lines for people, or as one JSON object for programs."""

from dataclasses import asdict, dataclass

from django.utils.text import capfirst

from plans.activity_number import Number
from plans.choices import NO_LEAD, ImportState, Status
from plans.models import Import
from plans.spreadsheets.importing.check import Check
from plans.spreadsheets.importing.outcome import group_errors, rows_in_words
from plans.spreadsheets.importing.questions import question_in_words
from plans.spreadsheets.names import STATUS
from plans.spreadsheets.reading.read import row_in_words

COUNTED = ("created", "updated", "unchanged", "skipped", "errors", "conflicts", "missing")
LONGEST_QUOTE = 70
FLAGS = {
    "numbers": "Choose with --numbers file or --numbers plan.",
    "titles": "Check the numbers; to import it as it is, add --confirm-titles.",
    "items": "Choose with --confirm-removals or --keep-instead.",
    "agencies": "Choose with --confirm-removals or --keep-instead.",
    "dates": "Say why with --date-reason, or choose --keep-instead.",
    "letters": "Choose with --letters correct or --letters file.",
}
"""{kind of question: how it is answered at the command line}"""


@dataclass(frozen=True)
class ReportedChange:
    """A cell that is imported: `old` in the plan, `new` in the file."""

    row: int
    number: Number
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class ReportedConflict:
    """A cell that file and plan have both changed; `original` is what the file was made from, None if not known."""

    row: int
    number: Number
    column: str
    original: str | None
    theirs: str
    ours: str


@dataclass(frozen=True)
class ReportedError:
    """A cell that has to be fixed, or a whole row where `column` is blank."""

    row: int | None
    column: str
    message: str


@dataclass(frozen=True)
class ImportReport:
    """What a `Check` comes to, and the `Import` that was made of it, if one was asked for."""

    check: Check
    source: Import | None = None

    @property
    def changes(self):
        """The cells that are imported, as [`ReportedChange`]."""
        return [
            ReportedChange(outcome.row, outcome.number, change.column, change.old, change.new)
            for outcome, change in self._cells
            if change.new != change.old and not (change.is_conflict and not change.taken)
        ]

    @property
    def conflicts(self):
        """The cells that somebody has to decide on, as [`ReportedConflict`]."""
        return [
            ReportedConflict(outcome.row, outcome.number, change.column, change.original, change.theirs, change.old)
            for outcome, change in self._cells
            if change.is_conflict and not change.taken
        ]

    @property
    def errors(self):
        """What has to be fixed first, as [`ReportedError`]."""
        return [ReportedError(one.row, error.column, error.message) for one in self.check.rows for error in one.errors]

    @property
    def _cells(self):
        return ((outcome, change) for outcome in self.check.rows for change in outcome.changes)

    def as_json(self):
        """Return {"counts", "changes", "conflicts", "questions", "errors", …}.

        Where several sheets are read together, rows are counted through them, and `sheets` says where each begins.
        `import` is the number of the import, `is_applied` whether it was made; both are there when it was asked for.
        """
        check, source = self.check, self.source
        told = {
            "counts": check.counts(),
            "changes": [vars(one) for one in self.changes],
            "conflicts": [vars(one) for one in self.conflicts],
            "questions": [one.as_json() for one in check.questions],
            "unknown_names": [asdict(one) for one in check.unknown_names],
            "errors": [vars(one) for one in self.errors],
            "ignored": list(check.ignored),
            "notes": list(check.notes),
            "is_acceptable": check.is_acceptable,
        }
        if check.parts:
            told["sheets"] = [{"sheet": sheet, "rows_before": before} for before, sheet in check.parts]
        if source:
            is_applied = source.state == ImportState.APPLIED
            told |= {"import": source.pk, "is_applied": is_applied, "problem": source.problem}
        return told

    def lines(self, *, name, plan, is_asked=False):
        """Yield what `as_json` tells, as sentences; the same error in many rows is one of them."""
        check = self.check
        counts = check.counts()
        counted = ", ".join(f"{counts[kind]:,} {kind}" for kind in COUNTED)
        yield f"{name} against {plan}: {counts['rows']:,} row{'' if counts['rows'] == 1 else 's'}: {counted}."
        yield from check.notes
        if check.ignored:
            yield f"Not imported: {', '.join(check.ignored)}."
        for one in self.changes:
            yield f"{self._place(one.row)}, activity {one.number}, {one.column}: {_quote(one.old)} → {_quote(one.new)}"
        for one in self.conflicts:
            said = f"in the file {_quote(one.theirs)}, in the plan {_quote(one.ours)}"
            place = row_in_words(one.row, check.parts)
            yield f"Conflict in {place}, {one.column}: {said}. Choose with --theirs or --ours."
        yield from _questions(check)
        yield from _unknown_words(check)
        yield from check.problems or self._grouped_errors()
        yield self._ending(is_asked)

    def _grouped_errors(self):
        errors = ((one.row, one.column, one.message) for one in self.errors)
        return [f"{line.where}: {line.message}" for line in group_errors(errors, self.check.parts)]

    def _place(self, row):
        return capfirst(row_in_words(row, self.check.parts))

    def _ending(self, is_asked):
        if self.source and self.source.state == ImportState.APPLIED:
            return f"Imported. To undo it: manage.py undo_import {self.source.pk}"
        if self.source:
            return self.source.problem
        if not self.check.is_acceptable:
            return "Nothing was changed. The file cannot be imported as it is."
        return "Nothing was changed." if is_asked else "Nothing was changed. To import it, add --apply."


def refusal_as_json(problem):
    """Return what `ImportReport.as_json` would be of a file that cannot be read at all: the `problem` alone."""
    errors = [vars(ReportedError(None, "", problem))]
    nothing = {"changes": [], "conflicts": [], "questions": []}
    return {"counts": dict.fromkeys(("rows", *COUNTED), 0), **nothing, "errors": errors}


def _questions(check):
    for one in check.open_questions:
        yield f"{question_in_words(one.kind, one.count, one.done, len(one.rows))} {FLAGS[one.kind]}"
        for row, number, _, about in one.rows:
            activity = f", activity {number}" if number else ""
            yield f"  {capfirst(row_in_words(row, check.parts))}{activity}: {'; '.join(about)}"


def _unknown_words(check):
    """Yield how to say what each word means that stands for a status, or for no agency."""
    for one in check.unknown_names:
        if one.kind == STATUS:
            label = Status(one.suggestion).label if one.suggestion in Status.values else "On track"
            meaning = f"{label}” or another status, or “{one.written}=none"
        elif one.suggestion == NO_LEAD:
            meaning = "none"
        else:
            continue
        where = rows_in_words(one.rows, check.parts)
        yield f"{where}, “{one.written}”: say what it means with --means “{one.written}={meaning}”."


def _quote(text):
    text = " / ".join(text.split("\n"))
    return f"“{text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + '…'}”"
