"""Workbooks and Word files, opened by a process of its own that cannot take more than its share."""

import json
import logging
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer

from plans.exchange.files.table import UnreadableFile

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
COMMAND = "import sys; sys.path.insert(0, sys.argv[1]); from plans.exchange.opening.child import main; main()"
OUT_OF_MEMORY = (3, -signal.SIGABRT, -signal.SIGSEGV)
OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
TOO_MUCH = (
    "The file needs more than {} MB of memory to open. Delete what stands far from the activities, other sheets and "
    "pictures, or send it as CSV UTF-8."
)
TOO_LONG = "The file takes longer than {} seconds to open. Keep only its sheet of activities, or send it as CSV UTF-8."
DAMAGED = "The file cannot be opened: it seems to be damaged. Open it, save it under another name, and send that."


@dataclass
class Grid:
    """A table as a file has it, before anything is known about its headings.

    `rows` are [(row of the file, from 1; texts of its cells)]; their first cell stands in column `first_column`.
    `merged` are [first row, last row, column] and `formulas` [row, column], as the file counts, from 1.
    `rows_total` is how many there are to read; without `is_whole` they are only the first of the sheet.
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
    notes: list[str] = field(default_factory=list)

    def take(self, texts):
        """Add rows that stand under those that are here."""
        self.rows += enumerate(texts, start=self.first_row + len(self.rows))


@dataclass
class Opened:
    """What is in a file: the names of its sheets, and the grids that were read."""

    names: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)


def open_packed(content, limits, *, sheet="", only_names=False, on_progress=None):
    """Answer what is `Opened` of a workbook or Word file. Raises `UnreadableFile`.

    Without `sheet` it is the sheet "Activities" or the only one; where there is neither, the tops of all sheets.
    """
    opened, is_whole = Opened(), False
    with _child(content, {"sheet": sheet, "only_names": only_names, **asdict(limits)}) as child:
        for line in child.stdout:
            message = json.loads(line)
            if isinstance(message, list):
                opened.grids[-1].take(message)
                if on_progress and opened.grids[-1].is_whole:
                    on_progress(len(opened.grids[-1].rows), opened.grids[-1].rows_total)
            elif "refused" in message:
                raise UnreadableFile(message["refused"])
            elif "names" in message:
                opened.names = message["names"]
            elif "end" in message:
                is_whole = True
            else:
                opened.grids.append(Grid(**message))
    if not is_whole:
        raise UnreadableFile(_why_it_ended(child.returncode, limits))
    return opened


@contextmanager
def _child(content, request):
    """Start the process with the file in its hands, and see to it that it is gone afterwards."""
    command = [sys.executable, "-I", "-c", COMMAND, str(ROOT)]
    with TemporaryFile() as file, TemporaryFile() as errors:
        file.write(json.dumps(request).encode() + b"\n" + content)
        file.seek(0)
        with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            command, stdin=file, stdout=subprocess.PIPE, stderr=errors, env=_surroundings()
        ) as child:
            clock = Timer(request["max_seconds"], child.kill)
            clock.start()
            try:
                yield child
                child.wait()
            finally:
                clock.cancel()
                child.kill()
        # Not reached by what was refused, which is said already.
        if child.returncode:
            errors.seek(0)
            said = errors.read(2000).decode("utf-8", "replace")
            logger.warning("Opening a file ended with %s: %s", child.returncode, said)


def _surroundings():
    """Answer what the process may know of this one: where its libraries are, and none of the site's secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    # To draw up where it failed would take the library more memory than it has.
    return {**kept, "RUST_BACKTRACE": "0"}


def _why_it_ended(code, limits):
    if code in OUT_OF_MEMORY:
        return TOO_MUCH.format(limits.max_memory_mb)
    return TOO_LONG.format(limits.max_seconds) if code in OUT_OF_TIME else DAMAGED
