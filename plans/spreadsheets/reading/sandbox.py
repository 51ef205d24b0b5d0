"""The sandbox: a process that takes a file apart, limited in memory and time, with none of the site's secrets."""

import json
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from plans.limited_process import limited_process
from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.spreadsheets.reading.protocol import NOT_THIS_WAY, OUT_OF_MEMORY

NO_MEMORY_CODES = (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV)
NO_TIME_CODES = (-signal.SIGXCPU, -signal.SIGKILL)
MODULE = "plans.spreadsheets.reading.child"
EXPECTED = (0, NOT_THIS_WAY)
TOO_MUCH = (
    "The file needs more than {} MB of memory to open. Delete what stands far from the {}, other sheets and "
    "pictures, or send it as CSV UTF-8."
)
TOO_LONG = "The file takes longer than {} seconds to open. Keep only its sheet of {}, or send it as CSV UTF-8."
DAMAGED = "The file cannot be opened: it seems to be damaged. Open it, save it under another name, and send that."


@dataclass
class Grid:
    """A table as a file has it, before anything is known about its headings.

    `rows` are [(row of the file, from 1; texts of its cells)]; their first cell stands in column `first_column`.
    `merged` are [first row, last row, column] and `formulas` [row, column], as the file counts, from 1, as are `filled`
    [row, column, colour] of blank cells and `struck` [row, column] of those with struck-out words. `shown` is
    {(row, column): text} of cells that show something else than they hold, None where it is not known what.
    `rows_total` is how many there are to read; without `is_whole` they are only the first of the sheet. `title` are the
    words above a Word table, `titles` [(first row, title)] of those whose rows were taken over.
    """

    kind: str
    sheet: str = ""
    first_row: int = 1
    first_column: int = 1
    is_whole: bool = True
    rows_total: int = 0
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    merged: list[list[int]] = field(default_factory=list)
    formulas: list[list[int]] = field(default_factory=list)
    filled: list[list] = field(default_factory=list)
    struck: list[list[int]] = field(default_factory=list)
    shown: dict[tuple[int, int], str | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    title: str = ""
    titles: list[tuple[int, str]] = field(default_factory=list)

    def take(self, texts: Iterable[list[str]]) -> None:
        """Add rows that stand under those that are here."""
        self.rows += enumerate(texts, start=self.first_row + len(self.rows))


@dataclass
class Opened:
    """What is in a file: the names of its sheets, the grids that were read, and the sheet that was read along."""

    names: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    beside: Grid | None = None
    refused_beside: str = ""

    def hear(self, message: dict[str, Any]) -> Grid | None:
        """Take in what the process said, and return the `Grid` whose rows come next, if any."""
        if message.pop("is_beside", False):
            self.beside = Grid(**message)
            return self.beside
        if "kind" in message:
            self.grids.append(Grid(**message))
            return self.grids[-1]
        self.names = message.get("names", self.names)
        self.refused_beside = message.get("refused_beside", "")
        return None


def open_packed(
    content: bytes,
    limits: Limits,
    *,
    sheet: str = "",
    sheets: Sequence[str] = (),
    beside: str = "",
    on_progress: Callable[[int, int], object] | None = None,
) -> Opened:
    """Return what is `Opened` of a workbook or Word file, by one process. Raises `UnreadableFile`.

    Without `sheet` it is the sheet "Activities" or the only one; where there is neither, the tops of all sheets. With
    `sheets` it is all of those.
    A sheet that is read as a whole brings the one called `beside` (as `fold` has it) along, if there is one.
    """
    opened, is_whole = Opened(), False
    grid: Any = None  # rows follow the grid that they are of
    request = {"sheet": sheet, "sheets": list(sheets), "beside": beside, **asdict(limits)}
    with limited_process(MODULE, request, content, expected=EXPECTED) as child:
        for line in child.stdout or ():
            message = json.loads(line)
            if isinstance(message, list):
                grid.take(message)
                if on_progress and grid.is_whole and grid is not opened.beside:
                    on_progress(len(grid.rows), grid.rows_total)
            elif "shown" in message:
                grid.shown |= {(row, column): text for row, column, text in message["shown"]}
            elif "refused" in message:
                raise UnreadableFile(message["refused"])
            elif "end" in message:
                is_whole = True
            else:
                grid = opened.hear(message)
    if not is_whole:
        raise UnreadableFile(_why_it_ended(child.returncode, limits))
    return opened


def _why_it_ended(code: int, limits: Limits) -> str:
    if code in NO_MEMORY_CODES:
        return TOO_MUCH.format(limits.max_memory_mb, limits.noun)
    return TOO_LONG.format(limits.max_seconds, limits.noun) if code in NO_TIME_CODES else DAMAGED
