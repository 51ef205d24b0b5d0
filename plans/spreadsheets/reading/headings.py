"""Headings as people write them, and which of ours each of them means."""

import re
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


def match_headings(written, places, chosen=None):
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


def score(cells):
    """Return how much a row looks like headings: 1 for each of ours in it, less for one that is spelt otherwise."""
    best = {}
    for cell in cells:
        for heading, likeness in _candidates(cell):
            best[heading] = max(best.get(heading, 0), likeness)
    return sum(best.values())


def headings_together(text):
    """Return the several headings of ours that one heading names: both for "Lead & support agencies"; else ()."""
    parts = BETWEEN_HEADINGS.split(text) if len(text) <= LONGEST else ()
    if not 1 < len(parts) <= MOST_TOGETHER:
        return ()
    found = [_candidates(part) for part in parts]
    together = tuple(dict.fromkeys(one[0][0] for one in found if one))
    return together if all(found) and len(together) > 1 else ()


@lru_cache(maxsize=4096)
def _candidates(text):
    """Return the headings that a text may mean, as ((heading, likeness up to 1), …)."""
    if not text or len(text) > LONGEST or not (words := _words(text)) or headings_together(text):
        return ()
    if exact := _spellings().get(words):
        return ((exact, 1 if words == _words(exact) else 0.95),)
    key = " ".join(sorted(words.split()))
    likeness = {}
    for spelling, heading in _spellings().items():
        alike = _alike(key, " ".join(sorted(spelling.split())))
        if alike >= NEAR_ENOUGH and alike > likeness.get(heading, 0):
            likeness[heading] = alike
    best = max(likeness.values(), default=0)
    # As like one as another means neither: somebody has to choose.
    found = [(heading, 0.9 * alike) for heading, alike in likeness.items() if alike == best]
    return tuple(found) if len(found) == 1 else ()


@lru_cache(maxsize=1)
def _spellings():
    """{words of a spelling: our heading}."""
    spellings = {_words(heading): heading for heading in HEADINGS}
    for heading, synonyms in SYNONYMS.items():
        for synonym in synonyms:
            spellings.setdefault(_words(synonym), heading)
    return spellings


def _words(text):
    """Return a heading without case, macrons, punctuation and surplus space."""
    return " ".join(HEADING_WORD.findall(fold(text.replace("'", "").replace("’", ""))))


def _alike(one, other):
    if one == other:
        return 1.0
    # Cheap bounds first: most cells of a sheet are nothing like a heading.
    if min(len(one), len(other)) < 4 or 2 * min(len(one), len(other)) < NEAR_ENOUGH * (len(one) + len(other)):
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= NEAR_ENOUGH else 0.0
