"""The number of an activity as a plan prints it: a whole number, or a label such as "1.10", "4a" or "S-3".

Numbers have a natural order: 2, 4, 4a, 10, and 1.2 before 1.10. A whole number is an `int`, anything else a `Label`,
and the two compare with each other. The database keeps a text whose own order is that one: see `stored`.
"""

import re
import unicodedata
from typing import Any

LONGEST = 20
"""Characters of a label."""
STORED_LENGTH = 150
"""Characters of the longest text that the database keeps: ten for each of up to ten runs of digits, twice the label."""
WIDTH = 10
"""Digits that each run of digits is filled up to. No column has ever held a whole number of more."""
MOST_DIGITS = 9
MOST_WRITTEN = 80
"""Characters of a number with the words around it."""

SHAPE = r"[0-9A-Za-z]{1,40}(?:[.-][0-9A-Za-z]{1,40}){0,19}"
"""What is safe in an address, has no second way to be written in one, and does not look like the word of a page."""
LABEL = re.compile(SHAPE)
DIGITS = re.compile(r"[0-9]{1,80}")
WHOLE = re.compile(r"[0-9]{1,9}")
WORD_BEFORE = re.compile(
    r"(?:(?:action|activity|initiative|item|task)\s{1,3})?(?:(?:number|no|nr|num)(?:\s{0,3}[.:]\s{0,3}|\s{1,3}))?#?\s{0,3}",
    re.IGNORECASE,
)
"""What stands before a number and is no part of it: "Action 7", "No. 16", "#12"."""
SIGN_AFTER = ".):"
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
DAY = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"|(?:[0-9]{1,2}-)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:-[0-9]{1,4})?"
)
"""What spreadsheets make of "1-2" and "3-Mar"; a plan's own "MAR-3" is in capitals."""

FROM_ONE = "activities are numbered from 1."
NO_NUMBER = (
    "'{}' cannot be an activity number. Use letters, digits, full stops and hyphens, at least one of them a digit, "
    "for example 7, 1.10, 4a or S-3."
)
TOO_LONG = f"an activity number has at most {LONGEST} characters, and {MOST_DIGITS} digits in a row."
IS_DAY = "'{}' is a date, which spreadsheets make of numbers like 1-2. Format the column as Text and enter the number."


class Label(str):
    """A number that is not whole. It sorts naturally, among whole numbers too; it equals the same text."""

    __slots__ = ()

    def __lt__(self, other: Any) -> bool:
        return stored(self) < stored(other)

    def __le__(self, other: Any) -> bool:
        return stored(self) <= stored(other)

    def __gt__(self, other: Any) -> bool:
        return stored(self) > stored(other)

    def __ge__(self, other: Any) -> bool:
        return stored(self) >= stored(other)


Number = int | Label


class Stored(str):
    """A text as the database keeps it of a number."""

    __slots__ = ()


def sort_key(number: int | str) -> str:
    """Return the text by which numbers are ordered and looked for: each run of digits filled up, in small letters."""
    if isinstance(number, int):
        return f"{number:010d}"
    return DIGITS.sub(lambda digits: digits[0].zfill(WIDTH), number.lower())


def stored(number: int | str) -> Stored:
    """Return what the database keeps of a number: its sort key, a space, and itself ("0000000001.0000000010 1.10").

    Compared sign by sign, these are in the natural order of their numbers, those that begin alike the shorter first.
    """
    return Stored(f"{sort_key(number)} {number}")


def loaded(text: str) -> Number:
    """Return the number of which the database keeps `text`; the inverse of `stored`."""
    label = text.rpartition(" ")[2]
    return int(label) if label.isdecimal() else Label(label)


def stored_between(number: int | str) -> tuple[Stored, Stored]:
    """Return texts (first, beyond) between which all stands that is kept of `number`, in whatever letters it is."""
    key = sort_key(number)
    return Stored(f"{key} "), Stored(f"{key}!")


def read_number(text: str) -> Number:
    """Return the number that `text` says, without the word before it. Raises `ValueError` in words."""
    bare = _bare(text)
    if WHOLE.fullmatch(bare):
        if not int(bare):
            raise ValueError(FROM_ONE)
        return int(bare)
    if not (LABEL.fullmatch(bare) and DIGITS.search(bare)):
        raise ValueError(NO_NUMBER.format(text[:80]))
    if is_day(bare):
        raise ValueError(IS_DAY.format(bare))
    if len(bare) > LONGEST or max(map(len, DIGITS.findall(bare))) > MOST_DIGITS:
        raise ValueError(TOO_LONG)
    label = Label(bare)
    if label < 1:
        raise ValueError(FROM_ONE)
    return label


def is_day(text: str) -> bool:
    """Return whether `text` is a date as spreadsheets make it of a number such as 1-2."""
    return DAY.fullmatch(text) is not None


def number_in(word: str) -> Number | None:
    """Return the number that a `word` may stand for ("12", "#12", "12.", "1.10", "s-3"), from 0; None for any other."""
    bare = _bare(word)
    if WHOLE.fullmatch(bare):
        return int(bare)
    try:
        return read_number(bare)
    except ValueError:
        return None


def number_of_json(value: int | str) -> Number:
    """Return the number that JSON or an address keeps as `value`."""
    text = str(value)
    return int(text) if text.isdecimal() and text.isascii() else Label(text)


def _bare(text: str) -> str:
    """Return a number without the space and the word before it, and the sign after it."""
    if len(text) > MOST_WRITTEN:
        return text
    text = unicodedata.normalize("NFC", text).strip().translate(DASHES)
    bare = text[WORD_BEFORE.match(text).end() :]  # type: ignore[union-attr]  # it matches nothing as well
    return bare[:-1] if bare[-1:] and bare[-1] in SIGN_AFTER else bare
