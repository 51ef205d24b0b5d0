"""Texts with a table in them: CSV with its signs, tab-separated lines, and what people paste from Word or Excel."""

import csv
import re
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice

from plans.spreadsheets.reading.document_lines import read_lines
from plans.spreadsheets.reading.encodings import encoding_of
from plans.spreadsheets.reading.headings import score
from plans.spreadsheets.reading.limits import CellCount
from plans.spreadsheets.reading.opened import Grid
from plans.spreadsheets.reading.table import UnreadableFile

SIGNS = ",;\t"
SIGN_LINE = re.compile(r"\ufeff?sep=(.)\s*", re.IGNORECASE)
QUOTED = re.compile(r'(^|\t)"')
TOP_LINES = 60
MOST_SIGNS_IN_A_LINE = 20_000
"""More cells than a line can have, and too few to fill the memory."""
ROWS_AT_A_TIME = 500
NO_TEXT = "The file holds NUL characters, which no text has. Save it again as “CSV UTF-8”, or send the workbook itself."


def read_text(content, limits, *, on_progress=None, heading_score=score):
    """Answer the `Grid` of the bytes of a text file. Raises `UnreadableFile`.

    `heading_score(cells)` says how much a row looks like headings, by which the sign between the cells is found.
    """
    encoding, notes = encoding_of(content)
    grid = _read(lambda: TextIOWrapper(BytesIO(content), encoding, newline=""), limits, on_progress, heading_score)
    grid.notes += notes
    return grid


def read_pasted_text(text, limits):
    """Answer the `Grid` of a text out of a box on a page. Raises `UnreadableFile`."""
    limits.check_size(len(text.encode("utf-8", "replace")))
    return _read(lambda: StringIO(text, newline=""), limits, None)


def _read(open_text, limits, on_progress, heading_score=score):
    """Answer the `Grid` of a text that `open_text` opens as often as it is needed."""
    top = [_checked(line, limits) for line in islice(open_text(), TOP_LINES)]
    sign_line = SIGN_LINE.fullmatch(top[0]) if top else None
    sign = sign_line[1] if sign_line else _sign(top, heading_score)
    skipped = 1 if sign_line else 0
    if sign == "\t" and not any(QUOTED.search(line) for line in top):
        return Grid("Tab-separated text", rows=read_lines((_checked(line, limits) for line in open_text()), limits))
    try:
        rows = _read_csv(open_text(), sign, limits, on_progress)
    except _NotQuotedWell as error:
        if sign != "\t":
            raise UnreadableFile(str(error)) from error
        # Out of a document: there, a quotation mark is what it is.
        return Grid("Tab-separated text", rows=read_lines((_checked(line, limits) for line in open_text()), limits))
    return Grid("Tab-separated text" if sign == "\t" else "CSV", rows=rows[skipped:])


class _NotQuotedWell(ValueError):
    """Quotation marks that open a cell and do not close it."""


def _sign(top, heading_score):
    """The sign between the cells: the one that finds most headings, else the one that stands there most often."""
    text = "".join(top)

    def finds(sign):
        rows = csv.reader(StringIO(text, newline=""), delimiter=sign)
        try:
            return max((heading_score(row) for row in rows), default=0)
        except csv.Error:
            return 0

    return max(SIGNS, key=lambda sign: (finds(sign), text.count(sign)))


def _read_csv(text, sign, limits, on_progress):
    """Answer the rows of CSV. Raises `UnreadableFile`, or `_NotQuotedWell` for what is no CSV."""
    csv.field_size_limit(limits.max_text)
    reader = csv.reader((_checked(line, limits) for line in text), delimiter=sign, strict=True)
    rows, filled, count = [], 0, CellCount(limits)
    try:
        for number, cells in enumerate(reader, start=1):
            is_filled = any(cells)
            filled += is_filled
            limits.check_rows(filled - 1)
            if len(cells) > limits.max_columns and any(map(str.strip, cells[limits.max_columns :])):
                limits.check_columns(len(cells))
            if is_filled:
                count.add(number, cells)
                rows.append((number, cells[: limits.max_columns]))
            if on_progress and number % ROWS_AT_A_TIME == 0:
                on_progress(number, None)
    except csv.Error as error:
        if "field limit" in str(error):
            raise UnreadableFile(
                f"A cell that begins in line {reader.line_num + 1} or above holds more than {csv.field_size_limit():,} "
                "characters. Is a quotation mark missing? Shorten it, or close it."
            ) from error
        raise _NotQuotedWell(
            f"Line {reader.line_num} is not CSV: {error}. Close its quotation marks, or save the file again as CSV."
        ) from error
    return rows


def _checked(line, limits):
    """Answer a line that can be a line of a table. Raises `UnreadableFile`."""
    if "\x00" in line:
        raise UnreadableFile(NO_TEXT)
    if max(map(line.count, SIGNS)) > MOST_SIGNS_IN_A_LINE:
        limits.check_columns(MOST_SIGNS_IN_A_LINE)
    return line
