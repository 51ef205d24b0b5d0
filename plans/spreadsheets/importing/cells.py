"""The cells of a file: which column is which, what a text means, and how an export would write that value."""

import re
from dataclasses import dataclass
from functools import cached_property

from plans.choices import PRINTED_HEADINGS
from plans.spreadsheets import columns, names
from plans.spreadsheets.cell_text import CUT_NOTE, excel_text, unguard
from plans.spreadsheets.columns import MERGED_COLUMNS, UPDATE_COLUMNS
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.names import AgencyCells, decide
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.text import fold

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

    def __init__(self, state, decided_agencies, decisions):
        """`state` is the `PlanState`; `decisions` is `Options.names`, of which agencies are decided already."""
        focus_areas, priority_areas = list(state.focus_areas.values()), list(state.priority_areas.values())
        areas = (
            (names.names_of_focus_areas(focus_areas), focus_areas),
            (names.names_of_priority_areas(priority_areas), priority_areas),
        )
        self._finders = {known.kind: decide(known, decisions.get(known.kind, {}), them).find for known, them in areas}
        self._finders |= {"agencies": AgencyCells(decided_agencies).read, "agency": decided_agencies.find}
        self._known = {}

    def read(self, heading, text):
        """Return the `Cell` of a `text` that is not blank. Raises `ValueError` in words, or `UnmatchedNames`."""
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
        return Cell(value, column.text(value))

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
        """What is wrong with the headings, as sentences: without those mended, no row can be read."""
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
