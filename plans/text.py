"""Text as people search for it, without macrons, case or stray spaces; and as they list things in it."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, islice

from django.utils.text import slugify

SPACE = re.compile("[ \t-\r\x1c-\x1e\x85\u2028\u2029]+")
MOST_MARKS = 30
KEY_DIGITS = 18
"""Digits of the largest numbers that fit into every column of keys, on either engine."""
INTEGER_DIGITS = 9
"""Digits of the largest numbers that fit into every other column of whole numbers."""
INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
"""Signs that nobody sees: soft hyphens, spaces without width, marks that turn the direction of writing.

As between the brackets of a pattern. U+200C and U+200D are kept, since words of some languages and pictures need them.
"""
INVISIBLE_SIGN = re.compile(f"[{INVISIBLE}]")
LOOK_ALIKES = {
    **dict.fromkeys("’‘‛ʻʼʹ′`´＇", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys([*"\u034f\u200c\u200d", *map(chr, range(0xFE00, 0xFE10))], ""),
}
"""Signs that look alike, which programs put in place of those that were typed, and those that only shape letters."""
SIGN_TO_LOOK_AT = re.compile("[`\x80-\U0010ffff]")
"""Signs that may be replaced or dropped when text is folded: every other one of ASCII stays."""
AROUND_WORDS = "\"',;:!?"
"""Signs around a word of a search which are no part of it."""


def fold(text: str) -> str:
    """Return `text` as it is compared: no diacritics, no case, single spaces, no invisible signs, plain ' " and -.

    "Kāinga  Ora" and "KAINGA ORA" both fold to "kainga ora", "Police’s co‑design" to "police's co-design".
    Columns hold folded text, so a change of what this returns needs a migration that folds them again.
    """
    if text.isascii():
        return " ".join(text.replace("`", "'").casefold().split())
    # Diacritics go in any case, and to put a long run of them in order takes the square of its length.
    bare = unicodedata.normalize("NFKD", _without_signs(INVISIBLE_SIGN.sub("", text), _is_combining))
    # Taken apart, some signs become such signs.
    bare = _without_signs(bare, unicodedata.combining)
    return " ".join(unicodedata.normalize("NFC", bare.casefold()).split())


def _without_signs(text: str, is_dropped: Callable[[str], object]) -> str:
    """Return `text` with plain signs for those that look alike, and without those that are dropped."""
    # An import folds all that it reads, and a text has far fewer such signs than characters.
    for sign in set(SIGN_TO_LOOK_AT.findall(text)):
        if sign in LOOK_ALIKES:
            text = text.replace(sign, LOOK_ALIKES[sign])
        elif is_dropped(sign):
            text = text.replace(sign, "")
    return text


def compose(text: str) -> str:
    """Return `text` in normal form C. Of combining marks in a row, only the first 30 are kept, which no language needs.

    To put them in order takes the square of their number: minutes for a cell full of them.
    """
    if text.isascii():
        return text
    marks = set(filter(_is_combining, set(text)))
    if marks:
        runs = groupby(text, marks.__contains__)
        text = "".join("".join(islice(run, MOST_MARKS) if is_run else run) for is_run, run in runs)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Return `text` as a title holds it: on one line, and without signs that nobody sees."""
    return text.strip() if text.isprintable() else SPACE.sub(_without_break, INVISIBLE_SIGN.sub("", text)).strip()


def _without_break(found: re.Match[str]) -> str:
    """Return a run of space as it is, or one space for it where a line or a cell ends in it."""
    return found[0] if found[0].isprintable() else " "


def slug_of(text: str, most: int) -> str:
    """Return `text` in at most so many plain letters, digits and hyphens, for an address; blank where it has none.

    "Kāinga Ora" is "kainga-ora".
    """
    return slugify(fold(text))[:most].strip("-")


def search_words(query: str) -> list[str]:
    """Return the folded words of what a person typed into a search box, each once, in order.

    Commas, full stops and quotation marks around words are no part of them, unless nothing else was typed.
    """
    words = fold(query).split()
    bare = [word.lstrip(AROUND_WORDS).rstrip(f"{AROUND_WORDS}.") for word in words]
    return list(dict.fromkeys(word for word in bare if word.strip("-"))) or list(dict.fromkeys(words))


def whole_number(text: str, most_digits: int = KEY_DIGITS) -> int | None:
    """Return the whole number from 0 that `text` is, in plain digits; None when the database could not hold it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= most_digits else None


def matches(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return where the folded `words` stand in `text`, as [(start, end)] in order, none overlapping another.

    "kainga" is found in "Kāinga Ora" at (0, 6).
    """
    # Most texts that a page looks through hold none of the words, which takes a hundredth of the time to see.
    whole = fold(text)
    if not any(word in whole for word in words if word):
        return []
    folded, places = _folded_with_places(text)
    hits = sorted(hit for word in words if word for hit in _places_of(word, folded))
    spans, reached = [], 0
    for start, end in hits:
        if end > reached:
            spans.append((places[max(start, reached)], places[end - 1] + 1))
            reached = end
    return spans


def ranges_in(numbers: Iterable[int]) -> list[list[int]]:
    """Return whole numbers in order as [[first, last]] of those that follow each other: 2, 3, 7 is [[2, 3], [7, 7]]."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


def count_of(count: int, noun: str) -> str:
    """Return a count with its noun: "1 activity", "2 activities", given "activity,activities"."""
    one, many = noun.split(",")
    return f"{count} {one if count == 1 else many}"


def listed(words: Sequence[str]) -> str:
    """Return words as people list them: "2–40, 55 and 70"."""
    return ", ".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} and {words[-1]}"


def first_named(things: Sequence[object], most: int = 5) -> str:
    """Return the first of `things`, `most` of them, and how many more there are: "1, 2, 3, 4, 5 and 17 more"."""
    more = len(things) - most
    return ", ".join(map(str, things[:most])) + (f" and {more:,} more" if more > 0 else "")


def excerpt(text: str, words: Iterable[str], length: int = 180) -> str:
    """Return a part of `text` about `length` long, in whole words, that shows the first of the `words`; or ""."""
    found = matches(text, words)
    if not found:
        return ""
    start = text.rfind(" ", 0, max(found[0][0] - length // 3, 0)) + 1
    end = text.find(" ", min(start + length, len(text)))
    end = len(text) if end == -1 else end
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def _places_of(word: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each place where a word stands in a text, none overlapping another."""
    start = text.find(word)
    while start >= 0:
        yield start, start + len(word)
        start = text.find(word, start + len(word))


def _folded_with_places(text: str) -> tuple[str, Sequence[int]]:
    """Return the folded text, and for each of its characters the place in `text` that it comes from."""
    folded = [*map(_fold_one, text)]
    if set(map(len, folded)) <= {1}:
        return "".join(folded), range(len(text))
    return "".join(folded), [place for place, found in enumerate(folded) for _ in found]


@lru_cache(maxsize=10_000)
def _is_combining(character: str) -> bool:
    """Return whether a character is nothing but combining marks, once it is taken apart."""
    return all(map(unicodedata.combining, unicodedata.normalize("NFKD", character)))


@lru_cache(maxsize=10_000)
def _fold_one(character: str) -> str:
    return " " if character.isspace() else fold(character)
