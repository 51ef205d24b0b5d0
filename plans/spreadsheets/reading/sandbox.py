"""The sandbox: processes that take files apart, limited in memory and time, with none of the site's secrets."""

import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any

from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.spreadsheets.reading.protocol import NOT_THIS_WAY, OUT_OF_MEMORY

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
COMMAND = "import sys; sys.path.insert(0, sys.argv[1]); from {} import main; main()"
NO_MEMORY_CODES = (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV)
NO_TIME_CODES = (-signal.SIGXCPU, -signal.SIGKILL)
TURN_SECONDS = 0.1


@contextmanager
def limited_process(
    module: str,
    request: Mapping[str, Any],
    content: bytes,
    *,
    stdout: int | IO[bytes] = subprocess.PIPE,
    is_leader: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `main` of a module with a request and the bytes of a file, and see to it that it is gone afterwards.

    `request` holds `max_seconds` and `max_memory_mb`, to which the process holds itself. A leader takes the processes
    that it starts along when its time is over. Its `returncode` is known after the block.
    """
    command = [sys.executable, "-I", "-c", COMMAND.format(module), str(ROOT)]
    with TemporaryFile() as file, TemporaryFile() as errors:
        file.write(json.dumps(request).encode() + b"\n" + content)
        file.seek(0)
        with subprocess.Popen(  # noqa: S603 - nothing in it comes from outside
            command,
            stdin=file,
            stdout=stdout,
            stderr=errors,
            env=_surroundings(),
            process_group=0 if is_leader else None,
        ) as child:
            end = _end_group if is_leader else _end_alone
            clock = Timer(request["max_seconds"], end, [child])
            clock.start()
            try:
                yield child
                # It keeps its number until it is asked how it ended, so that the group is still its own.
                os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
            finally:
                clock.cancel()
                end(child)
        # Not reached by what was refused, which is said already.
        if child.returncode not in (0, NOT_THIS_WAY):
            errors.seek(0)
            said = errors.read(2000).decode("utf-8", "replace")
            logger.warning("%s ended with %s: %s", module, child.returncode, said)


class NoTurn(Exception):
    """Others are at work, and have been for longer than anybody should wait."""


@contextmanager
def take_turn(name: str, *, places: int, wait_seconds: float) -> Iterator[None]:
    """Hold one of so many `places` of this machine, for which all its processes queue. Raises `NoTurn`.

    The places are locks on files, which the system lets go of when their holder dies.
    """
    paths = [Path(tempfile.gettempdir()) / f"rocc-{os.getuid()}-{name}-{place}.lock" for place in range(places)]
    files = [os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600) for path in paths]
    try:
        until = time.monotonic() + wait_seconds
        while not any(map(_is_taken_now, files)):
            if time.monotonic() > until:
                raise NoTurn
            time.sleep(TURN_SECONDS)
        yield
    finally:
        for file in files:
            os.close(file)


def _is_taken_now(file: int) -> bool:
    """Return whether a lock could be taken."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_alone(child: subprocess.Popen[bytes]) -> None:
    child.kill()


def _end_group(child: subprocess.Popen[bytes]) -> None:
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _surroundings() -> dict[str, str]:
    """Return what the process may know of this one: where its libraries are, and none of the site's secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    # To draw up where it failed would take the library more memory than it has.
    return {**kept, "RUST_BACKTRACE": "0"}


MODULE = "plans.spreadsheets.reading.child"
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
    with limited_process(MODULE, request, content) as child:
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
