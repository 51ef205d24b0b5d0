"""What Word draws and its text does not say: numbers and dots before paragraphs, and signs of symbol fonts.

`WordLists` knows the numbers and dots, out of the parts that define the lists and styles of a document.
"""

from defusedxml import ElementTree

BULLET = "bullet"
NUMERALS = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
LEVELS = 9
MOST_BASES = 20
LARGEST = 100_000


class WordLists:
    """Says what Word draws before each paragraph; it has to be asked in the order of the document."""

    def __init__(self, numbering=b"", styles=b""):
        """Take the XML of the two parts. Raises what the parser does for XML that is none."""
        self._levels, self._of_style, self._counts = {}, {}, {}
        self._abstract = {}
        if numbering:
            self._read_numbering(ElementTree.fromstring(numbering))
        if styles:
            self._read_styles(ElementTree.fromstring(styles))

    def of_style(self, style):
        """Return (list, level) of a paragraph's style; (None, 0) for one without."""
        for _ in range(MOST_BASES):
            number, level, base = self._of_style.get(style, (None, None, None))
            if number is not None or base is None:
                return number, level or 0
            style = base
        return None, 0

    def sign(self, number, level):
        """Count a paragraph of a list, and return (what Word draws before it, whether that is a dot)."""
        level = min(max(level, 0), LEVELS - 1)
        kind, words, start = self._level(number, level)
        if kind in (BULLET, ""):
            return "", True
        counts = self._counts.setdefault(self._abstract.get(number, number), {})
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        for place in range(level + 1):
            of_place, _, first = self._level(number, place)
            words = words.replace(f"%{place + 1}", _counted(counts.get(place, first), of_place))
        return ("" if kind == "none" else words), False

    def _level(self, number, level):
        return self._levels.get(self._abstract.get(number), {}).get(level, (BULLET, "", 1))

    def _read_numbering(self, root):
        for abstract in _all(root, "abstractNum"):
            levels = self._levels.setdefault(_value(abstract, "abstractNumId"), {})
            for level in _all(abstract, "lvl"):
                kind, words, start = (_child_value(level, name) for name in ("numFmt", "lvlText", "start"))
                levels[_whole(_value(level, "ilvl"))] = (kind, words, _whole(start, 1))
        for number in _all(root, "num"):
            self._abstract[_value(number, "numId")] = _child_value(number, "abstractNumId")

    def _read_styles(self, root):
        for style in _all(root, "style"):
            numbers = next((one for one in style.iter() if _name(one) == "numPr"), None)
            number = None if numbers is None else _child_value(numbers, "numId") or None
            level = 0 if numbers is None else _whole(_child_value(numbers, "ilvl"))
            self._of_style[_value(style, "styleId")] = (number, level, _child_value(style, "basedOn") or None)


def _counted(count, kind):
    if kind in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 9)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman") and 0 < count < 40:
        words, left = "", count
        for value, numeral in NUMERALS:
            words += numeral * (left // value)
            left %= value
        return words if kind == "lowerRoman" else words.upper()
    return str(count).rjust(2, "0") if kind == "decimalZero" else str(count)


def _whole(text, default=0):
    return min(int(text), LARGEST) if text.isascii() and text.isdecimal() else default


def _all(element, name):
    return [one for one in element if _name(one) == name]


def _child_value(element, name):
    return next((_value(one, "val") for one in element if _name(one) == name), "")


def _value(element, name):
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _name(element):
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


# Signs of symbol fonts, as letters of Unicode that look the same.

SYMBOL = {
    0xA3: "≤",
    0xB3: "≥",
    0xB1: "±",
    0xB4: "×",
    0xB8: "÷",
    0xB9: "≠",
    0xBB: "≈",
    0xAE: "→",
    0xAC: "←",
    0xAD: "↑",
    0xAF: "↓",
    0xDE: "⇒",
    0xB7: "•",
    0xA5: "∞",
    0xB0: "°",
    0xBC: "…",
    0xE5: "Σ",
    0x6D: "μ",
    0xD6: "√",
    0xA2: "′",
    0x44: "Δ",
    0x57: "Ω",
    0x61: "α",
    0x62: "β",
    0x64: "δ",
    0x70: "π",
    0x73: "σ",
    0x2D: "−",
    0xD3: "©",
    0xD2: "®",
}
WINGDINGS = {
    0xFC: "✓",
    0xFB: "✗",
    0xFE: "☑",
    0xFD: "☒",
    0xA8: "☐",
    0x6F: "☐",
    0x71: "☐",
    0xA7: "▪",
    0x6E: "■",
    0x6C: "●",
    0xD8: "➢",
    0x76: "❖",
    0xE0: "→",
    0xDF: "←",
    0xE8: "➔",
    0x9F: "•",
    0xAB: "★",
    0x4A: "☺",
    0x4C: "☹",
    0xF0: "⇨",
}
WINGDINGS_2 = {0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x51: "☒", 0xA3: "☐", 0x97: "●", 0x98: "•"}
FONTS = {"symbol": SYMBOL, "wingdings": WINGDINGS, "wingdings 2": WINGDINGS_2}
PRIVATE, PRIVATE_END = 0xF000, 0xF0FF
UNKNOWN = "\ufffd"
"""A letter that could not be read, which the page tells of."""


def symbol(font, code):
    """Return the letter that looks like the sign of a `font` with a `code` in hexadecimal digits."""
    try:
        number = int(code or "", 16)
    except ValueError:
        return UNKNOWN
    table = FONTS.get((font or "").strip().lower())
    sign = number - PRIVATE if PRIVATE <= number <= PRIVATE_END else number
    if table is None:
        return chr(number) if not PRIVATE <= number <= PRIVATE_END and 0x20 <= number < 0xD800 else UNKNOWN
    # Where the font has no sign of its own for a plain letter, it has that letter, as Symbol has digits.
    return table.get(sign) or (chr(sign) if table is SYMBOL and 0x20 <= sign < 0x40 else UNKNOWN)
