"""Dry run: what a file comes to against a plan, every row against its activity, with nothing written."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from plans.activity_number import Number
from plans.choices import ImportScope, RowKind
from plans.models import Agency, Plan, User
from plans.permissions import own_activities
from plans.spreadsheets import columns
from plans.spreadsheets.columns import TICK_SHEET
from plans.spreadsheets.descriptions import tidy_title
from plans.spreadsheets.importing.area_titles import give_areas
from plans.spreadsheets.importing.compare import ERROR_VALUE, CellReader, Comparison, Sheet, error_value_in_words
from plans.spreadsheets.importing.numbering import (
    FOCUS_AREA,
    MISSING,
    NOTHING_SAID,
    NUMBER,
    NumberedRow,
    in_words,
    number_rows,
)
from plans.spreadsheets.importing.outcome import OURS, CellChange, CellError, Draft, Options, RowOutcome, UnknownName
from plans.spreadsheets.importing.plan_state import Current, PlanState, brought_back, load_state
from plans.spreadsheets.importing.questions import (
    LETTERS,
    NUMBERS,
    Question,
    RecalledWords,
    list_questions,
    recalled_in_words,
    side_of,
)
from plans.spreadsheets.importing.reports import Reports
from plans.spreadsheets.importing.sub_activities import Ticks
from plans.spreadsheets.names import STATUS, NewAgency, code_of, decide_agencies, letters_of, remaining_by_code
from plans.spreadsheets.reading.headings import HeadingMatch, match_headings
from plans.spreadsheets.reading.table import Table
from plans.spreadsheets.wrong_letters import find_wrong_letters
from plans.text import fold

ROWS_AT_A_TIME = 500
Progress = Callable[[int, int], object]
"""Is told how many rows are done, of how many."""
TITLE = columns.TITLE.heading
NOT_YET = "this activity is new. Import it first, then add its update."
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
    `questions` are those that a person has to answer first. `parts` are those of the `Table`.
    """

    rows: list[RowOutcome]
    options: Options
    matches: list[HeadingMatch]
    ignored: list[str]
    clearable: list[str]
    has_versions: bool
    problems: list[str]
    notes: list[str]
    unknown_names: list[UnknownName] = field(default_factory=list)
    new_agencies: list[NewAgency] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    parts: tuple[tuple[int, str], ...] = ()

    def counts(self) -> dict[str, int]:
        """Return {"rows", "created", …: how many}: rows are created, updated, unchanged, skipped or in error.

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
    def open_questions(self) -> list[Question]:
        """The questions that nobody has answered yet."""
        return [one for one in self.questions if not one.answer]

    @property
    def is_acceptable(self) -> bool:
        """Whether it may be applied: nothing is in error, unless errors are left out, and nothing is to be decided."""
        counts = self.counts()
        is_clean = not counts["errors"] or self.options.leave_out_errors
        return bool(is_clean and not (counts["conflicts"] or self.problems or self.open_questions))

    def fingerprint(self) -> str:
        """Return a text that is the same only for the same changes to the same values, by the same rows."""
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


def check_table(
    plan: Plan,
    table: Table,
    *,
    by: User,
    on: date,
    scope: str = ImportScope.PLAN,
    options: Options | None = None,
    lock: bool = False,
    on_progress: Progress | None = None,
) -> Check:
    """Dry run: return the `Check` of a `Table` against `plan`, for the person `by`. Nothing is written.

    With the `scope` of updates it refuses changes to the plan, and reports that `by` may not make. `lock` keeps the
    activities as they are until the transaction ends. `on_progress(rows, of_rows)` is called every 500 rows.
    Eight queries, one more where it has words that nothing is called by, one where it ticks sub-activities, six more
    where it has reports, and one for each agency that the person then belongs to, three for a programme admin.
    Raises `UnreadableFile` for ticks of activities that the file has no row of.
    """
    options = options or Options()
    sheet = _sheet(table, options)
    if sheet.problems:
        about = _about(sheet, table, options)
        error = CellError("", " ".join(sheet.problems))
        rows = [RowOutcome(row.row, None, RowKind.ERROR, errors=[error]) for row in table.rows]
        return Check(rows, problems=sheet.problems, notes=list(table.notes), **about)
    state = load_state(plan, lock=lock)
    as_read = table
    if scope == ImportScope.PLAN:
        table = give_areas(table, sheet, state)
        sheet = _sheet(table, options)
    checking = Checking(plan, table, sheet, state, by=by, on=on, scope=scope, options=options)
    checking.takes_area_above = table is as_read
    rows = [*checking.outcomes(on_progress), *checking.missing()]
    options = replace(options, names=checking.explained())
    return Check(
        rows,
        problems=[],
        notes=[*table.notes, *checking.notes()],
        unknown_names=checking.unknown_names(),
        new_agencies=checking.new_agencies(rows),
        questions=list_questions(rows, options, checking.wrong_letters),
        **_about(sheet, table, options),
    )


def _sheet(table: Table, options: Options) -> Sheet:
    return Sheet(table.headings, table.columns, match_headings(table.headings, table.columns, options.columns))


def _about(sheet: Sheet, table: Table, options: Options) -> dict[str, Any]:
    """Return what a `Check` says of how the table was read."""
    return {
        "options": options,
        "matches": sheet.matches,
        "ignored": sheet.ignored,
        "clearable": sheet.clearable,
        "has_versions": sheet.has_versions,
        "parts": table.parts,
    }


class Checking:
    """One file against one plan; it answers `outcomes` first, and then what there is to say of them."""

    def __init__(
        self,
        plan: Plan,
        table: Table,
        sheet: Sheet,
        state: PlanState,
        *,
        by: User,
        on: date,
        scope: str,
        options: Options,
    ) -> None:
        """Find the activity of each row in the `PlanState`. Raises `UnreadableFile` as `check_table` does."""
        self.plan, self.sheet, self.state, self.by, self.scope = plan, sheet, state, by, scope
        decisions = self._decisions = options.names
        self.recalled = RecalledWords()
        recall = self.recalled.code
        agencies, self._created = decide_agencies(
            list(self.state.agencies.values()), decisions.get("agency", {}), recall
        )
        reader = CellReader(self.state, agencies, decisions, recall)
        self.comparison = Comparison(sheet, reader, options, scope)
        self.on = on
        self._ended: dict[Agency, list[int | None]] = {}
        self._numbers_of = side_of(options, NUMBERS)
        letters = find_wrong_letters(table, sheet, self.state, scope)
        self.wrong_letters = {row.row: about for row in table.rows if (about := letters.about(row))}
        if side_of(options, LETTERS) == OURS:
            table = letters.corrected(table)
        may_renumber = scope == ImportScope.PLAN
        self.numbered = number_rows(
            plan, table, sheet, self.state.activities, side=self._numbers_of, may_renumber=may_renumber
        )
        self._ticks = Ticks(plan, table, on, self.state.activities, self.numbered)
        self._ticks.refuse_those_without_row({one.number for one in self.numbered})
        self._unknown = _by_row(table.errors, sheet)
        self.takes_area_above = True
        self._distrusted: dict[str, list[int]] = {}
        self._above = ""
        self._titles: dict[str, Number] | None = None
        self._brought_back = self._load_brought_back()
        self._reports = self._load_reports()

    def outcomes(self, on_progress: Progress | None = None) -> Iterator[RowOutcome]:
        """Yield the `RowOutcome` of each row, in order."""
        total = len(self.numbered)
        for place, one in enumerate(self.numbered, start=1):
            yield self._outcome(one)
            if on_progress and (place % ROWS_AT_A_TIME == 0 or place == total):
                on_progress(place, total)

    def missing(self) -> list[RowOutcome]:
        """Return the outcome of each activity in force that the file does not have; of the person's own alone."""
        found = {one.current.pk for one in self.numbered if one.current}
        absent = [one for one in self.state.activities.values() if one.withdrawn_on is None and one.pk not in found]
        if self.scope == ImportScope.UPDATES and absent:
            own = set(own_activities(self.by, self.plan).values_list("pk", flat=True))
            absent = [one for one in absent if one.pk in own]
        return [RowOutcome(None, one.number, RowKind.MISSING, activity_id=one.pk) for one in absent]

    def explained(self) -> dict[str, dict[str, dict[str, str]]]:
        """Return `Options.names` with what was explained for earlier files and this one has."""
        names = {kind: dict(decided) for kind, decided in self._decisions.items()}
        for kind, recalled in self.recalled.names.items():
            names[kind] = {**recalled, **names.get(kind, {})}
        return names

    def unknown_names(self) -> list[UnknownName]:
        """Return the names that nothing is called by, each once, in the order of the file."""
        found: dict[tuple[str, str], UnknownName] = {}
        for row, unmatched in self.comparison.unknown:
            for problem in unmatched.problems:
                suggestion = code_of(problem.nearest) if problem.nearest else ""
                name = UnknownName(unmatched.kind, problem.written, [], suggestion)
                key = (letters_of if unmatched.kind == STATUS else fold)(problem.written)
                rows = found.setdefault((unmatched.kind, key), name).rows
                if row not in rows[-1:]:
                    rows.append(row)
        return list(found.values())

    def new_agencies(self, outcomes: Iterable[RowOutcome]) -> list[NewAgency]:
        """Return the agencies that rows want and that are to be added."""
        wanted = {
            agency
            for outcome in outcomes
            if outcome.draft
            for agency in (*(outcome.draft.leads or ()), *(outcome.draft.supports or ()))
            if isinstance(agency, NewAgency)
        }
        return [agency for agency in self._created if agency in wanted]

    def notes(self) -> list[str]:
        """Return what a person should know of the rows as a whole, as sentences."""
        notes = [
            f"Compared with the plan as it is now, since {reason}: row{'s' * (len(rows) > 1)} {in_words(rows)}."
            for reason, rows in self._distrusted.items()
        ]
        notes += [
            f"{agency.end_in_words}, and is made a lead agency: row{'s' * (len(rows) > 1)} {in_words(rows)}."
            " Import it if that is meant, or name the agency that leads now."
            for agency, rows in self._ended.items()
        ]
        if recalled := recalled_in_words(self.explained()):
            notes.append(recalled)
        if blanks := self.comparison.blanks:
            cells = ", ".join(f"{heading} ({count:,})" for heading, count in blanks.items())
            notes.append(f"Cells are blank where the plan has something, and leave it as it is: {cells}.")
        return notes

    def _load_brought_back(self) -> set[int]:
        withdrawn = any(one.current and one.current.withdrawn_on for one in self.numbered)
        return brought_back(self.plan) if withdrawn and self.scope == ImportScope.PLAN else set()

    def _load_reports(self) -> Any:
        ticked = self._ticks.numbers
        reporting = [
            one for one in self.numbered if one.number and (one.number in ticked or self.sheet.report_cells(one.row))
        ]
        if not reporting:
            return None
        seen = [one.version.latest_update_id or 0 for one in reporting if one.version]
        by_code = remaining_by_code(list(self.state.agencies.values()))
        return Reports(self.plan, self.by, self.comparison, min(seen, default=0), by_code)

    def _outcome(self, one: NumberedRow) -> RowOutcome:
        """Return the outcome of a row."""
        cells = self.sheet.cells(one.row)
        if self.takes_area_above:
            self._above = cells.get(FOCUS_AREA) or self._above
        if one.note and not (one.note == NOTHING_SAID and one.row.row in self._unknown):
            return RowOutcome(one.row.row, None, RowKind.SKIPPED, notes=[one.note])
        if one.error or one.note:
            error = CellError(self.sheet.name_of(NUMBER), one.error)
            outcome = RowOutcome(one.row.row, one.number, RowKind.ERROR, errors=[error] if one.error else [])
            self._refuse_unknown(outcome)
            return outcome
        current = one.current
        if current is None or current.pk in self._brought_back:
            outcome, draft = self.comparison.new(one.row, one.number, self._above, current)
        else:
            outcome, draft = self.comparison.existing(one.row, current, one.version)
            self._note_distrust(one, outcome)
            self._note_number(one, outcome, draft)
            self._note_title(one, outcome)
        self._note_ended(outcome, draft, current)
        if not outcome.errors:
            self._add_report(one, outcome, draft, current)
        self._refuse_withdrawn(outcome, current)
        self._refuse_unknown(outcome)
        return _ended(outcome, draft)

    def _note_distrust(self, one: NumberedRow, outcome: RowOutcome) -> None:
        # Without a version, two sides that say the same are nothing to tell of.
        if one.distrust and (one.distrust != MISSING or outcome.changes or outcome.errors):
            outcome.notes.append(f"Compared with the plan as it is now, since {one.distrust}.")
            self._distrusted.setdefault(one.distrust, []).append(one.row.row)

    def _note_number(self, one: NumberedRow, outcome: RowOutcome, draft: Draft) -> None:
        """Note the number that the file gives to the activity, and the one that it keeps from before."""
        outcome.moved_to = one.moved_to
        if one.moved_to is None:
            if one.version and one.written not in (None, one.number):
                outcome.kept.append(NUMBER)
        elif self._numbers_of != OURS:
            draft.number = one.moved_to
            outcome.changes.insert(0, CellChange(NUMBER, str(one.number), str(one.moved_to)))

    def _note_title(self, one: NumberedRow, outcome: RowOutcome) -> None:
        """Note a title that another activity has: without versions, rows that changed places look like that."""
        title = next((change.new for change in outcome.changes if change.column == TITLE), "")
        if not title or one.version:
            return
        if self._titles is None:
            self._titles = self._number_by_title()
        number = self._titles.get(title)
        if number not in (None, one.number):
            outcome.title_of = number
            outcome.notes.append(f"This is the title of activity {number} in the plan.")

    def _note_ended(self, outcome: RowOutcome, draft: Draft, current: Current | None) -> None:
        """Note the agencies that have ended and that the row makes lead agencies."""
        led_before = current.leads if current else ()
        for agency in draft.leads or ():
            if not isinstance(agency, NewAgency) and agency.has_ended(self.on) and agency not in led_before:
                outcome.notes.append(f"{agency.end_in_words}, and is made a lead agency.")
                self._ended.setdefault(agency, []).append(outcome.row)

    def _number_by_title(self) -> dict[str, Number]:
        """Return {title: number} of the activities in force whose title no other has."""
        found: dict[str, list[Number]] = {}
        for one in self.state.activities.values():
            if one.title and one.withdrawn_on is None:
                found.setdefault(tidy_title(one.title), []).append(one.number)
        return {title: numbers[0] for title, numbers in found.items() if len(numbers) == 1}

    def _add_report(self, one: NumberedRow, outcome: RowOutcome, draft: Draft, current: Current | None) -> None:
        cells, is_ticked = self.sheet.report_cells(one.row), one.number in self._ticks.numbers
        if not (cells or is_ticked):
            return
        errors = {heading: text for heading, text in cells.items() if ERROR_VALUE.fullmatch(text)}
        if errors:
            outcome.errors += [self.comparison.error(one, error_value_in_words(text)) for one, text in errors.items()]
            return
        if outcome.kind == RowKind.CREATED:
            outcome.errors.append(self.comparison.error(next(iter(cells), TICK_SHEET), NOT_YET))
            return
        ticks, errors = self._ticks.of(current) if is_ticked else ([], [])
        outcome.errors += errors
        self._reports.add(outcome, draft, cells, ticks, current, one.version)

    def _refuse_unknown(self, outcome: RowOutcome) -> None:
        """Say of the cells of which it is not known what they say just that, and nothing else."""
        if found := self._unknown.get(outcome.row or 0):
            columns_of = {error.column for error in found}
            outcome.errors = found + [error for error in outcome.errors if error.column not in columns_of]

    def _refuse_withdrawn(self, outcome: RowOutcome, current: Current | None) -> None:
        if current and current.withdrawn_on and outcome.changes and outcome.kind != RowKind.CREATED:
            sentence = f"activity {outcome.number} has been withdrawn. Remove this row."
            outcome.errors = [self.comparison.error(NUMBER, sentence)]


def _by_row(errors: dict[tuple[int, int], str], sheet: Sheet) -> dict[int, list[CellError]]:
    """Return {row: [CellError]} of the `Table.errors` in columns that are read."""
    heading_of = {sheet.columns[place]: sheet.name_of(heading) for heading, place in sheet.places.items()}
    found: dict[int, list[CellError]] = {}
    for (row, column), sentence in sorted(errors.items()):
        if column in heading_of:
            found.setdefault(row, []).append(CellError(heading_of[column], sentence))
    return found


def _ended(outcome: RowOutcome, draft: Draft) -> RowOutcome:
    """Return the outcome with its draft, if nothing is wrong and there is something to write."""
    if outcome.errors:
        outcome.kind, outcome.changes, outcome.kept, outcome.removals = RowKind.ERROR, [], [], []
    elif outcome.kind == RowKind.CREATED:
        outcome.draft = draft
    elif not draft.is_blank:
        outcome.kind, outcome.draft = RowKind.UPDATED, draft
    return outcome
