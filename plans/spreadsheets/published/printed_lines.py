"""The lines of a published table, what is wrong with them, and the rows that they make."""

import re
import unicodedata
from dataclasses import dataclass, replace

from plans.choices import PRINTED_HEADINGS
from plans.text import compose


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
