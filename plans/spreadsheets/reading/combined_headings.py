"""Headings in two rows, and one heading over two things: leads and supports in one column."""

import re

from plans.spreadsheets import columns
from plans.spreadsheets.reading.headings import LONGEST, headings_together, match_headings, score
from plans.text import fold

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
BETWEEN = re.compile(r"[;,\n]")
AROUND = " ;,.\n"


def join_heading_rows(rows, at):
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


def _joined(upper, lower):
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


def _likeness(text):
    return score((text,))


def split_agencies(headings, rows):
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


def _names_agencies(text):
    return set(headings_together(text)) == {LEADS, SUPPORTS} or fold(text) in AGENCY_WORDS


def _notes(headings):
    """Return sentences about headings that name several of ours."""
    notes = []
    for text in headings:
        if together := headings_together(text):
            is_of_agencies = set(together) == {LEADS, SUPPORTS}
            words = AGENCIES_TOGETHER if is_of_agencies else TOGETHER
            notes.append(words.format(text, " and ".join(together)))
    return notes


def _roles(text):
    """Return (leads, supports) of a cell, each as a cell of its own would have it; None when it does not say."""
    labels = list(LABEL.finditer(text))
    if labels and not text[: labels[0].start()].strip(AROUND):
        ends = [label.start() for label in labels[1:]] + [len(text)]
        found = [(label, text[label.end() : end].strip(AROUND)) for label, end in zip(labels, ends, strict=True)]
        return tuple("; ".join(words for label, words in found if label[role] and words) for role in (1, 2))
    if not ROLE.search(text):
        return None
    pieces = [piece.strip() for piece in BETWEEN.split(text) if piece.strip()]
    marked = [(ROLE.sub("", piece).strip(), ROLE.search(piece)) for piece in pieces]
    if any(role and role[2] for _, role in marked) and not all(role for _, role in marked):
        return None
    leads = [name for name, role in marked if role and role[1]]
    # Beside those that are said to lead, the others support.
    supports = [name for name, role in marked if not (role and role[1])]
    return "; ".join(leads), "; ".join(supports)
