"""Who is meant by a cell of agencies, in which a lost line break looks like a space."""

from difflib import get_close_matches
from itertools import groupby

from plans.text import fold

LONGEST_CELL = 5_000


class PartyNames:
    """The names by which the parties of a plan are known. Case and macrons do not matter."""

    def __init__(self, parties):
        """Learn the names of `parties`, the guide's."""
        self._by_key = {fold(name): (party, name) for party in parties for name in party.names}
        self._most_words = max((len(key.split()) for key in self._by_key), default=0)

    def split(self, cell):
        """Answer [(code, as printed)] of a cell in order; the code is None where no party is called that.

        Parties stand between semicolons. Where several stand between two, the longest known name wins, so that a
        name that holds another one ("MSD RPS Policy Office") is not torn apart. A cell that is longer than any list
        of agencies is one unknown name.
        """
        if len(cell) > LONGEST_CELL:
            return [(None, f"{cell[:60]} …")]
        pieces = cell.strip().removesuffix(";").split(";")
        return [found for piece in pieces for found in self._split_piece(piece.split())] if cell.strip() else []

    def suggestion(self, name):
        """Answer a sentence that offers the nearest known name, or nothing."""
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
    """Answer the codes in a row's cell, in printed order, and note what is no party or stands there twice."""
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
