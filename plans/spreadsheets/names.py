"""What names in a spreadsheet mean, and what a person decided about those that nothing is called by."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.db.models import Choices
from django.utils.text import camel_case_to_spaces

from plans.choices import NO_LEAD, Status
from plans.models import Agency, FocusArea, PriorityArea
from plans.spreadsheets.descriptions import tidy, without_bullet
from plans.text import fold, slug_of

SHORT = 80
MOST_HINTS = 200
"""Looking for the nearest name costs a thousand times what finding one does; a file may hold many that are unknown."""
NAME_LENGTH = Agency._meta.get_field("name").max_length or 0
CODE_LENGTH = Agency._meta.get_field("code").max_length or 0
LONGEST_CELL = 5_000
PARTED = re.compile(r"[;\n]")
SHAREPOINT_LIST = re.compile(r"\[\s*\"[^\[\]]*\"\s*\]")
SHAREPOINT_SIGN = re.compile(r";#(?:[0-9]+(?=;#|$))?")
LOOSELY_PARTED = re.compile(r",|&|\band\b", re.IGNORECASE)
AGENCY, STATUS = "agency", "status"
"""What messages and decisions call an agency, and a status."""

NAMES_NOBODY = "'{}' names no agency. Name one, or say that there is none yet."
BETWEEN_NAMES = frozenset({"and", "&", "+", "/", ","})

Decisions = Mapping[str, Mapping[str, str]]
"""What a person said of names of one kind, {name as written: {"use": code} or {"create": name}}."""

Recall = Callable[["Names", str], str | None]
"""Returns the code of what a name meant in an earlier file."""


NOTHING = object()
"""What a word means that stands for no agency yet, or for no status."""

NO_AGENCY = frozenset(
    (
        *("", "tba", "tbc", "tbd", "na", "nil", "none", "nobody", "noone", "unassigned", "notassigned", "vacant"),
        *("tobeadvised", "tobeconfirmed", "tobedecided", "tobedetermined", "notyetassigned", "notapplicable"),
    )
)
"""Words, by their letters, that people write where there is no agency yet; "" is "-" and "?"."""

USUAL = {
    **dict.fromkeys(("green", "inprogress", "underway", "ongoing", "active", "started", "🟢"), Status.ON_TRACK),
    **dict.fromkeys(("amber", "yellow", "orange", "🟡", "🟠"), Status.AT_RISK),
    **dict.fromkeys(("red", "🔴"), Status.OFF_TRACK),
    **dict.fromkeys(("completed", "done", "closed", "finished", "delivered", "achieved", "blue"), Status.COMPLETE),
    **dict.fromkeys(("onhold", "deferred", "suspended", "stopped", "parked"), Status.PAUSED),
    **dict.fromkeys(("notcommenced", "notyetstarted", "tobestarted", "planned", "pending"), Status.NOT_STARTED),
}
"""What words of other houses mostly mean, by their letters: it is offered, and a person says so."""


class UnmatchedName(ValueError):
    """A name that means nothing, or several things; its text is a sentence that says so.

    `written` is the name, `nearest` the thing that it was most likely meant to be, or None.
    """

    def __init__(self, sentence: str, written: str, nearest: Any = None) -> None:
        """Take over the sentence and what it is about."""
        super().__init__(sentence)
        self.written, self.nearest = written, nearest


class Names:
    """Things of one kind by their names. Case, macrons and stray spaces do not matter."""

    key = staticmethod(fold)
    """Returns a name as it is compared."""

    def __init__(self, kind: str, entries: Iterable[tuple[Any, str, Iterable[str]]]) -> None:
        """`kind` is the word in messages; `entries` are (thing, label, names)."""
        self.kind = kind
        self.labels: list[str] = []
        self._things: dict[str, list[tuple[Any, str]]] = {}
        self._hints_left = MOST_HINTS
        self.most_words = 0
        """How many words the longest name has."""
        for entry in entries:
            self.add(*entry)

    def add(self, thing: Any, label: str, names: Iterable[str]) -> None:
        """Know one more thing by its names."""
        self.labels.append(label)
        for key in {self.key(name) for name in names} - {""}:
            found = self._things.setdefault(key, [])
            if (thing, label) not in found:
                found.append((thing, label))
            self.most_words = max(self.most_words, len(key.split()))

    def get(self, written: str) -> Any:
        """Return the one thing called `written`; None when there is none, or when there are several."""
        found = self._called(self.key(written))
        return found[0][0] if len(found) == 1 else None

    def find(self, written: str) -> Any:
        """Return the thing called `written`. Raises `UnmatchedName`, with a near name if there is one."""
        key = self.key(written)
        found = self._called(key)
        if len(found) == 1:
            return found[0][0]
        if found:
            labels = " and ".join(label for _, label in found)
            raise UnmatchedName(f"'{_short(written)}' could mean {labels}. Use the full name.", written)
        nearest, label = self._nearest(key)
        hint = f"Did you mean {label}?" if label else self._choices()
        raise UnmatchedName(f"no {self.kind} is called '{_short(written)}'. {hint}", written, nearest)

    def _called(self, key: str) -> list[tuple[Any, str]]:
        """Return [(thing, label)] of a folded name; the thing that is printed so goes before others known by it."""
        found = self._things.get(key, [])
        return [one for one in found if self.key(one[1]) == key] or found

    def _nearest(self, key: str) -> tuple[Any, str]:
        self._hints_left -= 1
        near = get_close_matches(key, self._things, n=1) if self._hints_left >= 0 else []
        return self._things[near[0]][0] if near else (None, "")

    def _choices(self) -> str:
        known = list(dict.fromkeys(self.labels))
        return f"Choose from: {'; '.join(known)}." if len(known) <= 10 else "Check its spelling, or add it first."


def letters_of(text: str) -> str:
    """Return a word by its letters and digits: "On-track" and "ON TRACK" are alike; its signs where it has no other."""
    folded = fold(text)
    return "".join(filter(str.isalnum, folded)) or folded


class ChoiceNames(Names):
    """Members of one of `plans.choices` by their labels, however words in them are parted."""

    key = staticmethod(letters_of)

    def _nearest(self, key: str) -> tuple[Any, str]:
        usual = USUAL.get(key) if self.kind == STATUS else None
        return (usual, usual.label) if usual else super()._nearest(key)


def is_no_agency(written: str) -> bool:
    """Return whether people write that where there is no agency yet: "TBC", "n/a", "-"."""
    return "".join(filter(str.isalnum, fold(written))) in NO_AGENCY


def code_of(thing: object) -> str:
    """Return by what a decision names a thing: its code, the value of a status."""
    return getattr(thing, "code", None) or str(getattr(thing, "value", thing))


def _short(written: str) -> str:
    return written if len(written) <= SHORT else f"{written[: SHORT - 1]}…"


def agency_names() -> Names:
    """Return agencies by code, printed name, te reo and English name and alias, as `Names`. Two queries."""
    return names_of_agencies(list(Agency.objects.prefetch_related("aliases")))


def names_of_agencies(agencies: Sequence[Agency]) -> Names:
    """Return those `agencies` by every name that they go by, as `Names`. No query, if their aliases are prefetched.

    The code of one that was merged means the one that it was merged into, as its names do.
    """
    remaining = remaining_by_code(agencies)
    known = Names(AGENCY, [(each, each.name, names_of(each)) for each in agencies if each.merged_into_id is None])
    for each in agencies:
        if each.merged_into_id and (into := remaining.get(each.code.lower())):
            known.add(into, into.name, [each.code])
    return known


def remaining_by_code(agencies: Sequence[Agency]) -> dict[str, Agency]:
    """Return {code in lower case: agency} of `agencies`; the one that it was merged into for one that is no more."""
    by_id = {each.pk: each for each in agencies}
    return {each.code.lower(): by_id.get(each.merged_into_id or 0, each) for each in agencies}


def names_of(agency: Agency) -> list[str]:
    """Return every name that `agency` goes by, as a list: code, names, aliases. No query, if these are prefetched."""
    return [agency.code, *agency.names, *map(str, agency.aliases.all())]


def names_of_focus_areas(areas: Iterable[FocusArea]) -> Names:
    """Return focus areas by code, statement, or both as printed, as `Names`. No query."""
    return Names("focus area", [(each, each.code, [each.code, each.statement, str(each)]) for each in areas])


def names_of_priority_areas(areas: Iterable[PriorityArea]) -> Names:
    """Return priority areas by code or name, as `Names`. No query."""
    return Names("priority area", [(each, each.name, [each.code, each.name]) for each in areas])


def names_of_choices(choices: type[Choices]) -> Names:
    """Return members of one of `plans.choices` by their labels, as `Names`."""
    kind = camel_case_to_spaces(choices.__name__)
    return ChoiceNames(kind, [(each, each.label, [each.value, each.label]) for each in choices])


@dataclass(frozen=True)
class NewAgency:
    """An agency that an import adds, since the person said so: `code` is free and valid, and no agency has `name`."""

    name: str
    code: str


class UnmatchedNames(ValueError):
    """A cell with names that mean nothing; `problems` are an `UnmatchedName` for each, of the kind `kind`."""

    def __init__(self, kind: str, problems: Sequence[UnmatchedName]) -> None:
        """Take over the problems."""
        super().__init__(" ".join(map(str, problems)))
        self.kind, self.problems = kind, problems


class DecidedNames:
    """Things of one kind by their names, and by those that a person said they mean."""

    def __init__(
        self,
        known: Names,
        decided: Mapping[str, Any],
        by_code: Mapping[str, Any] | None = None,
        recall: Recall | None = None,
    ) -> None:
        """`known` are the `Names`; `decided` is {name as written: thing, or `NOTHING`}.

        `recall(known, name)` returns the code of what a name meant in an earlier file, or None, among `by_code`.
        """
        self.known, self.kind = known, known.kind
        self._by_code, self._recall = by_code or {}, recall or (lambda *_: None)
        self._decided: dict[str, Any] = {}
        for written, thing in decided.items():
            self.add(written, thing)

    def add(self, written: str, thing: Any) -> None:
        """Take `written` for `thing` from now on; for nothing more than before, if that is None."""
        if thing is not None:
            self._decided[self.known.key(written)] = thing

    def get(self, written: str) -> Any:
        """Return the thing called `written`, or None; also for a word that means nothing."""
        thing = self._decided.get(self.known.key(written)) or self.known.get(written)
        return None if thing is NOTHING else thing

    def means_nothing(self, written: str) -> bool:
        """Return whether a person said that `written`, which no thing is called, means none of them."""
        return self._explained(written) is NOTHING

    def _explained(self, written: str) -> Any:
        """Return what a person said that `written` means, for this file or for an earlier one; None for nothing."""
        key = self.known.key(written)
        if key not in self._decided:
            code = self._recall(self.known, written)
            self._decided[key] = code and self._by_code.get(code)
        return self._decided[key]

    def find(self, written: str) -> Any:
        """Return the thing called `written`, or `NOTHING`. Raises `UnmatchedNames`."""
        if thing := self.get(written) or self._explained(written):
            return thing
        raise UnmatchedNames(self.kind, [self.problem(written)])

    def problem(self, written: str) -> UnmatchedName:
        """Return the `UnmatchedName` of a name that means nothing yet."""
        if self.kind == AGENCY and is_no_agency(written):
            return UnmatchedName(NAMES_NOBODY.format(_short(written)), written, NO_LEAD)
        try:
            self.known.find(written)
        except UnmatchedName as problem:
            return problem
        raise LookupError(written)


def _pieces(text: str) -> list[str]:
    """Return the pieces of a cell that people put semicolons or lines between, or that SharePoint exported."""
    if SHAREPOINT_LIST.fullmatch(text):
        try:
            return [str(name) for name in json.loads(text)]
        except ValueError:
            return PARTED.split(text)
    # "Police;#12;#MSD;#7": each name with its id behind it.
    return PARTED.split(SHAREPOINT_SIGN.sub(";", text) if ";#" in text else text)


class AgencyCells:
    """Reads cells that name agencies, as people join them and as the printed table does."""

    def __init__(self, decided: DecidedNames) -> None:
        """`decided` are the `DecidedNames` of agencies."""
        self.decided = decided

    def read(self, text: str) -> tuple[Agency | NewAgency, ...]:
        """Return the agencies that a cell names, in order. Raises `ValueError` in words, or `UnmatchedNames`."""
        if len(text) > LONGEST_CELL:
            raise ValueError(f"a list of agencies has at most {LONGEST_CELL:,} characters; this one has {len(text):,}.")
        found: list[Any] = []
        problems: list[UnmatchedName] = []
        for piece in filter(None, map(without_bullet, map(str.strip, _pieces(text)))):
            self._read_piece(piece, found, problems)
        if problems:
            raise UnmatchedNames(self.decided.kind, problems)
        if not found:
            raise ValueError("enter an agency, or leave the cell blank to keep the current agencies.")
        found = [agency for agency in found if agency is not NOTHING]
        for agency in found:
            if found.count(agency) > 1:
                raise ValueError(f"{agency.name} is named twice. Keep one.")
        return tuple(found)

    def _read_piece(self, piece: str, found: list[Any], problems: list[UnmatchedName]) -> None:
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
            elif self.decided.means_nothing(part):
                found.append(NOTHING)
            else:
                problems.append(self.decided.problem(part))

    def _side_by_side(self, words: Sequence[str]) -> list[Any]:
        """Return the agencies that `words` name one after the other, the longest name first; [] unless all is known."""
        found: list[Any] = []
        start = 0
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


def decide(
    known: Names,
    decisions: Decisions,
    by_code: Mapping[str, Any],
    *,
    or_nothing: bool = False,
    recall: Recall | None = None,
) -> DecidedNames:
    """Return the `DecidedNames` of `known`, with `decisions` {name as written: {"use": code}} among `by_code`.

    With `or_nothing`, the code `NO_LEAD` says that a name means nothing. `recall` is that of `DecidedNames`.
    """
    by_code = {**by_code, **({NO_LEAD: NOTHING} if or_nothing else {})}
    chosen = {written: by_code.get(str(one.get("use", "")).lower()) for written, one in decisions.items()}
    return DecidedNames(known, chosen, by_code, recall)


def decide_agencies(
    agencies: Sequence[Agency], decisions: Decisions, recall: Recall | None = None
) -> tuple[DecidedNames, list[NewAgency]]:
    """Return (`DecidedNames`, [`NewAgency`]) of `agencies`, with `decisions` that may also be {"create": name}.

    Whoever creates a name that an agency has by now uses that agency. Names that no agency can have are passed over,
    so that the cells in which they stand stay in error.
    """
    known = names_of_agencies(agencies)
    decided = decide(known, decisions, remaining_by_code(agencies), or_nothing=True, recall=recall)
    made: dict[str, NewAgency] = {}
    codes = {agency.code.lower() for agency in agencies} | {NO_LEAD}
    created = sorted((fold(name), " ".join(tidy(name).split()), written) for written, name in _created(decisions))
    for key, name, written in created:
        if known.get(name) or not key or len(name) > NAME_LENGTH or PARTED.search(name):
            decided.add(written, known.get(name))
            continue
        if key not in made:
            made[key] = NewAgency(name, free_code(name, codes))
        decided.add(written, made[key])
    return decided, list(made.values())


def decide_statuses(decisions: Decisions, recall: Recall | None = None) -> DecidedNames:
    """Return the `DecidedNames` of statuses, with `decisions` {word as written: {"use": value of a status}}."""
    by_code = {code_of(one).lower(): one for one in Status}
    return decide(names_of_choices(Status), decisions, by_code, or_nothing=True, recall=recall)


def _created(decisions: Decisions) -> list[tuple[str, str]]:
    return [(written, str(one["create"])) for written, one in decisions.items() if one.get("create")]


def free_code(name: str, codes: set[str]) -> str:
    """Return a code for an agency of that name which is not among `codes`, in lower case, and add it to them."""
    stem = slug_of(name, CODE_LENGTH) or "agency"
    code, count = stem, 1
    while code.lower() in codes or code == NO_LEAD:
        count += 1
        code = f"{stem[: CODE_LENGTH - len(str(count)) - 1]}-{count}"
    codes.add(code.lower())
    return code
