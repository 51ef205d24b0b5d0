"""The text of one cell: what CSV and Excel hold of it, and that neither can run it as a formula."""

import re

FORMULA = re.compile(r"'*[=+\-@\x00-\x1f\x7f-\x9f＝＋－＠]")
GUARDED = re.compile(r"'+[=+\-@\x00-\x1f\x7f-\x9f＝＋－＠]")
# Where Excel parts CSV by semicolons or tabs, a cell begins behind one, and behind a line end, whatever quotes say.
# None of what may stand between is a separator or an apostrophe, so that both patterns take linear time.
AFTER_SEPARATOR = r"([;\t\n\r][ \"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0]*)"
INNER_FORMULA = re.compile(AFTER_SEPARATOR + r"('*[=+\-@＝＋－＠])")
INNER_GUARDED = re.compile(AFTER_SEPARATOR + r"'('*[=+\-@＝＋－＠])")
EXCEL_CELL_LENGTH = 32_767
SURELY_FITS = EXCEL_CELL_LENGTH // 2
"""Characters: Excel counts the rare ones twice."""
CUT_NOTE = (
    "… [Cut here: Excel holds 32,767 characters in a cell. "
    "The whole text is on the activity's page and in the CSV export.]"
)


def guard(text: str) -> str:
    """Return `text` so that no spreadsheet takes it, or a part of it, for a formula.

    An apostrophe stands before what might be one: at the start, and behind each semicolon, tab and line end.
    """
    if ";" in text or "\n" in text or "\t" in text or "\r" in text:
        text = INNER_FORMULA.sub(r"\1'\2", text)
    if text[:1].isalnum():
        # Nearly all do; a large export has a hundred thousand of them.
        return text
    return f"'{text}" if FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Return the text that `guard` was given; also right for a text that was never guarded."""
    if "'" not in text:
        return text
    return INNER_GUARDED.sub(r"\1\2", text[1:] if GUARDED.match(text) else text)


def csv_cell(value: object) -> str:
    """Return what a CSV file holds of a text, whole number, date or None, just as the library would write it.

    The library looks at each character of each cell, which takes longer than all else that an export does.
    """
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = guard(value)
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def excel_text(text: str) -> str:
    """Return what an Excel cell holds: it is text already, so only a text that looks guarded needs a guard."""
    text = guard(text) if "'" in text and (GUARDED.match(text) or INNER_GUARDED.search(text)) else text
    if len(text) <= SURELY_FITS or _excel_length(text) <= EXCEL_CELL_LENGTH:
        return text
    room = (EXCEL_CELL_LENGTH - _excel_length(CUT_NOTE)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + CUT_NOTE


def _excel_length(text: str) -> int:
    """Excel counts in units of UTF-16, in which rare characters take two."""
    return len(text.encode("utf-16-le")) // 2
