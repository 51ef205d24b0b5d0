"""The three-way merge of a value that two sides may have changed: a form or a file, and the plan since it was made."""

from collections.abc import Callable
from enum import Enum, auto


class Merged(Enum):
    """What becomes of a value."""

    SAME = auto()
    """Both sides say the same."""
    TAKEN = auto()
    """Only the form or file has changed it: the plan takes it."""
    KEPT = auto()
    """Only the plan has changed it: it stays."""
    CONFLICT = auto()
    """Both have changed it, and differently: somebody has to choose."""


def merge(given: object, current: object, is_original: Callable[[object], bool] | None) -> Merged:
    """Return what becomes of a value that is `given` by a form or a file, and `current` in the plan.

    `is_original` answers whether a value is the one that it was made from; None where
    that is not known, and what is given is taken wherever it differs.
    """
    if given == current:
        return Merged.SAME
    if is_original is None:
        return Merged.TAKEN
    if is_original(given):
        return Merged.KEPT
    return Merged.TAKEN if is_original(current) else Merged.CONFLICT
