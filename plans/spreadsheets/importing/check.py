"""What a file comes to against a plan, all of it, with nothing written."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from plans.choices import ImportScope, RowKind
from plans.spreadsheets.importing.checking import Checking
from plans.spreadsheets.importing.drafts import NewAgency
from plans.spreadsheets.importing.outcome import CellError, Options, RowOutcome, UnknownName
from plans.spreadsheets.importing.questions import Question, list_questions
from plans.spreadsheets.importing.sheet import Sheet
from plans.spreadsheets.reading.headings import match_headings

COUNTED = {
    "created": RowKind.CREATED,
    "updated": RowKind.UPDATED,
    "unchanged": RowKind.UNCHANGED,
    "skipped": RowKind.SKIPPED,
    "errors": RowKind.ERROR,
    "missing": RowKind.MISSING,
}


@dataclass(frozen=True)
class Check:
    """What a file comes to: its rows in order, and after them the activities that it does not have.

    `matches` are the `HeadingMatch`es of its headings, `ignored` those of no column that is read, as written;
    `clearable` our headings whose blank cells can be made to clear. `problems` are sentences about the file as a
    whole, which its rows repeat; `notes` what a person should know of it. `new_agencies` are those to be added.
    `questions` are those that a person has to answer first.
    """

    rows: list[RowOutcome]
    options: Options
    matches: list
    ignored: list[str]
    clearable: list[str]
    has_versions: bool
    problems: list[str]
    notes: list[str]
    unknown_names: list[UnknownName] = field(default_factory=list)
    new_agencies: list[NewAgency] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def counts(self):
        """Answer {"rows", "created", …: how many}: rows are created, updated, unchanged, skipped or in error.

        Beside that sum stand "missing", activities that the file does not have, "conflicts", cells to decide on, and,
        if there are any, "renumbered", activities that get another number.
        """
        kinds = Counter(outcome.kind for outcome in self.rows)
        counts = {name: kinds[kind] for name, kind in COUNTED.items()}
        changes = (change for outcome in self.rows for change in outcome.changes)
        conflicts = sum(change.is_conflict and not change.taken for change in changes)
        renumbered = sum(one.draft is not None and one.draft.number is not None for one in self.rows)
        found = {"rows": len(self.rows) - counts["missing"], **counts, "conflicts": conflicts}
        return {**found, "renumbered": renumbered} if renumbered else found

    @property
    def open_questions(self):
        """The questions that nobody has answered yet."""
        return [one for one in self.questions if not one.answer]

    @property
    def is_acceptable(self):
        """Whether it may be applied: nothing is in error, unless errors are left out, and nothing is to be decided."""
        counts = self.counts()
        is_clean = not counts["errors"] or self.options.leave_out_errors
        return bool(is_clean and not (counts["conflicts"] or self.problems or self.open_questions))

    def fingerprint(self):
        """Answer a text that is the same only for the same changes to the same values, by the same rows."""
        digest = hashlib.sha256(repr([self.new_agencies, self.options.leave_out_errors]).encode())
        for one in self.rows:
            if one.kind != RowKind.MISSING:
                said = (one.row, one.number, one.kind.value, one.activity_id, one.changes)
                done = one.draft.report.done if one.draft and one.draft.report else ()
                # Two sub-activities can begin alike.
                digest.update(repr((*said, done) if done else said).encode())
                # What goes may be done by now, though the words are the same.
                digest.update(repr(one.removals).encode() if one.removals else b"")
        return digest.hexdigest()


def check_table(plan, table, *, by, on, scope=ImportScope.PLAN, options=None, lock=False, on_progress=None):
    """Answer the `Check` of a `Table` against `plan`, for the person `by`. Nothing is written.

    With the `scope` of updates it refuses changes to the plan, and reports that `by` may not make. `lock` keeps the
    activities as they are until the transaction ends. `on_progress(rows, of_rows)` is called every 500 rows.
    Eight queries, one more where the file ticks sub-activities, six more where it has reports, and one for each
    agency that the person then belongs to, three for a programme admin.
    Raises `UnreadableFile` for ticks of activities that the file has no row of.
    """
    options = options or Options()
    sheet = Sheet(table.headings, table.columns, match_headings(table.headings, table.columns, options.columns))
    about = {
        "options": options,
        "matches": sheet.matches,
        "ignored": sheet.ignored,
        "clearable": sheet.clearable,
        "has_versions": sheet.has_versions,
    }
    if sheet.problems:
        error = CellError("", " ".join(sheet.problems))
        rows = [RowOutcome(row.row, None, RowKind.ERROR, errors=[error]) for row in table.rows]
        return Check(rows, problems=sheet.problems, notes=list(table.notes), **about)
    checking = Checking(plan, table, sheet, by=by, on=on, scope=scope, options=options, lock=lock)
    rows = [*checking.outcomes(on_progress), *checking.missing()]
    return Check(
        rows,
        problems=[],
        notes=[*table.notes, *checking.notes()],
        unknown_names=checking.unknown_names(),
        new_agencies=checking.new_agencies(rows),
        questions=list_questions(rows, options),
        **about,
    )
