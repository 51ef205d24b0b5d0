"""What the machine, or the container, gives this site: processors and memory."""

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
WORKER_BYTES = 160 << 20


def workers(cgroup=CGROUP):
    """Return how many web server processes suit the machine: one a processor, from 2 to 8, as far as memory goes.

    Pages are made by the processor, so more processes than processors would only wait for each other; two keep one
    reader from waiting for another's export. A process takes up to 120 MB, and 160 are counted.
    """
    suited = min(max(processors(cgroup), 2), 8)
    memory = memory_bytes(cgroup)
    return suited if memory is None else max(min(suited, memory // WORKER_BYTES), 1)


def processors(cgroup=CGROUP):
    """Return how many processors may be used, rounded up: those there are, or fewer where a container says so."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _read(cgroup / "cpu.max").partition(" ")
    if not (quota.isdigit() and period.isdigit() and int(period)):
        return there
    return min(there, max(-(-int(quota) // int(period)), 1))


def memory_bytes(cgroup=CGROUP):
    """Return how much memory a container may use; None where nothing says so."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        said = _read(cgroup / name)
        # The older kind of container says a number beyond all machines when there is no limit.
        if said.isdigit() and int(said) < 1 << 60:
            return int(said)
    return None


def _read(path):
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
