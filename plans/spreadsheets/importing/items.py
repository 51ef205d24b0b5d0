"""Which sub-activity of an activity a file means: the one of the same wording, else the most alike."""

from difflib import SequenceMatcher

from plans.spreadsheets.descriptions import tidy

SAME_ITEM = 0.6
"""How alike two wordings are, from 0 to 1, from which on one is taken for an edit of the other."""
MOST_COMPARED = 4_000_000
"""How many pairs of characters are compared for one activity, so that no file can make it take minutes."""


def match_items(existing, items):
    """Answer {position from 1: existing row} for `items`, in which each row is found once at most.

    The same wording comes first, then the most alike; of equals the nearest.
    """
    found = _of_same_wording(existing, items)
    taken = {id(row) for row in found.values()}
    left = [row for row in existing if id(row) not in taken]
    open_items = [(position, item.text) for position, item in enumerate(items, start=1) if position not in found]
    for _, _, position, row in _alike(left, open_items):
        if position not in found and id(row) not in taken:
            found[position] = row
            taken.add(id(row))
    return found


def _of_same_wording(existing, items):
    by_text = {}
    for row in existing:
        by_text.setdefault(tidy(row.text), []).append(row)
    pairs = [
        (abs(row.position - position), position, row)
        for position, item in enumerate(items, start=1)
        for row in by_text.get(item.text, ())
    ]
    found, taken = {}, set()
    for _, position, row in sorted(pairs, key=lambda pair: pair[:2]):
        if position not in found and id(row) not in taken:
            found[position] = row
            taken.add(id(row))
    return found


def _alike(rows, items):
    """Answer the pairs that are alike enough, best first: [(unlikeness, distance, position, row)].

    None where there is more to compare than anybody writes by hand: then the old ones go, and the new ones come.
    """
    if sum(len(row.text) for row in rows) * sum(len(text) for _, text in items) > MOST_COMPARED:
        return []
    pairs = []
    for row in rows:
        matcher = SequenceMatcher(None, b=tidy(row.text), autojunk=False)
        for position, text in items:
            matcher.set_seq1(text)
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= SAME_ITEM:
                pairs.append((-matcher.ratio(), abs(row.position - position), position, row))
    return sorted((pair for pair in pairs if -pair[0] >= SAME_ITEM), key=lambda pair: pair[:3])
