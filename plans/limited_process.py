"""Processes that do what may take too much: limited in memory and time, with none of the site's secrets.

They open the files that people bring, and write copies of packs. What they may know is what they are given.
"""

import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import IO, Any

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]
COMMAND = "import sys; sys.path.insert(0, sys.argv[1]); from {} import main; main()"
TURN_SECONDS = 0.1


@contextmanager
def limited_process(
    module: str,
    request: Mapping[str, Any],
    content: bytes,
    *,
    stdout: int | IO[bytes] = subprocess.PIPE,
    is_leader: bool = False,
    expected: Collection[int] = (0,),
    surroundings: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `main` of a module with a request and the bytes of a file, and see to it that it is gone afterwards.

    `request` holds `max_seconds` and `max_memory_mb`, to which the process holds itself. A leader takes the processes
    that it starts along when its time is over. Its `returncode` is known after the block; another than those `expected`
    is logged, with what the process complained of. `surroundings` are added to its environment.
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
            env={**_surroundings(), **(surroundings or {})},
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
        if child.returncode not in expected:
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
