"""Which process is at work on an import, and ending that one and no other."""

import logging
import os
import select
import signal
import socket
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

GONE_AFTER_SECONDS = 5
BOOT, NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
STARTED_AT = 19
"""The place of the start time, in ticks since the machine started, among the words after the name in /proc/PID/stat."""


def identify(pid):
    """Return what tells a process from all others, on this machine and elsewhere, as `Import.job` keeps it."""
    return {**_here(), "pid": pid, "started": _started(pid)}


def end_process(job):
    """Kill the process that `identify` has described, and wait until it is gone; return whether it was there.

    Another process that was given its number since is left alone, and so is everything on another machine: there the
    claim on the import keeps the process from saving anything.
    """
    if not job or {name: job.get(name) for name in _here()} != _here() or job.get("started") is None:
        return False
    try:
        # Stands for one process for as long as it is open, whatever becomes of the number.
        handle = os.pidfd_open(job["pid"])
    except OSError:
        return False
    try:
        return _started(job["pid"]) == job["started"] and _kill(handle, job)
    finally:
        os.close(handle)


def _kill(handle, job):
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError as error:
        logger.warning("Process %s, at work on an import, cannot be ended: %s", job["pid"], error)
        return False
    select.select([handle], [], [], GONE_AFTER_SECONDS)
    return True


def _here():
    """Return the machine, its present run, and the group of processes among which a number is unique."""
    return {"host": socket.gethostname(), "boot": _read(BOOT), "namespace": _namespace()}


def _namespace():
    with suppress(OSError):
        return str(NAMESPACE.readlink())
    return ""


def _started(pid):
    """Return when a process started, None when there is none or the system does not tell."""
    # The name is in brackets, and may hold anything.
    words = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(words[STARTED_AT]) if len(words) > STARTED_AT else None


def _read(path):
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()
    return ""
