"""The protocol of the sandbox: a request and a file come in on standard input, lines of JSON go out."""

import json
import resource
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from plans.spreadsheets.reading import number_formats
from plans.spreadsheets.reading.limits import CellCount, Limits

MOST_FORMULAS = 100_000


@dataclass
class SheetInfo:
    """A sheet from outside. Places are (row, column), both from 1.

    `rows` and `columns` are where some cell far out holds something, `cells` how many hold something and `ranges` how
    many merged cells there are, 0 where that is not known yet. `formulas` are
    the cells that hold one, `merged` are (first row, last row, column) of cells that were made one downwards. `texts`
    is {place: text such as "#REF!"} of cells that the library does not read as they are. `formats` is {place: number
    format} of cells that show something else than they hold, `shown` {place: text} where the file says what. `filled`
    are (row, column, colour) of blank cells, `struck` the cells with struck-out words.
    """

    rows: int = 0
    columns: int = 0
    cells: int = 0
    ranges: int = 0
    formulas: list[tuple[int, int]] = field(default_factory=list)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    filled: list[tuple[int, int, str]] = field(default_factory=list)
    struck: list[tuple[int, int]] = field(default_factory=list)


ALL_SHEETS = "*"
"""What is asked for in place of a sheet's name: all whose headings are alike. No sheet can be called so."""

OUT_OF_MEMORY = 3
"""How a process ends that had not enough memory."""

NOT_THIS_WAY = 4
"""How a process ends that cannot do with this file what it was asked for, which is nothing to worry about."""

NO_MEMORY_SIGN = "pointer is null"
"""How the library that reads workbooks words that there was no memory for a value."""


def read_request() -> tuple[dict[str, Any], bytes]:
    """Return (request, bytes of the file) from standard input, with this process limited as the request says."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit_itself(request)
    return request, sys.stdin.buffer.read()


def run_out_of_memory(error: BaseException) -> bool:
    """Return whether an error means that there was not enough memory."""
    return isinstance(error, MemoryError) or NO_MEMORY_SIGN in str(error)


def _limit_itself(request: Mapping[str, int]) -> None:
    """Have the system hold this process to its limits, and keep no picture of it when it fails."""
    memory_bytes = request["max_memory_mb"] * 1024 * 1024
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, request["max_seconds"] + 1),
        (resource.RLIMIT_FSIZE, memory_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(limit, (most, most))
        except (OSError, ValueError):
            # A system that cannot limit this still has the clock of the process that waits.
            continue


ROWS_AT_A_TIME = 500


PRECISION = ".15g"
"""Excel keeps fifteen digits; more than that is noise of the arithmetic."""


def cell_text(value: object) -> str:
    """Return the text of a value: dates in ISO form, whole numbers without a point, yes and no as Excel writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, PRECISION)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def say(thing: object) -> None:
    """Write a line."""
    line = json.dumps(thing, ensure_ascii=False)
    sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass") + b"\n")


def say_rows(
    rows: Iterable[Sequence[object]],
    sheet_info: SheetInfo,
    first_column: int,
    most: int | None,
    limits: Limits,
    count: CellCount | None = None,
) -> None:
    """Say the texts of rows of values, `most` of them, the first cell of which stands in `first_column`.

    After some hundred rows it says what other texts their cells show: [row, column, text], both from 1; without a text
    where that is not known. Raises `UnreadableFile` for more cells or more text than `limits` allow; `count` has what
    was said of other sheets.
    """
    batch: list[list[str]] = []
    shown: list[tuple[int, int, str | None]] = []
    count = count or CellCount(limits)
    texts_of, shown_of, formats_of = (
        _by_row(places, first_column) for places in (sheet_info.texts, sheet_info.shown, sheet_info.formats)
    )
    for index, row in enumerate(rows):
        if most is not None and index >= most:
            break
        texts = [value if type(value) is str else cell_text(value) for value in row]
        for place, text in texts_of.get(index, ()):
            if place < len(texts):
                texts[place] = text
        count.add(index + 1, texts)
        batch.append(texts)
        found = [*shown_of.get(index, ()), *_shown(row, formats_of.get(index, ()))]
        shown += [(index + 1, place + first_column, text) for place, text in found]
        if len(batch) == ROWS_AT_A_TIME:
            _say_batch(batch, shown)
            batch, shown = [], []
    _say_batch(batch, shown)


def _by_row(places: Mapping[tuple[int, int], str], first_column: int) -> dict[int, list[tuple[int, str]]]:
    """Return {row from 0: [(place in it from 0, thing)]} of {(row, column), from 1: thing}."""
    found: dict[int, list[tuple[int, str]]] = {}
    for (row, column), thing in places.items():
        if column >= first_column:
            found.setdefault(row - 1, []).append((column - first_column, thing))
    return found


def _shown(row: Sequence[object], formats: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str | None]]:
    """Yield (place, text that a cell shows, None where that is not known) of the cells of a row with formats."""
    for place, code in formats:
        if place >= len(row) or isinstance(row[place], str | bool):
            continue
        try:
            yield place, number_formats.shown(row[place], code)
        except number_formats.UnknownFormat:
            yield place, None


def _say_batch(batch: list[list[str]], shown: list[tuple[int, int, str | None]]) -> None:
    say(batch)
    if shown:
        say({"shown": shown})


def say_tables(
    tables: Iterable[tuple[list[list[str]], list[list[int]], str, list[list[Any]]]], notes: list[str]
) -> None:
    """Say the tables of a Word file; each says the `notes` about all of it."""
    for rows, merged, title, filled in tables:
        say(
            {
                "kind": "Word table (.docx)",
                "sheet": "",
                "is_whole": True,
                "rows_total": len(rows),
                "first_row": 1,
                "first_column": 1,
                "merged": merged,
                "formulas": [],
                "filled": filled,
                "notes": notes,
                "title": title,
            }
        )
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            say(rows[start : start + ROWS_AT_A_TIME])
