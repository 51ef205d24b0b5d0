"""Days as people write them: day first, never month first."""

import re
from datetime import date, timedelta

SHORT = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4}|\d{2})")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
WORDS = re.compile(
    r"(?:[a-z]+,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?([a-z]{3,9})\.?,?[\s-]+(\d{4}|\d{2})", re.IGNORECASE
)
MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)
SERIAL = re.compile(r"(\d{1,7})(?:\.\d+)?")
TIME = re.compile(r"(?<![\sT])[\sT]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?\s*([ap]\.?m\.?)?$", re.IGNORECASE)
LONGEST = 60
"""Characters; what is longer names no day."""

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
EXCEL_BEGINS = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 61, 2_958_465
"""From 1 March 1900, before which Excel counts a day that never was, to the end of its calendar."""


def read_day(text):
    """Return the date that a text names: "1 July 2024", "1/7/2024" (1 July), "2024-07-01", or Excel's 45474.

    Raises `ValueError` with a sentence that says how to write it.
    """
    text = text.strip()
    try:
        found = _day(TIME.sub("", text)) if len(text) <= LONGEST else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise ValueError(f"“{text[:LONGEST]}” is not a date. Use a date like 1 July 2024 or 1/7/2024.")
    return found


def _day(text):
    if match := ISO.fullmatch(text):
        return date(*map(int, match.groups()))
    if match := SHORT.fullmatch(text):
        return date(_year(match[3]), int(match[2]), int(match[1]))
    if match := WORDS.fullmatch(text):
        return date(_year(match[3]), _month(match[2]), int(match[1]))
    if match := MONTH_FIRST.fullmatch(text):
        return date(int(match[3]), _month(match[1]), int(match[2]))
    if (match := SERIAL.fullmatch(text)) and FIRST_SERIAL <= int(match[1]) <= LAST_SERIAL:
        return EXCEL_BEGINS + timedelta(days=int(match[1]))
    return None


def _month(word):
    """Return the number of a month by its name or the first letters of it, three or more."""
    found = [number for number, name in enumerate(MONTHS, start=1) if name.startswith(word.lower())]
    if word.lower() == "sept":
        found = [9]
    if len(found) != 1:
        raise ValueError(word)
    return found[0]


def _year(digits):
    return int(digits) + 2000 if len(digits) == 2 else int(digits)
