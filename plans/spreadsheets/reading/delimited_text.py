"""Texts with a table in them: CSV with its signs, tab-separated lines, and what people paste from Word or Excel."""

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from typing import IO, Any

from plans.spreadsheets.columns import NUMBER as NUMBER_COLUMN
from plans.spreadsheets.descriptions import SIGN_ALONE, SURE_SIGN_ALONE, goes_on, is_like
from plans.spreadsheets.reading.headings import match_headings, score
from plans.spreadsheets.reading.limits import CellCount, Limits, UnreadableFile
from plans.spreadsheets.reading.sandbox import Grid

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SAMPLE_BYTES = 4096
CHUNK_BYTES = 1024 * 1024
LETTERS = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
NO_WINDOWS_LETTER = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
OTHER_LETTER = re.compile(rb"[\x80-\xff]")
WINDOWS_NOTE = (
    "The text is in Windows-1252, which has no letters with macrons. If any are missing, save the file in Excel as "
    "“CSV UTF-8” and send that."
)
NO_TEXT = "The file is no text: it holds bytes that no letters have. Send a workbook (.xlsx, .xls, .ods) or CSV UTF-8."


def encoding_of(content: bytes) -> tuple[str, list[str]]:
    """Return (name of the codec, notes) of the bytes of a text. Raises `UnreadableFile` for what is no text."""
    for mark, name in MARKS:
        if content.startswith(mark):
            _check(content, name)
            return name, []
    if name := _unmarked_utf_16(content):
        _check(content, name)
        return name, []
    if b"\x00" in content:
        raise UnreadableFile(NO_TEXT)
    broken_at = _broken_at(content, "utf-8")
    if broken_at is None:
        return "utf-8", []
    if _is_mostly_utf_8(content):
        line = content.count(b"\n", 0, broken_at) + 1
        raise UnreadableFile(
            f"A letter in line {line} is broken, and the rest is UTF-8. Write it again there, and save as “CSV UTF-8”."
        )
    if NO_WINDOWS_LETTER.search(content):
        raise UnreadableFile(NO_TEXT)
    return "cp1252", [WINDOWS_NOTE]


def _check(content: bytes, name: str) -> None:
    if _broken_at(content, name) is not None:
        raise UnreadableFile("The file ends in the middle of a letter, or is damaged. Save it again as “CSV UTF-8”.")


def _unmarked_utf_16(content: bytes) -> str:
    """Return the codec of text in which every other byte is nothing, as in plain words in UTF-16."""
    sample = content[:SAMPLE_BYTES]
    high, low = sample[::2].count(0), sample[1::2].count(0)
    if max(high, low) * 3 < len(sample[1::2]) or not sample[1:]:
        return ""
    if low > 20 * high:
        return "utf-16-le"
    return "utf-16-be" if high > 20 * low else ""


def _broken_at(content: bytes, name: str) -> int | None:
    """Return the place of the first byte that is no letter, None when all are. The text is not kept."""
    decoder = codecs.getincrementaldecoder(name)()
    for start in range(0, len(content), CHUNK_BYTES):
        chunk = content[start : start + CHUNK_BYTES]
        try:
            decoder.decode(chunk, final=start + CHUNK_BYTES >= len(content))
        except UnicodeDecodeError as error:
            return start + error.start
    return None


def _is_mostly_utf_8(content: bytes) -> bool:
    """Return whether letters outside ASCII that are well formed outnumber the bytes that are not."""
    rest, good = LETTERS.subn(b"", content)
    return good > len(OTHER_LETTER.findall(rest))


SIGN_WITH_WORDS = re.compile(r"\s*\S+\s+\S")
_Line = tuple[int, list[str]]
"""A line of the file, from 1, and the texts of its cells."""

Score = Callable[[Sequence[str]], float]
"""Says how much a row looks like headings."""

OLD_LINE_END = re.compile("\r(?!\n)")
NUMBERED = re.compile(r"\s*[1-9][0-9]{0,3}\.(\s.*)?", re.DOTALL)


def read_lines(lines: Iterable[str], limits: Limits) -> list[_Line]:
    """Return [(line, from 1; cells)] of an open text or its lines, without blank ones. Raises `UnreadableFile`."""
    rows: list[_Line] = []
    count = CellCount(limits)
    for number, line in enumerate(_split(lines), start=1):
        limits.check_columns(line.count("\t") + 1 if line.strip() else 0)
        cells = line.rstrip("\r\n").split("\t")
        count.add(number, cells)
        if any(map(str.strip, cells)):
            rows.append((number, cells))
            limits.check_rows(len(rows) - 1)
    scores = [score(cells) for _, cells in rows[:TOP_LINES]]
    heading = scores.index(max(scores)) if scores else 0
    return rows[: heading + 1] + _joined(rows[heading + 1 :], rows[heading][1] if rows else [], limits)


