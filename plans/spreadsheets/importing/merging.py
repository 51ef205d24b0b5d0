"""Merging a cell that two sides may have changed: the file, and the plan since the file was made."""

from collections.abc import Callable
from enum import Enum, auto


class Merged(Enum):
    """What becomes of a cell."""

    SAME = auto()
    """Both sides say the same."""
    TAKEN = auto()
    """Only the file has changed it: the plan takes it."""
    KEPT = auto()
    """Only the plan has changed it: it stays."""
    CONFLICT = auto()
    """Both have changed it, and differently: somebody has to choose."""


def merge(theirs: str, ours: str, is_original: Callable[[str], bool] | None) -> Merged:
    """Answer what becomes of a cell in which the file says `theirs` and the plan `ours`.

    `is_original` answers whether a text is the one that the file was made from; None where that is not known, and then
    the file is taken wherever it differs.
    """
    if theirs == ours:
        return Merged.SAME
    if is_original is None:
        return Merged.TAKEN
    if is_original(theirs):
        return Merged.KEPT
    return Merged.TAKEN if is_original(ours) else Merged.CONFLICT
