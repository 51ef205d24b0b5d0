"""The text of a published table: its lines, the rows that they make, what its cells say, and what is wrong with it."""

import re
import unicodedata
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import groupby
from textwrap import shorten

from plans.choices import PRINTED_HEADINGS, DescriptionState
from plans.models import Activity
from plans.text import compose, fold


class AppendixError(Exception):
    """A plan cannot be read or saved. `problems` are the sentences that say why, in the order of the text."""

    def __init__(self, problems):
        """Keep the sentences, and let the message be all of them, one a line."""
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class Problems:
    """Gathers problems; those of the text are answered by line and column, after those of the text come the rest."""

    def __init__(self):
        """Begin with none."""
        self._found = []

    def __bool__(self):
        return bool(self._found)

    def at(self, line, sentence, column=None):
        """Note what is wrong on a line of the text, in `column` (a key of `PRINTED_HEADINGS`) or as a whole."""
        if column is None:
            self._found.append((line, -1, f"Line {line}: {sentence}"))
        else:
            place = list(PRINTED_HEADINGS).index(column)
            self._found.append((line, place, f"Line {line}, {PRINTED_HEADINGS[column]}: {sentence}"))

    def elsewhere(self, sentence):
        """Note what is wrong with something that is not a line of the text."""
        self._found.append((float("inf"), 0, sentence))

    def raise_any(self):
        """Raise `AppendixError` with all that was noted, if anything was."""
        if self._found:
            in_order = sorted(self._found, key=lambda found: found[:2])
            raise AppendixError(sentence for *_, sentence in in_order)


TITLE = re.compile(r"(?P<source>[^:\t]+):\s++(?P<name>[^\t]+)")
LINE_END = re.compile(r"\r\n|\n|\r")
LAST = list(PRINTED_HEADINGS)[-1]


@dataclass(frozen=True)
class PrintedRow:
    """One row of the table. `cells` is {key of `PRINTED_HEADINGS`: text as printed}, `line` counts from 1."""

    line: int
    cells: dict[str, str]

    def cell(self, column):
        """Return the text of a cell, without space around it."""
        return self.cells[column].strip()


@dataclass(frozen=True)
class PrintedTable:
    """The table with its title line. A row that could not be read is None."""

    source: str
    name: str
    rows: tuple[PrintedRow | None, ...]


def decode(content, name):
    """Return the text of the bytes of the file called `name`. Raise `AppendixError` when they are not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        raise AppendixError(
            [f"{name}, line {line}: byte 0x{byte:02X} is not UTF-8. Save the file as UTF-8 text and try again."]
        ) from None


def read_table(text, problems):
    """Return the `PrintedTable` of a text, and note each line that does not fit into it."""
    lines = _clean_lines(text, problems)
    headings = list(PRINTED_HEADINGS.values())
    at = next((index for index, line in enumerate(lines) if [c.strip() for c in line.split("\t")] == headings), None)
    if at is None:
        problems.elsewhere(
            f"No line holds the headings. Above the activities one line should read: {', '.join(headings)}; "
            "with a tab between each."
        )
        return PrintedTable("", "", ())
    source, name = _read_title(lines[:at], problems)
    return PrintedTable(source, name, tuple(_read_rows(lines, at + 1, problems)))


def _clean_lines(text, problems):
    """Return the lines in NFC, without the control characters that are noted as problems."""
    lines = LINE_END.split(compose(text))
    for index, line in enumerate(lines):
        strange = sorted({c for c in line if unicodedata.category(c) == "Cc" and c != "\t"})
        if strange:
            names = ", ".join(f"U+{ord(character):04X}" for character in strange)
            problems.at(index + 1, f"holds a control character ({names}). Save the file as plain text and try again.")
            lines[index] = "".join(c for c in line if c not in strange)
    return lines


def _read_title(lines, problems):
    """(source, name) of the plan out of the lines above the headings."""
    printed = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    number, line = printed[0] if printed else (1, "")
    match = TITLE.fullmatch(line)
    if not match:
        problems.at(number, "should say where the plan was published and its name, for example 'Appendix 1: Our plan'.")
    for number, line in printed[1:]:
        problems.at(number, f"'{line}' stands between the title and the headings, and belongs to neither.")
    return (match["source"].strip(), match["name"]) if match else ("", "")


def _read_rows(lines, start, problems):
    rows = []
    for number, line in enumerate(lines[start:], start + 1):
        fields = line.split("\t")
        if is_nothing(fields):
            continue
        if is_continuation(fields):
            _continue_row(rows, number, fields[-1], problems)
        elif len(fields) != len(PRINTED_HEADINGS):
            found = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
            problems.at(number, f"has {found}, but should have {len(PRINTED_HEADINGS)}, a tab between each.")
            rows.append(None)
        else:
            rows.append(PrintedRow(number, dict(zip(PRINTED_HEADINGS, fields, strict=True))))
    _note_unfinished(rows, problems)
    if not rows:
        problems.elsewhere("No activity stands under the headings.")
    return rows


def is_nothing(fields):
    """Return whether a line is blank, or the rule that a page break leaves behind."""
    return all(not field.strip() for field in fields) or all(set(field.strip()) == {"-"} for field in fields)


def is_continuation(fields):
    """Return whether a line is the rest of a last cell after a page break, which has lost a tab (or has not)."""
    few = len(PRINTED_HEADINGS) - 1
    return few <= len(fields) <= few + 1 and bool(fields[-1].strip()) and not any(f.strip() for f in fields[:-1])


def _continue_row(rows, number, text, problems):
    if rows and rows[-1] is None:
        return
    if not rows or not rows[-1].cell(LAST).endswith(";"):
        problems.at(
            number,
            f"'{text.strip()}' has only a last field, which continues the row above when that ends in ';'. "
            "It does not, so this continues nothing.",
        )
        return
    joined = f"{rows[-1].cells[LAST].rstrip()} {text.strip()}"
    rows[-1] = replace(rows[-1], cells={**rows[-1].cells, LAST: joined})


def _note_unfinished(rows, problems):
    for row in filter(None, rows):
        for column in ("agency_lead", LAST):
            if row.cell(column).endswith(";"):
                problems.at(row.line, "ends in ';', but no line continues it.", column)


# Its cells: focus areas, activities, descriptions, and the parties that agencies' cells name.

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
