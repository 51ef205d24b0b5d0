"""Days, moments and differences between texts, as sentences say them."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from difflib import SequenceMatcher

from django.utils.dateformat import format as format_date
from django.utils.timezone import get_default_timezone, localtime

SAME, GONE, NEW = "same", "gone", "new"
# With the space before it: by themselves, spaces are so many that to pair them takes the square of the text.
WORDS = re.compile(r"\s*\S+|\s+")
MOST_WORDS = 6_000
MOST_PAIRS = 100_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_in_words(day: date | None) -> str:
    """Return a date as "3 November 2026"; blank for none."""
    return format_date(day, "j F Y") if day else ""


def moment_in_words(moment: datetime | None) -> str:
    """Return a moment where the programme is, as "3 November 2026 at 2:10 pm"."""
    here = localtime(moment, get_default_timezone())
    return f"{format_date(here, 'j F Y')} at {_time_in_words(here)}"


def short_moment_in_words(moment: datetime | None) -> str:
    """Return a moment where the programme is as tables show it, "3 Nov 2026, 2:10 pm"."""
    here = localtime(moment, get_default_timezone())
    return f"{format_date(here, 'j M Y')}, {_time_in_words(here)}"


def _time_in_words(moment: datetime) -> str:
    return f"{format_date(moment, 'g:i')} {'am' if moment.hour < 12 else 'pm'}"


def key_of(moment: datetime) -> int:
    """Return a moment as addresses name it: microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment_of(key: int) -> datetime:
    """Return the moment that a key names. Raises `OverflowError` for one beyond all calendars."""
    return EPOCH + timedelta(microseconds=key)


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Return how one text became another, word by word: [("same", "gone" or "new", text)], in order.

    Texts of more than 6,000 words, and those that repeat the same words very often, are shown as a whole, since
    comparing them would keep a reader waiting.
    """
    old, new = WORDS.findall(before), WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS or _count_pairs(old, new) > MOST_PAIRS:
        return [(GONE, before), (NEW, after)]
    pieces: list[tuple[str, str]] = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        shared = gone if kind == "equal" else _shared_space(gone, come)
        _add(pieces, SAME, shared)
        _add(pieces, GONE, gone[len(shared) :])
        _add(pieces, NEW, come[len(shared) :])
    return pieces


def _shared_space(gone: str, come: str) -> str:
    """Return the space with which both texts begin."""
    space = gone[: len(gone) - len(gone.lstrip())]
    return space if come.startswith(space) else ""


def _add(pieces: list[tuple[str, str]], kind: str, text: str) -> None:
    if pieces and pieces[-1][0] == kind:
        text = pieces.pop()[1] + text
    pieces += [(kind, text)] if text else []


def _count_pairs(old: list[str], new: list[str]) -> int:
    """Count the pairs of equal words in both texts, which is what comparing them costs."""
    counts = Counter(new)
    return sum(counts[word] for word in old)
