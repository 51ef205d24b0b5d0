"""A description with its sub-activities and footnotes as one text, and back again.

The text reads as people would type it into one cell of a spreadsheet:

    Strengthen alignment through:
    • Deportee journey mapping
    • Delivery of training*
    * This will work with the trafficking in persons team

A line that would be taken for such an item, and is none, carries a backslash, so that reading undoes writing.
"""

import re
from typing import NamedTuple

from plans.text import compose, one_line

LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
ITEM = re.compile(r"\s*+•\s*+(.*)")
FOOTNOTE = re.compile(r"\s*+\*\s*+(.*)")
SIGN_IN_PROSE = re.compile(r"^([^\S\n]*)(\\*•|\\+\*)", re.MULTILINE)
SIGN_IN_ITEM = re.compile(r"^([^\S\n]*)(\\*[•*])", re.MULTILINE)
ESCAPED_SIGN = re.compile(r"^([^\S\n]*)\\(\\*[•*])", re.MULTILINE)


class Item(NamedTuple):
    """A sub-activity as a spreadsheet knows it."""

    text: str
    footnote: str = ""


class Description(NamedTuple):
    """What an activity is: a text and the items under it."""

    text: str
    items: tuple[Item, ...] = ()


def tidy(text):
    """Return `text` with plain line ends, composed letters and no characters that a spreadsheet cannot hold."""
    if not text.isprintable():
        text = UNPRINTABLE.sub("", LINE_END.sub("\n", text))
    return compose(text).strip()


def tidy_title(text):
    """Return a title as `tidy` does, on one line."""
    return one_line(tidy(text))


def description_of(activity):
    """Return the description of an activity fetched with `with_sub_activities()`. No query."""
    items = (Item(tidy(item.text), tidy(item.footnote)) for item in activity.sub_activities.all())
    return Description(tidy(activity.description), tuple(item for item in items if item.text))


def join_description(description):
    """Return a `Description` as one text."""
    if not description.items:
        return _escape(description.text)
    lines = [_escape(description.text)] if description.text else []
    for item in description.items:
        lines.append(f"• {_escape_later_lines(item.text + '*' * bool(item.footnote))}")
        if item.footnote:
            lines.append(f"* {_escape_later_lines(item.footnote)}")
    return "\n".join(lines)


def split_description(text):
    """Return the `Description` that a text means; the inverse of `join_description` for tidy texts."""
    text = tidy(text)
    if "•" not in text:
        # Most texts have no items, and looking at each line costs several times as much.
        return Description(_text([text], skip=0))
    prose, items = [], []
    part = prose
    for line in text.split("\n"):
        if found := ITEM.fullmatch(line):
            items.append(([found[1]], []))
            part = items[-1][0]
        elif items and not items[-1][1] and (found := FOOTNOTE.fullmatch(line)):
            items[-1][1].append(found[1])
            part = items[-1][1]
        else:
            part.append(line)
    found_items = (_item(*lines) for lines in items)
    return Description(_text(prose, skip=0), tuple(item for item in found_items if item.text))


def _escape(prose):
    # Most texts have none of the signs, and looking for one costs a hundredth of looking for where it stands.
    return SIGN_IN_PROSE.sub(r"\1\\\2", prose) if "•" in prose or "*" in prose else prose


def _escape_later_lines(text):
    if "\n" not in text:
        return text
    first, *later = text.split("\n")
    return "\n".join([first, *(SIGN_IN_ITEM.sub(r"\1\\\2", line) for line in later)])


def _text(lines, skip):
    """Join lines; the first `skip` stand behind a sign, where nothing is escaped."""
    return "\n".join([*lines[:skip], *map(_unescaped, lines[skip:])]).strip()


def _unescaped(line):
    return ESCAPED_SIGN.sub(r"\1\2", line) if "\\" in line else line


def _item(text_lines, footnote_lines):
    text, footnote = _text(text_lines, skip=1), _text(footnote_lines, skip=1)
    return Item(text.removesuffix("*").rstrip() if footnote else text, footnote)
