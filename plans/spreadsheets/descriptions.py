"""A description with its sub-activities and footnotes as one text, and back again.

The text reads as people would type it into one cell of a spreadsheet:

    Strengthen alignment through:
    • Deportee journey mapping
    • Delivery of training*
    * This will work with the trafficking in persons team

Any sign of lists is read for that bullet. A line that would be taken for such an item, and is none, carries a
backslash, so that reading undoes writing.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from plans.models import Activity
from plans.text import INVISIBLE, compose, one_line

# Signs with which the items of a list begin, as programs draw them and people type them.

BULLETS = "•◦▪▫■□●○∙·⁃‣➢➤➔➣►▶▸▹▷◆◇❖❑❒❏✓✔☐☑☒★☆→⇒»›⚫⚬⦁⦿\ue000-\uf8ff"
"""Signs that begin nothing but items. Those of symbol fonts are in the private area of Unicode."""

DASHES = "-‐‑‒–—―−*+"
"""Signs that begin an item where a space follows; "-5" and "*see below" are words."""

LETTERS = "o§ØüvqÜn"
"""What signs of symbol fonts become as plain text: a tab, a no-break space or several spaces follow them."""

SPACE = r"[^\S\n]"
BULLET = rf"(?:•|[{BULLETS}](?:{SPACE}|(?=\w))|[{DASHES}]{SPACE}|[{LETTERS}](?:[\t\u00a0\u202f]|{SPACE}{{2}}))"
LABEL_SIGN = r"\(?(?:[0-9]{1,2}|[a-zA-Z]|[ivx]{1,5}|[IVX]{1,5})[.)]"
"""A number or a letter before an item: "1.", "2)", "(a)", "iv."."""

LABEL = LABEL_SIGN + SPACE

BULLET_LINE = re.compile(rf"(?P<indent>{SPACE}*+)(?P<sign>{BULLET}){SPACE}*+(?P<words>.*)")
LABEL_LINE = re.compile(rf"(?P<indent>{SPACE}*+)(?P<sign>{LABEL}){SPACE}*+(?P<words>.*)")
SIGN_ALONE = re.compile(rf"{SPACE}*(?:[{BULLETS}{DASHES}{LETTERS}]|{LABEL_SIGN}){SPACE}*")
SURE_SIGN_ALONE = re.compile(rf"{SPACE}*[{BULLETS}]{SPACE}*")
NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
ROMAN = {numeral: value for value, numeral in enumerate(NUMERALS, start=1)}


def without_bullet(text: str) -> str:
    """Return `text` without the bullet before it, if anything is behind that."""
    found = BULLET_LINE.fullmatch(text)
    return found["words"] if found and found["words"] else text


def is_like(sign: str, other: str) -> bool:
    """Return whether two signs of lists are of one kind, as "1." and "7." are."""
    return sign == other or bool({kind for kind, _ in _readings(sign)} & {kind for kind, _ in _readings(other)})


def goes_on(sign: str, below: str) -> bool:
    """Return whether the sign `below` goes on with the list of `sign`: the same bullet, or the next number."""
    following = {(kind, value + 1) for kind, value in _readings(sign)}
    return bool(following & set(_readings(below))) if following else sign == below


class LabelCount:
    """Tells numbers and letters that count items from those that begin a sentence: they come in order, from the first.

    The lines of a text are asked one after the other.
    """

    def __init__(self, lines: list[str]) -> None:
        """`lines` are all lines of the text, since "A. Smith" begins a list only where "B." follows."""
        self._reached: dict[tuple[str, str], int] = {}
        self._signs = {found["sign"].strip() for line in lines if (found := LABEL_LINE.fullmatch(line))}

    def is_next(self, sign: str) -> bool:
        """Return whether `sign`, such as "b)", is the first of its kind or follows the one before; then count it."""
        sign = sign.strip()
        for kind, value in _readings(sign):
            if value == self._reached.get(kind, 0) + 1 and not (value == 1 and self._is_initial(sign)):
                self._reached[kind] = value
                return True
        # A list begins anew.
        return any(value == 1 and not self._is_initial(sign) and self._restart(kind) for kind, value in _readings(sign))

    def _restart(self, kind: tuple[str, str]) -> bool:
        self._reached[kind] = 1
        return True

    def _is_initial(self, sign: str) -> bool:
        return sign == "A." and "B." not in self._signs


def _readings(sign: str) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield (kind, value from 1) of a label: "i)" is the first numeral and the ninth letter."""
    body = sign.strip("().")
    if body == sign or not body.isalnum():
        return
    shape = sign.replace(body, "", 1)
    if body.isdecimal():
        yield ("number", shape), int(body)
    if body.lower() in ROMAN and (body.islower() or body.isupper()):
        yield ("roman" if body.islower() else "upper roman", shape), ROMAN[body.lower()]
    if len(body) == 1 and body.isalpha():
        yield ("upper" if body.isupper() else "lower", shape), ord(body.lower()) - ord("a") + 1


# Texts, and the items in them.

LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
UNPRINTABLE = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff{INVISIBLE}]")
FOOTNOTE = re.compile(r"\s*+\*\s*+(.*)")
ANY_SIGN = re.compile(rf"^{SPACE}*(?:{BULLET}|{LABEL}|\*)", re.MULTILINE)
SIGN_IN_PROSE = re.compile(rf"^({SPACE}*)(\\*(?:{BULLET}|{LABEL})|\\+\*)", re.MULTILINE)
SIGN_IN_ITEM = re.compile(rf"^({SPACE}*)(\\*(?:{BULLET}|{LABEL}|\*))", re.MULTILINE)
ESCAPED_SIGN = re.compile(rf"^({SPACE}*)\\(\\*(?:{BULLET}|{LABEL}|\*))", re.MULTILINE)
NESTED_SIGN = re.compile(r"[◦–]\ \S")
"""What begins an item of a list in a list where we write one; deeper down, it is words of the item above."""

NESTED_INDENT = "  "


class Item(NamedTuple):
    """A sub-activity as a spreadsheet knows it."""

    text: str
    footnote: str = ""


class Description(NamedTuple):
    """What an activity is: a text and the items under it."""

    text: str
    items: tuple[Item, ...] = ()


def tidy(text: str) -> str:
    """Return `text` with plain line ends, composed letters and no characters that a spreadsheet cannot hold."""
    if not text.isprintable():
        text = UNPRINTABLE.sub("", LINE_END.sub("\n", text))
    return compose(text).strip()


def tidy_title(text: str) -> str:
    """Return a title as `tidy` does, on one line."""
    return one_line(tidy(text))


def description_of(activity: Activity) -> Description:
    """Return the description of an activity fetched with `with_sub_activities()`. No query."""
    items = (Item(tidy(item.text), tidy(item.footnote)) for item in activity.sub_activities.all())
    return Description(tidy(activity.description), tuple(item for item in items if item.text))


def join_description(description: Description) -> str:
    """Return a `Description` as one text."""
    if not description.items:
        return _escape(description.text)
    lines = [_escape(description.text)] if description.text else []
    for item in description.items:
        lines.append(f"• {_escape_later_lines(item.text + '*' * bool(item.footnote))}")
        if item.footnote:
            lines.append(f"* {_escape_later_lines(item.footnote)}")
    return "\n".join(lines)


def split_description(text: str) -> Description:
    """Return the `Description` that a text means; the inverse of `join_description` for tidy texts.

    Any sign of lists begins an item. Numbers and letters do where they count, and what is indented below an item is
    words of that item.
    """
    text = tidy(text)
    if not ANY_SIGN.search(text):
        # Most texts have no items, and looking at each line costs several times as much.
        return Description(_text([text], skip=0))
    lines = text.split("\n")
    prose: list[str] = []
    items: list[tuple[list[str], list[str]]] = []
    part = prose
    labels, base = LabelCount(lines), _base_indent(lines)
    for line in lines:
        found = BULLET_LINE.fullmatch(line)
        if items and not items[-1][1] and (note := FOOTNOTE.fullmatch(line)) and _has_mark(items[-1][0], found):
            items[-1][1].append(note[1])
            part = items[-1][1]
            continue
        label = None if found else LABEL_LINE.fullmatch(line)
        if label and (not label["words"] or not labels.is_next(label["sign"])):
            label = None
        if not (found or label) or (found and not found["words"] and not found["sign"].startswith("•")):
            part.append(line)
        elif items and _indent(line) > base:
            part.append(line.strip())
        else:
            items.append(([(found or label)["words"]], []))  # type: ignore[index]  # one of them is there
            part = items[-1][0]
    found_items = (_item(*lines) for lines in items)
    return Description(_text(prose, skip=0), tuple(item for item in found_items if item.text))


def _has_mark(item_lines: list[str], as_item: re.Match[str] | None) -> bool:
    """Return whether a line with an asterisk is the note of an item: that carries one, or the line is no item."""
    return as_item is None or item_lines[-1].rstrip().endswith("*")


def _indent(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _sign_of(line: str) -> str:
    found = BULLET_LINE.fullmatch(line) or LABEL_LINE.fullmatch(line)
    return found["sign"].strip() if found else ""


def _base_indent(lines: list[str]) -> int:
    """Return how far the items of the first level are indented."""
    found = [(_sign_of(line), _indent(line)) for line in lines]
    signs = [(sign, indent) for sign, indent in found if sign]
    # What stands first in a cell has lost its indent; the next of its kind has not.
    if len(signs) > 1 and found[0][0] and is_like(signs[0][0], signs[1][0]):
        signs = signs[1:]
    return min((indent for _, indent in signs), default=0)


def _escape(prose: str) -> str:
    return SIGN_IN_PROSE.sub(r"\1\\\2", prose)


def _escape_later_lines(text: str) -> str:
    if "\n" not in text:
        return text
    first, *later = text.split("\n")
    return "\n".join([first, *map(_escaped_in_item, later)])


def _escaped_in_item(line: str) -> str:
    return f"{NESTED_INDENT}{line}" if NESTED_SIGN.match(line) else SIGN_IN_ITEM.sub(r"\1\\\2", line)


def _text(lines: list[str], skip: int) -> str:
    """Join lines; the first `skip` stand behind a sign, where nothing is escaped."""
    return "\n".join([*lines[:skip], *map(_unescaped, lines[skip:])]).strip()


def _unescaped(line: str) -> str:
    return ESCAPED_SIGN.sub(r"\1\2", line) if "\\" in line else line


def _item(text_lines: list[str], footnote_lines: list[str]) -> Item:
    text, footnote = _text(text_lines, skip=1), _text(footnote_lines, skip=1)
    return Item(text.removesuffix("*").rstrip() if footnote else text, footnote)
