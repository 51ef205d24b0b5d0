"""Wrong letters in the cells of a file, as it was meant, and the file with all of them corrected."""

import re
from dataclasses import dataclass, field, replace
from itertools import islice

from plans.choices import ImportScope
from plans.spreadsheets.importing.numbering import NUMBER
from plans.spreadsheets.names import names_of
from plans.spreadsheets.wrong_letters import Corrector

WORD = re.compile(r"\S+")
MOST_WORDS, LONGEST_WORD = 3, 40
"""How many words of a cell are named, and how many characters of each."""


@dataclass
class WrongLetters:
    """The cells of a table whose letters are wrong: {row: {place in it, from 0: (heading of ours, text as meant)}}."""

    found: dict[int, dict[int, tuple[str, str]]] = field(default_factory=dict)

    def corrected(self, table):
        """Return the table as it was meant."""
        return replace(table, rows=[self._corrected(row) for row in table.rows]) if self.found else table

    def _corrected(self, row):
        if row.row not in self.found:
            return row
        cells = list(row.cells)
        for place, (_, text) in self.found[row.row].items():
            cells[place] = text
        return replace(row, cells=tuple(cells))

    def about(self, row):
        """Return what is wrong in a `TableRow`, in words: ["Activity: “M?ori” is probably “Māori”"]."""
        return [
            f"{heading}: {words}"
            for place, (heading, text) in self.found.get(row.row, {}).items()
            for words in _differences(row.cells[place], text)
        ]


def find_wrong_letters(table, sheet, state, scope):
    """Return the `WrongLetters` in the columns of a table that the `scope` may change. No query.

    Words that hold what is lost elsewhere are those of the `PlanState` and of the table itself.
    """
    places = {place: heading for heading, place in sheet.places.items() if heading != NUMBER}
    if scope == ImportScope.UPDATES:
        places = {place: heading for place, heading in places.items() if heading in sheet.report_headings}
    corrector = Corrector(lambda: [*_texts_of(state), *(cell for row in table.rows for cell in row.cells)])
    found = {}
    for row in table.rows:
        for place, heading in places.items():
            cell = row.cells[place]
            if cell.isascii() and "?" not in cell:
                # Nearly all are.
                continue
            if (text := corrector.corrected(cell)) != cell:
                found.setdefault(row.row, {})[place] = (sheet.name_of(heading), text)
    return WrongLetters(found)


def _texts_of(state):
    for agency in state.agencies.values():
        yield from names_of(agency)
    for area in (*state.focus_areas.values(), *state.priority_areas.values()):
        yield str(area)
    for one in state.activities.values():
        yield from (one.title, one.words, *(text for text, *_ in one.items))


def _differences(cell, text):
    """Yield what differs in the first words that do, in words."""
    pairs = zip(WORD.finditer(cell), WORD.finditer(text), strict=False)
    differ = ((one[0], other[0]) for one, other in pairs if one[0] != other[0])
    for one, other in islice(differ, MOST_WORDS):
        yield f"“{one[:LONGEST_WORD]}” is probably “{other[:LONGEST_WORD]}”"
