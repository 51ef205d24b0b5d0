"""The numbers and dots that Word draws before paragraphs, out of the parts that define its lists and styles."""

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
