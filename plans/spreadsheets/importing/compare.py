"""What the cells of one row come to, against the activity of its number as it is now."""

from functools import partial

from plans.actions.reporting_rules import NOT_REPORTABLE
from plans.choices import DescriptionState, ImportScope, RowKind, Status
from plans.spreadsheets import columns
from plans.spreadsheets.importing.cells import BLANK, BY_HEADING, Cell, is_cut, says_the_same, without_marker
from plans.spreadsheets.importing.outcome import OURS, THEIRS, CellChange, CellError, Draft, RowOutcome
from plans.spreadsheets.importing.questions import AGENCIES, ITEMS, find_removals, keep_instead, side_of
from plans.spreadsheets.names import UnmatchedNames
from plans.summaries.record.words import day_in_words
from plans.text import fold
from plans.three_way import Merged, merge

NUMBER, FOCUS_AREA = columns.NUMBER.heading, columns.FOCUS_AREA.heading
DESCRIPTION, STATE = columns.DESCRIPTION.heading, columns.DESCRIPTION_STATE.heading
ADMINS_ONLY = "only programme admins can change this. Restore the original text, or leave the cell blank."
NEEDED = {"focus_area": columns.FOCUS_AREA.heading, "priority_area": columns.PRIORITY_AREA.heading}


class Comparison:
    """Compares rows with activities. `unknown` collects [(row, `UnmatchedNames`)] of the names that it met.

    `blanks` counts {heading: blank cells where the plan has something}, which stays.
    """

    def __init__(self, sheet, reader, options, scope):
        """`sheet` is the `Sheet`, `reader` the `CellReader`."""
        self.sheet, self.reader, self.options, self.scope = sheet, reader, options, scope
        self.unknown, self.blanks = [], {}
        self._kept_kinds = {kind for kind in (ITEMS, AGENCIES) if side_of(options, kind) == OURS}

    def new(self, row, number, focus_above, withdrawn=None):
        """Return (outcome, draft) of a row whose activity is not there yet; or is `withdrawn`, and is brought back.

        A blank focus area is that of the row above, `focus_above`.
        """
        outcome = RowOutcome(row.row, number, RowKind.CREATED, activity_id=withdrawn and withdrawn.pk)
        draft, cells = Draft(is_brought_back=withdrawn is not None), self.sheet.cells(row)
        if self.scope == ImportScope.UPDATES:
            outcome.errors.append(self.error(NUMBER, f"the plan has no activity {number}. Remove this row."))
            return outcome, draft
        if FOCUS_AREA in cells:
            cells[FOCUS_AREA] = cells[FOCUS_AREA] or focus_above
        self._take_marker(cells)
        if self.sheet.is_published_table and cells[DESCRIPTION]:
            cells.setdefault(STATE, DescriptionState.FINALISED.label)
        for heading, text in cells.items():
            if text and (cell := self.read(outcome, heading, text)):
                self._take(outcome, draft, CellChange(heading, "", cell.text), cell)
        if not outcome.errors:
            outcome.errors += self._contradictions(draft, withdrawn)
        if draft.status == Status.NO_UPDATE:
            draft.status = None
        return outcome, draft

    def existing(self, row, current, version):
        """Return (outcome, draft) of a row whose activity is there; `version` is what it was made from, or None."""
        outcome, draft = RowOutcome(row.row, current.number, RowKind.UNCHANGED, activity_id=current.pk), Draft()
        cells = self.sheet.cells(row)
        for column in columns.MERGED_COLUMNS:
            heading = column.heading
            text = cells.get(heading)
            if text is None:
                continue
            ours = column.text(getattr(current, column.attribute))
            if text != ours and not is_cut(text, ours):
                knows = version is not None and version.knows(heading)
                self._compare(outcome, draft, cells, heading, ours, version if knows else None)
        outcome.removals = find_removals(draft, current)
        if self._kept_kinds and outcome.removals:
            keep_instead(draft, outcome, self._kept_kinds)
        if not outcome.errors:
            outcome.errors += self._contradictions(draft, current)
        return outcome, draft

    def read(self, outcome, heading, text):
        """Return the `Cell` of a text; None when it is in error, which the outcome then says."""
        try:
            return self.reader.read(heading, text)
        except UnmatchedNames as unmatched:
            self.unknown.append((outcome.row, unmatched))
            outcome.errors += [self.error(heading, str(problem)) for problem in unmatched.problems]
        except ValueError as problem:
            outcome.errors.append(self.error(heading, str(problem)))
        return None

    def error(self, heading, sentence):
        """Return an error in the cell under `heading`, as the file spells that."""
        return CellError(self.sheet.name_of(heading), sentence)

    def choice(self, number, heading):
        """Return which side a person chose for a cell in conflict: "theirs", "ours", or blank."""
        chosen = self.options.choices.get(number, {}).get(heading) or self.options.all_conflicts
        return chosen if chosen in (THEIRS, OURS) else ""

    def _compare(self, outcome, draft, cells, heading, ours, version):
        """Compare a cell that does not say what the plan says, letter by letter."""
        text = cells[heading]
        if version and version.is_original(heading, text):
            outcome.kept.append(heading)
            return
        if heading == DESCRIPTION:
            self._take_marker(cells)
            text = cells[heading]
            if version is None and says_the_same(text, ours):
                return
        if not text and not (heading in BLANK and heading in self.options.clears):
            if ours:
                self.blanks[heading] = self.blanks.get(heading, 0) + 1
            return
        if self.scope == ImportScope.UPDATES:
            self._refuse_change(outcome, heading, text, ours, version)
        elif cell := self.read(outcome, heading, text) if text else Cell(BLANK[heading], ""):
            self._merge(outcome, draft, heading, cell, ours, version)

    def _merge(self, outcome, draft, heading, cell, ours, version):
        merged = merge(cell.text, ours, version and partial(version.is_original, heading))
        original = version and version.original(heading)
        if merged == Merged.TAKEN:
            self._take(outcome, draft, CellChange(heading, ours, cell.text, original), cell)
        elif merged == Merged.KEPT:
            outcome.kept.append(heading)
        elif merged == Merged.CONFLICT:
            taken = self.choice(outcome.number, heading)
            change = CellChange(
                *(heading, ours, cell.text if taken == THEIRS else ours, original),
                is_conflict=True,
                theirs=cell.text,
                taken=taken,
            )
            if taken == THEIRS:
                self._take(outcome, draft, change, cell)
            else:
                outcome.changes.append(change)

    def _take(self, outcome, draft, change, cell):
        setattr(draft, BY_HEADING[change.column].attribute, cell.value)
        outcome.changes.append(change)

    def _refuse_change(self, outcome, heading, text, ours, version):
        """Note that the person may not change the cell, unless it is only spelt in another way."""
        try:
            meant = self.reader.read(heading, text).text if text else ""
        except ValueError:
            meant = text
        if merge(meant, ours, version and partial(version.is_original, heading)) in (Merged.TAKEN, Merged.CONFLICT):
            outcome.errors.append(self.error(heading, ADMINS_ONLY))

    def _take_marker(self, cells):
        """Make a state of the sentence "Activity description to be finalised.", as published plans print it."""
        text, is_marked = without_marker(cells.get(DESCRIPTION, ""))
        if is_marked and fold(cells.get(STATE, "")) != fold(DescriptionState.FINALISED.label):
            cells[DESCRIPTION] = text
            cells[STATE] = cells.get(STATE) or DescriptionState.TO_BE_FINALISED.label

    def _contradictions(self, draft, current):
        return [self.error(heading, sentence) for heading, sentence in contradictions(draft, current)]


