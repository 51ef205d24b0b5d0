"""Who and what a file means by its names, with what a person decided about those that nothing is called by."""

import re

from django.utils.text import slugify

from plans.choices import NO_LEAD
from plans.models import Agency
from plans.spreadsheets import names
from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.importing.outcome import NewAgency
from plans.text import fold

NAME_LENGTH = Agency._meta.get_field("name").max_length
CODE_LENGTH = Agency._meta.get_field("code").max_length
LONGEST_CELL = 5_000
PARTED = re.compile(r"[;\n]")
LOOSELY_PARTED = re.compile(r",|&|\band\b", re.IGNORECASE)
BETWEEN_NAMES = frozenset({"and", "&", "+", "/", ","})


class UnmatchedNames(ValueError):
    """A cell with names that mean nothing; `problems` are an `UnmatchedName` for each, of the kind `kind`."""

    def __init__(self, kind, problems):
        """Take over the problems."""
        super().__init__(" ".join(map(str, problems)))
        self.kind, self.problems = kind, problems


class DecidedNames:
    """Things of one kind by their names, and by those that a person said they mean."""

    def __init__(self, known, decided):
        """`known` are the `Names`; `decided` is {name as written: thing}."""
        self.known, self.kind = known, known.kind
        self._decided = {}
        for written, thing in decided.items():
            self.add(written, thing)

    def add(self, written, thing):
        """Take `written` for `thing` from now on; for nothing more than before, if that is None."""
        if thing is not None:
            self._decided[fold(written)] = thing

    def get(self, written):
        """Return the thing called `written`, or None."""
        return self._decided.get(fold(written)) or self.known.get(written)

    def find(self, written):
        """Return the thing called `written`. Raises `UnmatchedNames`."""
        if thing := self.get(written):
            return thing
        try:
            return self.known.find(written)
        except names.UnmatchedName as problem:
            raise UnmatchedNames(self.kind, [problem]) from None


class AgencyCells:
    """Reads cells that name agencies, as people join them and as the printed table does."""

    def __init__(self, decided):
        """`decided` are the `DecidedNames` of agencies."""
        self.decided = decided

    def read(self, text):
        """Return the agencies that a cell names, in order. Raises `ValueError` in words, or `UnmatchedNames`."""
        if len(text) > LONGEST_CELL:
            raise ValueError(f"a list of agencies has at most {LONGEST_CELL:,} characters; this one has {len(text):,}.")
        found, problems = [], []
        for piece in filter(None, map(str.strip, PARTED.split(text))):
            self._read_piece(piece, found, problems)
        if problems:
            raise UnmatchedNames(self.decided.kind, problems)
        if not found:
            raise ValueError("no agency is named. Leave the cell blank to keep the agencies as they are.")
        for agency in found:
            if found.count(agency) > 1:
                raise ValueError(f"{agency.name} is named twice. Keep one.")
        return tuple(found)

    def _read_piece(self, piece, found, problems):
        """Add the agencies of a piece between semicolons to `found`, or what is wrong with it to `problems`."""
        agencies = [agency] if (agency := self.decided.get(piece)) else self._side_by_side(piece.split())
        if agencies:
            found += agencies
            return
        parts = [part for part in map(str.strip, LOOSELY_PARTED.split(piece)) if part]
        # Where none of the parts is an agency, the words between may belong to the name.
        if not any(self._side_by_side(part.split()) for part in parts):
            parts = [piece]
        for part in parts:
            if agencies := self._side_by_side(part.split()):
                found += agencies
            else:
                self._note(part, problems)

    def _note(self, name, problems):
        try:
            self.decided.known.find(name)
        except names.UnmatchedName as problem:
            problems.append(problem)

    def _side_by_side(self, words):
        """Return the agencies that `words` name one after the other, the longest name first; [] unless all is known."""
        found, start = [], 0
        while start < len(words):
            if words[start].lower() in BETWEEN_NAMES:
                start += 1
                continue
            for end in range(min(len(words), start + self.decided.known.most_words), start, -1):
                if agency := self.decided.get(" ".join(words[start:end]).strip(",&+/ ")):
                    break
            else:
                return []
            found.append(agency)
            start = end
        return found


def decide(known, decisions, things):
    """Return the `DecidedNames` of `known`, with `decisions` {name as written: {"use": code}} among `things`."""
    by_code = {thing.code.lower(): thing for thing in things}
    chosen = {written: by_code.get(str(one.get("use", "")).lower()) for written, one in decisions.items()}
    return DecidedNames(known, chosen)


def decide_agencies(agencies, decisions):
    """Return (`DecidedNames`, [`NewAgency`]) of `agencies`, with `decisions` that may also be {"create": name}.

    Whoever creates a name that an agency has by now uses that agency. Names that no agency can have are passed over,
    so that the cells in which they stand stay in error.
    """
    known = names.names_of_agencies(agencies)
    decided = decide(known, decisions, agencies)
    made, codes = {}, {agency.code.lower() for agency in agencies} | {NO_LEAD}
    created = sorted((fold(name), " ".join(tidy(name).split()), written) for written, name in _created(decisions))
    for key, name, written in created:
        if known.get(name) or not key or len(name) > NAME_LENGTH or PARTED.search(name):
            decided.add(written, known.get(name))
            continue
        if key not in made:
            made[key] = NewAgency(name, _free_code(name, codes))
        decided.add(written, made[key])
    return decided, list(made.values())


def _created(decisions):
    return [(written, str(one["create"])) for written, one in decisions.items() if one.get("create")]


def _free_code(name, codes):
    """Return a code for an agency of that name which is not among `codes`, and add it to them."""
    stem = slugify(fold(name))[:CODE_LENGTH].strip("-") or "agency"
    code, count = stem, 1
    while code.lower() in codes:
        count += 1
        code = f"{stem[: CODE_LENGTH - len(str(count)) - 1]}-{count}"
    codes.add(code.lower())
    return code
