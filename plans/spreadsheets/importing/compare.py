"""The cells of a file: which column is which, what each means, and what those of a row come to.

`Sheet` knows the columns, `CellReader` what texts mean and how an export would write that, and `Comparison` what a row
comes to against the activity of its number as it is now.
"""

import re
from dataclasses import dataclass
from functools import cached_property, partial

from plans.actions.reporting_rules import NOT_REPORTABLE
from plans.choices import PRINTED_HEADINGS, DescriptionState, ImportScope, RowKind, Status
from plans.spreadsheets import columns, names
from plans.spreadsheets.cell_text import CUT_NOTE, excel_text, unguard
from plans.spreadsheets.columns import MERGED_COLUMNS, UPDATE_COLUMNS
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.importing.outcome import OURS, THEIRS, CellChange, CellError, Draft, RowOutcome
from plans.spreadsheets.importing.questions import REMOVALS, find_removals, keep_instead, side_of
from plans.spreadsheets.names import NOTHING, STATUS, AgencyCells, UnmatchedNames, decide, decide_statuses
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.summaries.record.words import day_in_words
from plans.text import fold
from plans.three_way import Merged, merge

# What a cell means.

ERROR_VALUE = re.compile(
    r"#(?:REF|VALUE|DIV/0|NULL|NUM|SPILL|CALC|FIELD|BLOCKED|CONNECT|UNKNOWN|BUSY|EXTERNAL|PYTHON|ERROR|CIRCULAR)!"
    r"|#N/A!?|#N/V|#NAME\?!?|#GETTING_DATA|#+|(?:Err|Error|Fehler):\s?[0-9]{3}",
    re.IGNORECASE,
)
"""What stands in a cell whose formula failed, or that is too narrow for its number."""

TO_BE_FINALISED = re.compile(r"(?:activity )?description (?:is )?(?:yet )?to be finalised\.?$", re.IGNORECASE)
SIGNS = re.compile(r"[\s•*\\]+")
LONGEST_MARKER = 60
BY_HEADING = {column.heading: column for column in (*MERGED_COLUMNS, *UPDATE_COLUMNS)}
"""The columns that are read, beside that of numbers."""

BLANK = {column.heading: column.blank for column in MERGED_COLUMNS if column.blank is not None}
"""What a blank cell means where the person said that blanks clear: {heading: value}. Nothing else can be cleared."""