def _split(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines, whichever line ends they have."""
    for line in lines:
        yield from OLD_LINE_END.split(line) if "\r" in line else (line,)


def _joined(lines: Sequence[_Line], headings: Sequence[str], limits: Limits) -> list[_Line]:
    """Join the lines of a row whose cells held more than one line each."""
    rows: list[_Line] = []
    width = len(headings)
    has_numbers = any(match.heading == NUMBER_COLUMN.heading for match in match_headings(headings, range(width)))
    for number, cells in _with_signs_of_lists(lines, width):
        last = rows[-1][1] if rows else []
        if last and _goes_on(last, cells, width, has_numbers):
            last[-1:] = [f"{last[-1]}\n{cells[0]}", *cells[1:]]
            # Also keeps a cell of many lines from being copied whole for each of them.
            limits.check_text(max(map(len, last)), number)
        else:
            rows.append((number, list(cells)))
    return rows


def _goes_on(last: Sequence[str], cells: Sequence[str], width: int, has_numbers: bool) -> bool:
    """Return whether a line is the rest of the row before it, in which there are cells to come or the last one goes on.

    Without a column of numbers, a line that begins with one is the next row.
    """
    if width == 1 or not cells[0].strip() or not last[-1].strip():
        return False
    # In a table with a column of numbers, one before words counts an item of a list.
    if any(NUMBERED.fullmatch(cell) and not (has_numbers and SIGN_WITH_WORDS.match(cell)) for cell in cells):
        return False
    return len(last) + len(cells) - 1 <= width


def _with_signs_of_lists(lines: Sequence[_Line], width: int) -> Iterator[_Line]:
    """Yield lines in which the sign of a list is one cell with the words that Word parts from it by a tab.

    What may be a cell of its own, such as a dash or a number, is a sign only where the lines around say so.
    """
    begun = ""
    for place, (number, cells) in enumerate(lines):
        below = lines[place + 1][1][0].strip() if place + 1 < len(lines) else ""
        joined: list[str] = []
        is_sign = False
        for at, cell in enumerate(cells):
            if is_sign:
                joined[-1], is_sign = f"{joined[-1].strip()}\t{cell}", False
                continue
            joined.append(cell)
            if at + 1 < len(cells) and SIGN_ALONE.fullmatch(cell):
                is_first, is_long = at == 0, len(cells) > width
                is_sign = bool(
                    SURE_SIGN_ALONE.fullmatch(cell)
                    or (is_first and begun and len(cells) < width and not is_like(cell.strip(), begun))
                    or (not is_first and (is_long or goes_on(cell.strip(), below)))
                )
        begun = begun if len(joined) < len(cells) and SIGN_ALONE.fullmatch(cells[0]) else cells[0].strip()
        yield number, joined


SIGNS = ",;\t"
SIGN_LINE = re.compile(r"\ufeff?sep=(.)\s*", re.IGNORECASE)
QUOTED = re.compile(r'(^|\t)"')
TOP_LINES = 60
MOST_SIGNS_IN_A_LINE = 20_000
"""More cells than a line can have, and too few to fill the memory."""
ROWS_AT_A_TIME = 500
HOLDS_NUL = (
    "The file holds NUL characters, which no text has. Save it again as “CSV UTF-8”, or send the workbook itself."
)


def read_text(
    content: bytes,
    limits: Limits,
    *,
    on_progress: Callable[[int, Any], object] | None = None,
    heading_score: Score = score,
) -> Grid:
    """Return the `Grid` of the bytes of a text file. Raises `UnreadableFile`.

    `heading_score(cells)` says how much a row looks like headings, by which the sign between the cells is found.
    """
    encoding, notes = encoding_of(content)
    grid = _read(lambda: TextIOWrapper(BytesIO(content), encoding, newline=""), limits, on_progress, heading_score)
    grid.notes += notes
    return grid


def _read(
    open_text: Callable[[], IO[str]],
    limits: Limits,
    on_progress: Callable[[int, Any], object] | None,
    heading_score: Score = score,
) -> Grid:
    """Return the `Grid` of a text that `open_text` opens as often as it is needed."""
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


def _sign(top: Sequence[str], heading_score: Score) -> str:
    """Return the sign between the cells: the one that finds most headings, else the one that is there most often."""
    text = "".join(top)

    def finds(sign: str) -> float:
        rows = csv.reader(StringIO(text, newline=""), delimiter=sign)
        try:
            return max((heading_score(row) for row in rows), default=0)
        except csv.Error:
            return 0

    return max(SIGNS, key=lambda sign: (finds(sign), text.count(sign)))


def _read_csv(
    text: IO[str], sign: str, limits: Limits, on_progress: Callable[[int, Any], object] | None
) -> list[_Line]:
    """Return the rows of CSV. Raises `UnreadableFile`, or `_NotQuotedWell` for what is no CSV."""
    csv.field_size_limit(limits.max_text)
    reader = csv.reader((_checked(line, limits) for line in text), delimiter=sign, strict=True)
    rows: list[_Line] = []
    filled, count = 0, CellCount(limits)
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


def _checked(line: str, limits: Limits) -> str:
    """Return a line that can be a line of a table. Raises `UnreadableFile`."""
    if "\x00" in line:
        raise UnreadableFile(HOLDS_NUL)
    if max(map(line.count, SIGNS)) > MOST_SIGNS_IN_A_LINE:
        limits.check_columns(MOST_SIGNS_IN_A_LINE)
    return line
