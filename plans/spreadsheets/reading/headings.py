"""Headings as people write them, also in two rows or over two things, and which of ours each of them means."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from plans.spreadsheets import columns
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.text import fold

IGNORED = frozenset({*(column.heading for column in columns.NOT_READ), columns.LATEST_UPDATE})
"""Headings of ours that stand in exports and are never read."""

HEADINGS = tuple(dict.fromkeys((*columns.HEADINGS, *columns.UPDATE_HEADINGS, columns.LATEST_UPDATE, ROW_VERSION)))
"""Every heading of ours."""

SYNONYMS = {column.heading: column.other_names for column in (*columns.COLUMNS, *columns.UPDATE_COLUMNS)}
"""Other names that people give to a column; each belongs to one."""

BETWEEN_HEADINGS = re.compile(r"[&/+,]|(?<=\s)and(?=\s)", re.IGNORECASE)
MOST_TOGETHER = 4
HEADING_WORD = re.compile(r"[a-z0-9]+|#")
LONGEST = 60
"""Characters; what is longer is no heading of ours, however it is spelt."""

NEAR_ENOUGH = 0.83
"""How alike two headings are at least, from 0 to 1: one letter in six may be wrong."""


@dataclass(frozen=True, slots=True)
class HeadingMatch:
    """What a heading means. `place` is the column of the file, `heading` one of ours or blank.

    `how` is "exact", "near" (another spelling), "chosen" (by a person), "ignored" (never read, or a person chose
    that), or "unknown".
    """

    place: int
    written: str
    heading: str
    how: str


def match_headings(
    written: Iterable[str], places: Sequence[int], chosen: dict[int, str] | None = None
) -> list[HeadingMatch]:
    """Return a `HeadingMatch` for each heading of a file; none of ours is matched twice, the likest goes first.

    `places` are their columns in the file; `chosen` is {place: heading of ours, or "" to ignore the column}.
    """
    chosen = {place: heading for place, heading in (chosen or {}).items() if place in places}
    taken = {heading for heading in chosen.values() if heading}
    found = {place: (heading, "chosen" if heading else "ignored") for place, heading in chosen.items()}
    candidates = [
        (-likeness, index, place, heading)
        for index, (text, place) in enumerate(zip(written, places, strict=True))
        for heading, likeness in _candidates(text)
    ]
    for likeness, _, place, heading in sorted(candidates):
        if place not in found and heading not in taken:
            taken.add(heading)
            found[place] = (heading, "ignored" if heading in IGNORED else "exact" if likeness == -1 else "near")
    return [
        HeadingMatch(place, text, *found.get(place, ("", "unknown")))
        for text, place in zip(written, places, strict=True)
    ]


def score(cells: Iterable[str]) -> float:
    """Return how much a row looks like headings: 1 for each of ours in it, less for one that is spelt otherwise."""
    best: dict[str, float] = {}
    for cell in cells:
        for heading, likeness in _candidates(cell):
            best[heading] = max(best.get(heading, 0), likeness)
    return sum(best.values())


def headings_together(text: str) -> tuple[str, ...]:
    """Return the several headings of ours that one heading names: both for "Lead & support agencies"; else ()."""
    parts = BETWEEN_HEADINGS.split(text) if len(text) <= LONGEST else ()
    if not 1 < len(parts) <= MOST_TOGETHER:
        return ()
    found = [_candidates(part) for part in parts]
    together = tuple(dict.fromkeys(one[0][0] for one in found if one))
    return together if all(found) and len(together) > 1 else ()


@lru_cache(maxsize=4096)
def _candidates(text: str) -> tuple[tuple[str, float], ...]:
    """Return the headings that a text may mean, as ((heading, likeness up to 1), …)."""
    if not text or len(text) > LONGEST or not (words := _words(text)) or headings_together(text):
        return ()
    if exact := _spellings().get(words):
        return ((exact, 1 if words == _words(exact) else 0.95),)
    key = " ".join(sorted(words.split()))
    likeness: dict[str, float] = {}
    for spelling, heading in _spellings().items():
        alike = _alike(key, " ".join(sorted(spelling.split())))
        if alike >= NEAR_ENOUGH and alike > likeness.get(heading, 0):
            likeness[heading] = alike
    best = max(likeness.values(), default=0)
    # As like one as another means neither: somebody has to choose.
    found = [(heading, 0.9 * alike) for heading, alike in likeness.items() if alike == best]
    return tuple(found) if len(found) == 1 else ()


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """{words of a spelling: our heading}."""
    spellings = {_words(heading): heading for heading in HEADINGS}
    for heading, synonyms in SYNONYMS.items():
        for synonym in synonyms:
            spellings.setdefault(_words(synonym), heading)
    return spellings


def _words(text: str) -> str:
    """Return a heading without case, macrons, punctuation and surplus space."""
    return " ".join(HEADING_WORD.findall(fold(text.replace("'", "").replace("’", ""))))


def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    # Cheap bounds first: most cells of a sheet are nothing like a heading.
    if min(len(one), len(other)) < 4 or 2 * min(len(one), len(other)) < NEAR_ENOUGH * (len(one) + len(other)):
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= NEAR_ENOUGH else 0.0


# Headings in two rows, and one heading over two things: leads and supports in one column.

NUMBER, LEADS, SUPPORTS = columns.NUMBER.heading, columns.LEADS.heading, columns.SUPPORTS.heading
MORE_FOUND = 0.8
"""How much more two rows have to look like headings together than the likelier of them does by itself."""

TWO_ROWS = "The headings stand in rows {} and {}, which are read together."
AGENCY_WORDS = frozenset({"agency", "agencies", "agency role", "agency roles", "agencies and roles"})
SPLIT = f"The column “{{}}” is read as {LEADS} and {SUPPORTS}, since its cells say which is which."
TOGETHER = "The column “{}” holds {} together, so it is not read. Make a column of each, or choose which of them it is."
AGENCIES_TOGETHER = (
    "The column “{}” holds leads and supports together, so it is not read. Make a column of each, or write “Lead:” and "
    "“Support:” before the names in its cells."
)
NOT_SAID = "it does not say which agency leads and which supports. Write “Lead:” and “Support:” before the names."
LABEL = re.compile(
    r"\b(?:(lead(?:s|ing)?|led by)|(support(?:s|ing)?|supported by))(?:\ agenc(?:y|ies))?\s?[:–—]", re.IGNORECASE
)
ROLE = re.compile(r"[(\[]\s?(?:(lead(?:s|ing)?|l)|(support(?:s|ing)?|s))\s?[)\]]", re.IGNORECASE)
_Row = tuple[int, list[str]]
"""A row of the file, from 1, and the texts of its cells."""

BETWEEN = re.compile(r"[;,\n]")
AROUND = " ;,.\n"


def join_heading_rows(rows: list[_Row], at: int) -> tuple[list[_Row], str]:
    """Return (rows, note) with the headings at index `at` and those in the row below or above it in one row.

    `rows` are [(row, texts of cells)]; the second of the two is blank then, so that each keeps its place. The note is
    blank where the headings stand in one row.
    """
    for first in (at, at - 1):
        if first < 0 or first + 1 >= len(rows):
            continue
        (row, upper), (next_row, lower) = rows[first : first + 2]
        joined, goes_on = _joined(upper, lower)
        likelier = max(score(tuple(upper)), score(tuple(lower)))
        if joined and score(tuple(joined)) >= likelier + (0 if goes_on else MORE_FOUND):
            rows = [*rows[:first], (row, joined), (next_row, [""] * len(joined)), *rows[first + 2 :]]
            return rows, TWO_ROWS.format(row, next_row)
    return rows, ""


def _joined(upper: list[str], lower: list[str]) -> tuple[list[str] | None, bool]:
    """Return (the headings that two rows of texts are together, whether each in the second goes on with the first).

    They are None where the second is no row of headings.
    """
    width = max(len(upper), len(lower))
    upper, lower = (list(texts) + [""] * (width - len(texts)) for texts in (upper, lower))
    numbers = [match.place for match in match_headings(upper, range(width)) if match.heading == NUMBER]
    if any(lower[place] for place in numbers) or any(len(text) > LONGEST for text in (*upper, *lower)):
        return None, False
    joined, group, goes_on = [], "", any(lower)
    for above, below in zip(upper, lower, strict=True):
        group = above or (group if below else "")
        both = f"{group} {below}".strip()
        joined.append(max((both, below), key=_likeness) if below else above)
        goes_on = goes_on and (not below or (bool(above) and joined[-1] == both and _likeness(both) > 0))
    return joined, goes_on


def _likeness(text: str) -> float:
    return score((text,))


def split_agencies(
    headings: list[str], rows: list[_Row]
) -> tuple[list[str], list[_Row], list[tuple[int, int]], list[str]]:
    """Return (headings, rows, places of cells that do not say which is which, notes) with a column for each role.

    `rows` are [(row, texts of cells)]; the second column stands behind the last one. A column of leads and supports is
    left as it is where most of its cells do not say which agency does what.
    """
    taken = {match.heading for match in match_headings(headings, range(len(headings)))}
    of_agencies = [place for place, text in enumerate(headings) if _names_agencies(text)]
    if len(of_agencies) != 1 or taken & {LEADS, SUPPORTS}:
        return headings, rows, [], _notes(headings)
    [place] = of_agencies
    told = {row: _roles(cells[place]) for row, cells in rows if cells[place]}
    said = sum(roles is not None for roles in told.values())
    if not said or said * 2 < len(told):
        return headings, rows, [], _notes(headings)
    split = []
    for row, cells in rows:
        leads, supports = told.get(row) or (cells[place], "")
        split.append((row, [*cells[:place], leads, *cells[place + 1 :], supports]))
    split_headings = [*headings[:place], LEADS, *headings[place + 1 :], SUPPORTS]
    unsaid = [(row, place) for row, roles in told.items() if roles is None]
    return split_headings, split, unsaid, [SPLIT.format(headings[place]), *_notes(split_headings)]


def _names_agencies(text: str) -> bool:
    return set(headings_together(text)) == {LEADS, SUPPORTS} or fold(text) in AGENCY_WORDS


def _notes(headings: Iterable[str]) -> list[str]:
    """Return sentences about headings that name several of ours."""
    notes = []
    for text in headings:
        if together := headings_together(text):
            is_of_agencies = set(together) == {LEADS, SUPPORTS}
            words = AGENCIES_TOGETHER if is_of_agencies else TOGETHER
            notes.append(words.format(text, " and ".join(together)))
    return notes


def _roles(text: str) -> tuple[str, str] | None:
    """Return (leads, supports) of a cell, each as a cell of its own would have it; None when it does not say."""
    labels = list(LABEL.finditer(text))
    if labels and not text[: labels[0].start()].strip(AROUND):
        ends = [label.start() for label in labels[1:]] + [len(text)]
        found = [(label, text[label.end() : end].strip(AROUND)) for label, end in zip(labels, ends, strict=True)]
        leads, supports = ("; ".join(words for label, words in found if label[role] and words) for role in (1, 2))
        return leads, supports
    if not ROLE.search(text):
        return None
    pieces = [piece.strip() for piece in BETWEEN.split(text) if piece.strip()]
    marked = [(ROLE.sub("", piece).strip(), ROLE.search(piece)) for piece in pieces]
    if any(role and role[2] for _, role in marked) and not all(role for _, role in marked):
        return None
    leads = "; ".join(name for name, role in marked if role and role[1])
    # Beside those that are said to lead, the others support.
    return leads, "; ".join(name for name, role in marked if not (role and role[1]))
