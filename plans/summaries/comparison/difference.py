"""One thing in an activity that is different between two moments, as a page and a file tell it."""

from collections.abc import Iterable
from dataclasses import dataclass

from plans.models import Agency
from plans.summaries.record.words import GONE, NEW, SAME, differences

MOST_OF_WHAT_STAYED = 240
"""Characters of a text without changes that are shown between two changes."""
KEPT_BESIDE = 100
MOST_OF_WHAT_CHANGED = 1_500
MORE = "…"

Piece = tuple[str, str]
"""("same", "gone" or "new", text), as `differences` answers it."""


@dataclass(frozen=True)
class Difference:
    """What was and what is: `subject` is what it is about ("Status"); `about` says which, where there are several.

    `is_text` is for words that people wrote, which are compared word by word; `parts` are the pieces where they are
    known already, as the agencies of a list are. `note` says more in words.
    """

    subject: str
    before: str = ""
    after: str = ""
    about: str = ""
    note: str = ""
    is_text: bool = False
    parts: tuple[Piece, ...] = ()

    @property
    def pieces(self) -> list[Piece]:
        """How the one became the other, in order: long texts are shortened where nothing changed."""
        if self.parts:
            return list(self.parts)
        if self.is_text and self.before and self.after:
            return shortened(differences(self.before, self.after))
        return shortened([(kind, text) for kind, text in ((GONE, self.before), (NEW, self.after)) if text])


def agencies_differ(subject: str, before: list[Agency], after: list[Agency]) -> Difference:
    """Return the difference between two lists of agencies; each has the name of its own moment."""
    was, now = {one.pk: one.label for one in before}, {one.pk: one.label for one in after}
    told = "; ".join(was.values()), "; ".join(now.values())
    if set(was) == set(now):
        return Difference(subject, *told, note="in another order")
    kinds = {**dict.fromkeys(was, GONE), **dict.fromkeys(now, NEW), **dict.fromkeys(set(was) & set(now), SAME)}
    return Difference(
        subject, *told, parts=tuple(_spaced([(kinds[pk], label) for pk, label in {**was, **now}.items()]))
    )


def _spaced(pieces: list[Piece]) -> Iterable[Piece]:
    for place, piece in enumerate(pieces):
        if place:
            yield SAME, ", "
        yield piece


def shortened(pieces: list[Piece]) -> list[Piece]:
    """Return pieces without most of what stayed as it was, and without the end of what is longer than anyone reads."""
    last = len(pieces) - 1
    return [
        (kind, _beside(text, is_first=place == 0, is_last=place == last) if kind == SAME else _beginning(text))
        for place, (kind, text) in enumerate(pieces)
    ]


def _beside(text: str, *, is_first: bool, is_last: bool) -> str:
    if len(text) <= MOST_OF_WHAT_STAYED:
        return text
    before = "" if is_first else text[:KEPT_BESIDE]
    after = "" if is_last else text[-KEPT_BESIDE:]
    return f"{before}{MORE} {MORE}{after}" if before and after else f"{before}{MORE}{after}"


def _beginning(text: str) -> str:
    return text if len(text) <= MOST_OF_WHAT_CHANGED else f"{text[:MOST_OF_WHAT_CHANGED]}{MORE}"