NUMBER = columns.NUMBER.heading
IGNORED, UNKNOWN = "ignored", "unknown"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell means, and the text that an export would write for it."""

    value: object
    text: str


class CellReader:
    """Reads cells into values. A text that stands in many rows is read once."""

    def __init__(self, state, decided_agencies, decisions, recall):
        """`state` is the `PlanState`; `decisions` is `Options.names`, of which agencies are decided already.

        `recall` is that of `DecidedNames`.
        """
        focus_areas, priority_areas = list(state.focus_areas.values()), list(state.priority_areas.values())
        areas = (
            (names.names_of_focus_areas(focus_areas), focus_areas),
            (names.names_of_priority_areas(priority_areas), priority_areas),
        )
        self._finders = {
            known.kind: decide(known, decisions.get(known.kind, {}), {one.code.lower(): one for one in them}).find
            for known, them in areas
        }
        self._finders |= {"agencies": AgencyCells(decided_agencies).read, "agency": decided_agencies.find}
        self._finders[Status] = decide_statuses(decisions.get(STATUS, {}), recall).find
        self._known = {}

    def read(self, heading, text):
        """Return the `Cell` of a `text` that is not blank; None where a person said that it means nothing.

        Raises `ValueError` in words, or `UnmatchedNames`.
        """
        if BY_HEADING[heading].is_own:
            # Such texts hardly ever stand in two rows, so that keeping what they mean would only cost memory.
            return self._read(heading, text)
        key = (heading, text)
        if key not in self._known:
            try:
                self._known[key] = self._read(heading, text)
            except ValueError as problem:
                self._known[key] = problem
        known = self._known[key]
        if isinstance(known, ValueError):
            # Raised anew for each row, it would else drag along where it was raised before.
            raise known.with_traceback(None)
        return known

    def _read(self, heading, text):
        if ERROR_VALUE.fullmatch(text):
            raise ValueError(error_value_in_words(text))
        column = BY_HEADING[heading]
        value = column.read(text, self._find)
        return None if value is NOTHING else Cell(value, column.text(value))

    def _find(self, kind, text):
        """Return the thing of a kind that is called `text`; a kind is a word, or one of `plans.choices`."""
        if kind not in self._finders:
            self._finders[kind] = names.names_of_choices(kind).find
        return self._finders[kind](text)


def error_value_in_words(text):
    """Return what is wrong with a cell that holds an error value."""
    return f"“{text[:30]}” is the error of a formula, not text. Type the text itself, or clear the cell."


def is_cut(text, whole):
    """Return whether `text` is what Excel could hold of `whole`, so that it says nothing else."""
    return text.endswith(CUT_NOTE) and text == unguard(tidy(excel_text(whole)))


def without_marker(text):
    """Return (text, whether it ended so) without the sentence that says that a description is to be finalised."""
    found = TO_BE_FINALISED.search(text[-LONGEST_MARKER:])
    return (text.removesuffix(found[0]).rstrip(), True) if found else (text, False)


def says_the_same(printed, text):
    """Return whether the cell `printed` holds the words of `text`, whose sub-activities have lost their lines in it."""
    return "•" in text and "•" not in printed and _flat(printed) == _flat(text)


def _flat(text):
    return SIGNS.sub(" ", text).strip()


@dataclass(frozen=True)
class Sheet:
    """The columns of a `Table` that are read, by the `matches` of its headings."""

    headings: tuple[str, ...]
    columns: tuple[int, ...]
    matches: list

    @cached_property
    def places(self):
        """{heading of ours: its place in the cells of a row, from 0}."""
        place_of = {column: place for place, column in enumerate(self.columns)}
        return {match.heading: place_of[match.place] for match in self._read}

    @cached_property
    def written(self):
        """{heading of ours: how the file spells it}."""
        return {match.heading: match.written for match in self._read}

    @property
    def ignored(self):
        """The headings of columns that are not read, as the file spells them."""
        read = {match.place for match in self._read}
        return [match.written for match in self.matches if match.place not in read and match.written != ROW_VERSION]

    @property
    def clearable(self):
        """Our headings in the file whose blank cells can be made to clear a value."""
        return [heading for heading in BLANK if heading in self.places]

    @property
    def has_versions(self):
        """Whether rows say what they were made from."""
        return ROW_VERSION in self.places

    @property
    def is_published_table(self):
        """Whether it is the table as plans publish it: every cell of theirs, and no word on descriptions but there."""
        printed = all(heading in self.places for heading in PRINTED_HEADINGS.values())
        return printed and columns.DESCRIPTION_STATE.heading not in self.places

    @property
    def problems(self):
        """What is wrong with the headings, as sentences: until those are fixed, no row can be read."""
        ours = {fold(heading): heading for heading in self.places}
        found = [
            f"The column {ours[fold(match.written)]} stands there twice. Take one out, or choose which to read."
            for match in self.matches
            if match.how == UNKNOWN and fold(match.written) in ours
        ]
        if NUMBER not in self.places and ROW_VERSION not in self.places:
            found.append("There is no column Number, by which activities are found.")
        return list(dict.fromkeys(found))

    def cells(self, row):
        """Return {heading: text} of what a row says about an activity."""
        return {heading: row.cells[place] for heading, place in self._of_plan}

    def report_cells(self, row):
        """Return {heading: text} of what an agency reports in a row, without what is blank."""
        return {heading: row.cells[place] for heading, place in self._of_reports if row.cells[place]}

    @property
    def report_headings(self):
        """Our headings in the file under which agencies report."""
        return [heading for heading, _ in self._of_reports]

    def text(self, row, heading):
        """Return the text of a row under `heading`; blank where the file has no such column."""
        return row.cells[self.places[heading]] if heading in self.places else ""

    def name_of(self, heading):
        """Return how the file spells `heading`; as we do where it has none."""
        return self.written.get(heading) or heading

    @cached_property
    def _read(self):
        wanted = {NUMBER, ROW_VERSION, *BY_HEADING}
        return [match for match in self.matches if match.heading in wanted and match.how != IGNORED]

    @cached_property
    def _of_plan(self):
        return [(one.heading, self.places[one.heading]) for one in MERGED_COLUMNS if one.heading in self.places]

    @cached_property
    def _of_reports(self):
        return [(heading, self.places[heading]) for heading in columns.UPDATE_HEADINGS if heading in self.places]


# What a row comes to.

FOCUS_AREA = columns.FOCUS_AREA.heading
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
        self._kept_kinds = {kind for kind in REMOVALS if side_of(options, kind) == OURS}

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
            cell = self.read(outcome, heading, text) if text else None
            # An agency column may say that there is nobody yet.
            if cell and cell.text:
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
        """Return the `Cell` of a text; None when it means nothing or is in error, which the outcome then says."""
        try:
            return self.reader.read(heading, text)
        except UnmatchedNames as unmatched:
            self.unknown.append((outcome.row, unmatched))
            outcome.errors += [self.error(heading, str(problem)) for problem in unmatched.problems]
        except ValueError as problem:
            outcome.errors.append(self.error(heading, str(problem)))
        return None

    def means_nothing(self, heading, text):
        """Return whether a person said that the `text` of a cell means nothing."""
        try:
            return self.reader.read(heading, text) is None
        except ValueError:
            return False

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
            cell = self.reader.read(heading, text) if text else Cell(None, "")
            meant = cell.text if cell else ours
        except UnmatchedNames as unmatched:
            if unmatched.kind == STATUS:
                # What it means decides whether it is a change at all.
                self.unknown.append((outcome.row, unmatched))
                outcome.errors += [self.error(heading, str(problem)) for problem in unmatched.problems]
                return
            meant = text
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
    yield from _rating_without_reason(draft, current)
    yield from _ending_incomplete(draft, current)


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


def _rating_without_reason(draft, current):
    if draft.programme_rating is None and draft.programme_rating_reason is None:
        return
    rating, reason = (_after(draft, current, name) for name in ("programme_rating", "programme_rating_reason"))
    if rating and not reason:
        yield columns.PROGRAMME_RATING.heading, f"say why in the column {columns.RATING_REASON.heading}."
    if reason and not rating:
        sentence = f"there is no rating. Add it in the column {columns.PROGRAMME_RATING.heading}, or clear this reason."
        yield columns.RATING_REASON.heading, sentence


def _ending_incomplete(draft, current):
    if draft.ending is None and draft.ended_on is None and draft.ending_note is None:
        return
    ending, ended_on, note = (_after(draft, current, name) for name in ("ending", "ended_on", "ending_note"))
    if ending and not ended_on:
        yield columns.ENDING.heading, f"enter the day on which it ended in the column {columns.ENDED_ON.heading}."
    if ending and not note:
        yield columns.ENDING.heading, f"say how it ended in the column {columns.ENDING_NOTE.heading}."
    if (ended_on or note) and not ending:
        heading = columns.ENDED_ON.heading if ended_on else columns.ENDING_NOTE.heading
        yield heading, f"choose how it ended in the column {columns.ENDING.heading}, or clear this cell."


def _after(draft, current, name):
    """Return what the activity has as `name` once the draft is applied; None for what a new one does not give."""
    given = getattr(draft, name)
    return getattr(current, name, None) if given is None else given
