"""The cells of a published table: focus areas, activities, descriptions, and the parties that agencies' cells name."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from textwrap import shorten

from plans.choices import DescriptionState
from plans.models import Activity
from plans.text import fold

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
    """Return (code, statement) of a focus cell that is not blank; None when it does not read like one."""
    match = FOCUS.fullmatch(row.cell("focus_area"))
    if not match:
        cell = shorten(row.cell("focus_area"), 60, placeholder=" …")
        problems.at(row.line, f"'{cell}' should read CODE: statement, with the code in capitals.", "focus_area")
        return None
    return match["code"], match["statement"]


def read_activity(row, problems):
    """Return (number, title) of an activity cell; the number is None when there is none."""
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
    """Return the `PrintedDescription` of a row's cell.

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
    """Return the words before the first item, which end in a colon; notes what does not fit the items."""
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
    """Return the runs of words that the items make in a cell: each with its mark, then the footnotes."""
    runs = [item.text + (FOOTNOTE_MARK if item.footnote else "") for item in items]
    return runs + [f"{FOOTNOTE_MARK} {item.footnote}" for item in items if item.footnote]


LONGEST_CELL = 5_000


class PartyNames:
    """The names by which the parties of a plan are known. Case and macrons do not matter."""

    def __init__(self, parties):
        """Learn the names of `parties`, the guide's."""
        self._by_key = {fold(name): (party, name) for party in parties for name in party.names}
        self._most_words = max((len(key.split()) for key in self._by_key), default=0)

    def split(self, cell):
        """Return [(code, as printed)] of a cell in order; the code is None where no party is called that.

        Parties stand between semicolons. Where several stand between two, the longest known name wins, so that a
        name that holds another one ("MSD RPS Policy Office") is not torn apart. A cell that is longer than any list
        of agencies is one unknown name.
        """
        if len(cell) > LONGEST_CELL:
            return [(None, f"{cell[:60]} …")]
        pieces = cell.strip().removesuffix(";").split(";")
        return [found for piece in pieces for found in self._split_piece(piece.split())] if cell.strip() else []

    def suggestion(self, name):
        """Return a sentence that offers the nearest known name, or nothing."""
        near = get_close_matches(fold(name), self._by_key, n=1)
        return f" Did you mean {self._by_key[near[0]][1]}?" if near else ""

    def _split_piece(self, words):
        if not words:
            return [(None, "")]
        found, start = [], 0
        while start < len(words):
            code, length = self._longest(words[start : start + self._most_words])
            found.append((code, " ".join(words[start : start + length])))
            start += length
        return _join_unknown(found)

    def _longest(self, words):
        """(code, number of words) of the longest name with which `words` begin; (None, 1) when there is none."""
        for length in range(min(len(words), self._most_words), 0, -1):
            if known := self._by_key.get(fold(" ".join(words[:length]))):
                return known[0].code, length
        return None, 1


def _join_unknown(found):
    """Make one unknown name of the words that stand between known ones."""
    joined = []
    for is_unknown, run in groupby(found, lambda one: one[0] is None):
        some = list(run)
        joined += [(None, " ".join(text for _, text in some))] if is_unknown else some
    return joined


def read_parties(row, column, names, problems):
    """Return the codes in a row's cell, in printed order, and note what is no party or stands there twice."""
    codes = []
    for code, printed in names.split(row.cell(column)):
        if not printed:
            problems.at(row.line, "a name is missing beside a ';'.", column)
        elif code is None:
            problems.at(row.line, f"no agency is called '{printed}'.{names.suggestion(printed)}", column)
        elif code in codes:
            problems.at(row.line, f"'{printed}' stands there twice.", column)
        else:
            codes.append(code)
    return tuple(codes)
