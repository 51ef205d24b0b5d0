"""What a cell of the published table says: an area, a number and a title, a description and what is inside it."""

import re
from dataclasses import dataclass
from textwrap import shorten

from plans.choices import DescriptionState
from plans.models import Activity

FOCUS = re.compile(r"(?P<code>[A-Z][A-Z0-9-]{0,19}):\s++(?P<statement>.+)")
NUMBERED = re.compile(r"(?P<number>[1-9][0-9]{0,3})\.(\s++(?P<title>.+))?")
FOOTNOTE_MARK = "*"


@dataclass(frozen=True)
class PrintedSubActivity:
    """One item inside a description, with its footnote or ''."""

    text: str
    footnote: str = ""


@dataclass(frozen=True)
class PrintedDescription:
    """A description without the items inside it and without the sentence that says it is to be finalised."""

    text: str
    state: DescriptionState
    sub_activities: tuple[PrintedSubActivity, ...] = ()


def read_focus(row, problems):
    """Answer (code, statement) of a focus cell that is not blank; None when it does not read like one."""
    match = FOCUS.fullmatch(row.cell("focus_area"))
    if not match:
        cell = shorten(row.cell("focus_area"), 60, placeholder=" …")
        problems.at(row.line, f"'{cell}' should read CODE: statement, with the code in capitals.", "focus_area")
        return None
    return match["code"], match["statement"]


def read_activity(row, problems):
    """Answer (number, title) of an activity cell; the number is None when there is none."""
    cell = row.cell("activity")
    match = NUMBERED.fullmatch(cell)
    if not match:
        problems.at(
            row.line,
            f"'{cell}' should begin with a number from 1 and a full stop, for example '1. A title'.",
            "activity",
        )
        return None, ""
    title, limit = match["title"] or "", Activity._meta.get_field("title").max_length
    if len(title) > limit:
        problems.at(row.line, f"the title has {len(title)} characters, and {limit} at most can be kept.", "activity")
    return int(match["number"]), title


def read_description(row, items, wording, problems):
    """Answer the `PrintedDescription` of a row's cell.

    `items` are the sub-activities that the cell should hold, in order; `wording` are the sentences that say that a
    description is to be finalised.
    """
    text, state = row.cell("description"), DescriptionState.FINALISED
    for sentence in wording:
        if text.endswith(sentence):
            text, state = text.removesuffix(sentence).rstrip(), DescriptionState.TO_BE_FINALISED
            break
    if not text and state == DescriptionState.FINALISED:
        problems.at(row.line, f"is blank. While it is not agreed it should read '{wording[0]}'", "description")
    if items:
        text = _split_items(row, text, items, problems)
    return PrintedDescription(text, state, tuple(items))


def _split_items(row, text, items, problems):
    """The words before the first item, which end in a colon; notes what does not fit the items."""
    start = text.find(items[0].text)
    if start < 0 or not text[:start].rstrip().endswith(":"):
        problems.at(
            row.line,
            f"the sub-activity '{items[0].text}' should stand there after a colon, and does not.",
            "description",
        )
        return text
    rest = text[start:]
    for expected in _expected_runs(items):
        if not rest.startswith(expected):
            here = shorten(rest, 60, placeholder=" …") or "nothing"
            problems.at(row.line, f"where '{expected}' should stand, there is '{here}'.", "description")
            return text
        rest = rest.removeprefix(expected).lstrip()
    if rest:
        problems.at(row.line, f"'{rest}' belongs to no sub-activity that the guide lists.", "description")
    return text[:start].rstrip()


def _expected_runs(items):
    """The runs of words that the items make in a cell: each with its mark, then the footnotes."""
    runs = [item.text + (FOOTNOTE_MARK if item.footnote else "") for item in items]
    return runs + [f"{FOOTNOTE_MARK} {item.footnote}" for item in items if item.footnote]
