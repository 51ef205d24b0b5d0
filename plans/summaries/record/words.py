"""Days, moments and differences between texts, as sentences say them."""

import re
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher

from django.utils.dateformat import format as format_date
from django.utils.timezone import get_default_timezone, localtime

SAME, GONE, NEW = "same", "gone", "new"
WORDS = re.compile(r"\s+|[^\s]+")
MOST_WORDS = 6_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_in_words(day):
    """Answer a date as "3 November 2026"; blank for none."""
    return format_date(day, "j F Y") if day else ""


def moment_in_words(moment):
    """Answer a moment where the programme is, as "3 November 2026 at 2:10 pm"."""
    here = localtime(moment, get_default_timezone())
    half = "am" if here.hour < 12 else "pm"
    return f"{format_date(here, 'j F Y')} at {format_date(here, 'g:i')} {half}"


def key_of(moment):
    """Answer a moment as addresses name it: microseconds since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def differences(before, after):
    """Answer how one text became another, word by word: [("same", "gone" or "new", text)], in order.

    Texts of more than 6,000 words each are shown as a whole, since comparing them would keep a reader waiting.
    """
    old, new = WORDS.findall(before), WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS * 2:
        return [(GONE, before), (NEW, after)]
    pieces = []
    for kind, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append((SAME, "".join(old[old_start:old_end])))
            continue
        pieces += [(GONE, "".join(old[old_start:old_end]))] if old_end > old_start else []
        pieces += [(NEW, "".join(new[new_start:new_end]))] if new_end > new_start else []
    return pieces
