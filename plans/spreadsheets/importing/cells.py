"""What a cell means: the value that its text stands for, and how an export would write that value."""

import re
from dataclasses import dataclass

from plans.models import Activity
from plans.spreadsheets import columns, names, update_columns
from plans.spreadsheets.cell_text import CUT_NOTE, excel_text, unguard
from plans.spreadsheets.descriptions import Description, join_description, split_description, tidy, tidy_title
from plans.spreadsheets.importing.naming import AgencyCells, decide

AREAS = frozenset({columns.FOCUS_AREA.heading, columns.PRIORITY_AREA.heading})
TITLE_LENGTH = Activity._meta.get_field("title").max_length
TO_BE_FINALISED = re.compile(r"(?:activity )?description (?:is )?(?:yet )?to be finalised\.?$", re.IGNORECASE)
SIGNS = re.compile(r"[\s•*\\]+")
LONGEST_MARKER = 60
ATTRIBUTES = {
    columns.FOCUS_AREA.heading: "focus_area",
    columns.PRIORITY_AREA.heading: "priority_area",
    columns.TITLE.heading: "title",
    columns.DESCRIPTION.heading: "description",
    columns.LEADS.heading: "leads",
    columns.SUPPORTS.heading: "supports",
    columns.DESCRIPTION_STATE.heading: "description_state",
    columns.STATUS.heading: "status",
}
"""The headings of what an import changes, in the order of the columns: {heading: attribute of a `Draft`}."""

BLANK = {
    columns.TITLE.heading: "",
    columns.DESCRIPTION.heading: Description(""),
    columns.LEADS.heading: (),
    columns.SUPPORTS.heading: (),
}
"""What a blank cell means where the person said that blanks clear: {heading: value}. Nothing else can be cleared."""

READ_AFRESH = frozenset({columns.TITLE.heading, columns.DESCRIPTION.heading})
"""Texts that hardly ever stand in two rows, so that keeping what they mean would only cost memory."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell means, and the text that an export would write for it."""

    value: object
    text: str


class CellReader:
    """Reads cells into values. A text that stands in many rows is read once."""

    def __init__(self, state, decided_agencies, decisions):
        """`state` is the `PlanState`; `decisions` is `Options.names`, of which agencies are decided already."""
        self.agencies = AgencyCells(decided_agencies)
        focus_areas, priority_areas = list(state.focus_areas.values()), list(state.priority_areas.values())
        focus_names, priority_names = (
            names.names_of_focus_areas(focus_areas),
            names.names_of_priority_areas(priority_areas),
        )
        self._find = {
            columns.FOCUS_AREA.heading: decide(focus_names, decisions.get(focus_names.kind, {}), focus_areas).find,
            columns.PRIORITY_AREA.heading: decide(
                priority_names, decisions.get(priority_names.kind, {}), priority_areas
            ).find,
            columns.TITLE.heading: _title,
            columns.DESCRIPTION.heading: _description,
            columns.LEADS.heading: self.agencies.read,
            columns.SUPPORTS.heading: self.agencies.read,
            columns.DESCRIPTION_STATE.heading: names.description_state_names().find,
            columns.STATUS.heading: names.status_names().find,
            update_columns.UPDATE_STATUS.heading: names.status_names().find,
            update_columns.REPORTING_AGENCY.heading: decided_agencies.find,
        }
        self._known = {}

    def read(self, heading, text):
        """Answer the `Cell` of a `text` that is not blank. Raises `ValueError` in words, or `UnmatchedNames`."""
        if heading in READ_AFRESH:
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
        value = self._find[heading](text)
        return Cell(value, text_of(heading, value))


def text_of(heading, value):
    """Answer how an export would write `value`, an attribute of a `Draft`, under `heading`."""
    if heading == columns.TITLE.heading:
        return tidy_title(value)
    if heading == columns.DESCRIPTION.heading:
        return join_description(value)
    if heading in (columns.LEADS.heading, columns.SUPPORTS.heading):
        # A name without a character to print leaves a space, which reading a cell takes away.
        return "; ".join(tidy(agency.name) for agency in value).strip()
    if heading == update_columns.REPORTING_AGENCY.heading:
        return tidy(value.name)
    return tidy(str(value)) if heading in AREAS else value.label


def is_cut(text, whole):
    """Whether `text` is what Excel could hold of `whole`, so that it says nothing else."""
    return text.endswith(CUT_NOTE) and text == unguard(tidy(excel_text(whole)))


def without_marker(text):
    """Answer (text, whether it ended so) without the sentence that says that a description is to be finalised."""
    found = TO_BE_FINALISED.search(text[-LONGEST_MARKER:])
    return (text.removesuffix(found[0]).rstrip(), True) if found else (text, False)


def says_the_same(printed, text):
    """Whether the cell `printed` holds the words of `text`, whose sub-activities have lost their lines in it."""
    return "•" in text and "•" not in printed and _flat(printed) == _flat(text)


def _flat(text):
    return SIGNS.sub(" ", text).strip()


def _title(text):
    text = tidy_title(text)
    if not text:
        raise ValueError("there are no words. Leave the cell blank to keep the title as it is.")
    if len(text) > TITLE_LENGTH:
        raise ValueError(f"a title has at most {TITLE_LENGTH} characters; this one has {len(text)}.")
    return text


def _description(text):
    if CUT_NOTE in text:
        raise ValueError(
            "the text was cut when it was exported to Excel. Leave the cell blank to keep the description as it is."
        )
    description = split_description(text)
    if not (description.text or description.items):
        raise ValueError("there are no words. Leave the cell blank to keep the description as it is.")
    return description
