"""What cells look like beside what they say: blank ones that are filled with a colour, and struck-out words.

Neither is a word that could be read, but people mean something by both, so that they are told what is made of them.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from xml.etree.ElementTree import Element

MOST_LOOKS = 10_000
"""How many cells of a sheet are noted for their looks."""

LEAST_DIFFERENCE = 48
"""How far apart red, green and blue are in a colour, of 255; black, white and the greys between are none."""

GREY_THEME, GREY_INDEXED = range(4), {0, 1, 8, 9, 22, 23, 55, 63, 64, 65}
RGB = re.compile(r"#?(?:[0-9a-fA-F]{2})?([0-9a-fA-F]{6})")
OFF = ("0", "false", "off")

# Each of these stops at the next tag and never goes back in it, as those of `xlsx` do.
PLACE = rb"<(?:\w++:)?c\s(?>[^<>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'])"
END_OF_BLANK = rb"\s{0,100}+</(?:\w++:)?c>"
"""What follows a blank cell that is written with an end of its own, as openpyxl does where lxml is installed."""
STRING_CELL = re.compile(PLACE + rb"(?=(?>[^<>]*?\st=[\"']s[\"']))[^<>]*+(?<!/)>\s*+<(?:\w++:)?v>([0-9]{1,9})<")
INLINE_CELL = re.compile(PLACE)
STRIKE = re.compile(rb"<(?:\w++:)?d?strike\b([^<>]*+)>")
STRING_OR_STRIKE = re.compile(rb"<(?:\w++:)?(?:(?P<string>si)|d?strike)\b(?P<rest>[^<>]*+)>")
IS_OFF = re.compile(rb"\bval=[\"'](?:0|false)[\"']")
MOST_INLINE = 1_000
"""How many struck-out runs are looked for in the cells themselves, where few programs write them."""

LONGEST_CELL = 200_000
"""Bytes of a cell in the XML, from its beginning to the last struck-out run."""


@dataclass(frozen=True)
class Styles:
    """What the styles of an Excel workbook say: {style of a cell: number format, colour}, and those struck out."""

    formats: dict[bytes, str] = field(default_factory=dict)
    fills: dict[bytes, str] = field(default_factory=dict)
    struck: frozenset[bytes] = frozenset()


def colour(rgb: str | None) -> str:
    """Return a colour such as "FF92D050" or "#92d050" as "92d050"; blank for black, white, a grey, and what is none."""
    found = RGB.fullmatch(rgb or "")
    if not found:
        return ""
    parts = [int(found[1][at : at + 2], 16) for at in (0, 2, 4)]
    return found[1].lower() if max(parts) - min(parts) >= LEAST_DIFFERENCE else ""


def fill_of(fill: Element) -> str:
    """Return the colour of a `fill` in the styles of Excel; blank for none."""
    pattern = next((one for one in fill if _is(one, "patternFill")), None)
    if pattern is None or pattern.get("patternType", "none") in ("none", "gray125"):
        return ""
    front = next((one for one in pattern if _is(one, "fgColor")), None)
    if front is None:
        return ""
    for kind, greys in (("theme", GREY_THEME), ("indexed", GREY_INDEXED)):
        number = front.get(kind, "")
        if number.isdecimal():
            return "" if int(number) in greys else f"{kind} {number} {front.get('tint', '')}"
    return colour(front.get("rgb"))


def is_struck(font: Element) -> bool:
    """Return whether a `font` in the styles of Excel is struck out."""
    return any(_is(one, "strike") and one.get("val", "1") not in OFF for one in font)


def _is(element: Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def struck_strings(data: bytes) -> set[int]:
    """Return the numbers, from 0, of the shared strings with struck-out words, of the XML that holds them all."""
    found: set[int] = set()
    number = -1
    if b"strike" not in data:
        return found
    for sign in STRING_OR_STRIKE.finditer(data):
        if sign["string"]:
            number += 1
        elif not IS_OFF.search(sign["rest"]):
            found.add(number)
    return found


def filled_cells(data: bytes, fills: Mapping[bytes, str]) -> list[tuple[bytes, bytes, str]]:
    """Return [(letters, row, colour)] of the blank cells of a sheet's XML whose style is one of `fills`."""
    cells = _cells_with(fills, rb"[^<>]*+(?:(?<=/)>|>" + END_OF_BLANK + rb")")
    return [(one[2], one[3], fills[one[1]]) for one in islice(cells.finditer(data), MOST_LOOKS)] if fills else []


def struck_cells(data: bytes, styles: Collection[bytes], strings: Collection[int]) -> list[tuple[bytes, bytes]]:
    """Return [(letters, row)] of the cells of a sheet's XML with struck-out words: by style, by string, or in line."""
    found = []
    if styles:
        cells = _cells_with(styles, rb"[^<>]*+(?<!/)>(?!" + END_OF_BLANK + rb")")
        found += [(one[2], one[3]) for one in islice(cells.finditer(data), MOST_LOOKS)]
    if strings:
        struck = (one for one in STRING_CELL.finditer(data) if int(one[3]) in strings)
        found += [(one[1], one[2]) for one in islice(struck, MOST_LOOKS)]
    if b"strike" in data:
        struck = (one for one in STRIKE.finditer(data) if not IS_OFF.search(one[1]))
        for one in islice(struck, MOST_INLINE):
            start = data.rfind(b"<c ", max(0, one.start() - LONGEST_CELL), one.start())
            if start >= 0 and (cell := INLINE_CELL.match(data, start)):
                found.append((cell[1], cell[2]))
    return found


def _cells_with(styles: Iterable[bytes], ending: bytes) -> re.Pattern[bytes]:
    """Return the pattern of cells of these styles: the style, the letters and the row are its groups."""
    some = b"|".join(sorted(styles))
    return re.compile(
        rb"<(?:\w++:)?c\s(?=(?>[^<>]*?\bs=[\"'](" + some + rb")[\"']))"
        rb"(?=(?>[^<>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']))" + ending
    )
