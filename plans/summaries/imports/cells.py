"""A row of an import as a page shows it: what each cell said, and what it would say."""

from dataclasses import dataclass
from functools import cached_property

from plans.choices import RowKind
from plans.summaries.record.words import GONE, NEW, SAME, differences

LONG_TEXT = 90
MOST_COMPARED = 8_000
"""Characters of both texts together up to which they are compared word by word: a page may show fifty of them."""
AROUND = 70
"""How much of an unchanged passage is shown on each side of a change, in characters."""


@dataclass(frozen=True)
class CellShown:
    """A cell that differs: `old` in the plan, `new` once it is imported.

    In a conflict `original` is what the file was made from (None when that is not known) and `theirs` what the file
    says; `taken` is the side that was chosen, "theirs" or "ours", blank while nobody chose. `number` is the row's.
    """

    column: str
    old: str = ""
    new: str = ""
    original: str | None = None
    is_conflict: bool = False
    theirs: str = ""
    taken: str = ""
    number: int | None = None

    @property
    def choice_name(self):
        """What the choice between both sides is called in a form."""
        return f"choice:{self.number}:{self.column}"

    @property
    def is_long(self):
        """Whether the texts are better compared word by word than shown one after the other."""
        return bool(self.old and self.new) and max(len(self.old), len(self.new)) > LONG_TEXT

    @cached_property
    def pieces(self):
        """How the old text becomes the new one, as `differences` answers it, without what stays far from a change."""
        if len(self.old) + len(self.new) <= MOST_COMPARED:
            return _shortened(differences(self.old, self.new))
        start = _count_shared(self.old, self.new)
        end = _count_shared(self.old[start:][::-1], self.new[start:][::-1])
        gone, come = (text[start : len(text) - end] for text in (self.old, self.new))
        pieces = [(SAME, self.old[:start]), (GONE, gone), (NEW, come), (SAME, self.old[len(self.old) - end :])]
        return _shortened([(kind, text) for kind, text in pieces if text])


class RowShown:
    """A row of an import. Takes an `ImportRow` fetched with `for_page()`; no query."""

    def __init__(self, row):
        self.row, self.number, self.kind = row.row, row.number, RowKind(row.kind)
        self.activity = row.activity
        self.errors = [(error["column"], error["message"]) for error in row.errors]
        self.notes = [change["note"] for change in row.changes if change.get("note")]
        self.cells = [_cell(change, row.number) for change in row.changes if "note" not in change]

    @property
    def conflicts(self):
        """The cells that both sides changed, whether or not somebody chose."""
        return [cell for cell in self.cells if cell.is_conflict]

    @property
    def changes(self):
        """The cells that are imported as they are shown."""
        return [cell for cell in self.cells if not cell.is_conflict]

    @property
    def is_new(self):
        """Whether the row makes an activity, so that every cell of it is new."""
        return self.kind is RowKind.CREATED


def _cell(change, number):
    known = {name: change[name] for name in CellShown.__dataclass_fields__ if name in change}
    return CellShown(**{**known, "number": number})


def _count_shared(one, other):
    """Count the characters with which both texts begin."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _shortened(pieces):
    return [
        (kind, _around_changes(text, place > 0, place < len(pieces) - 1) if kind == SAME else text)
        for place, (kind, text) in enumerate(pieces)
    ]


def _around_changes(text, has_before, has_after):
    """Answer an unchanged passage without its middle; `has_before` and `has_after` say where changes are next to it."""
    if len(text) <= 2 * AROUND + 20:
        return text
    start = text[:AROUND].rpartition(" ")[0] if has_before else ""
    end = text[-AROUND:].partition(" ")[2] if has_after else ""
    return f"{start} … {end}"