def contradictions(draft, current):
    """Yield (heading, sentence) for what `draft` would make wrong of the activity `current`, None for a new one."""
    if current is None:
        yield from (
            (heading, "a new activity needs one.") for name, heading in NEEDED.items() if not getattr(draft, name)
        )
    if current is not None and draft.status == Status.NO_UPDATE != current.status:
        yield columns.STATUS.heading, NOT_REPORTABLE
    yield from _blank_but_finalised(draft, current)
    yield from _double_roles(draft, current)
    yield from _due_before_start(draft, current)


def _blank_but_finalised(draft, current):
    if draft.description is None and draft.description_state is None:
        return
    state, description = _after(draft, current, "description_state"), _after(draft, current, "description")
    if state == DescriptionState.FINALISED and not (description and description.text):
        cleared = draft.description_state is None
        heading = columns.DESCRIPTION.heading if cleared else columns.DESCRIPTION_STATE.heading
        yield heading, "enter a description before you finalise it."


def _double_roles(draft, current):
    if draft.leads is None and draft.supports is None:
        return
    leads, supports = (_after(draft, current, role) or [] for role in ("leads", "supports"))
    heading = columns.LEADS.heading if draft.leads is not None else columns.SUPPORTS.heading
    for agency in leads:
        if agency in supports:
            yield heading, f"{agency.name} cannot both lead and support. Remove it from one of the columns."


def _due_before_start(draft, current):
    if draft.starts_on is None and draft.due_on is None:
        return
    starts_on, due_on = (_after(draft, current, name) for name in ("starts_on", "due_on"))
    if starts_on and due_on and due_on < starts_on:
        heading = columns.STARTS.heading if draft.due_on is None else columns.DUE.heading
        yield heading, f"the activity would be due on {day_in_words(due_on)}, before it starts."


def _after(draft, current, name):
    """Return what the activity has as `name` once the draft is applied; None for what a new one does not give."""
    given = getattr(draft, name)
    return getattr(current, name, None) if given is None else given
