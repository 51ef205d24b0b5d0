"""Holding this process to its memory and time, so that a file can hurt nobody else."""

import json
import resource
import sys

OUT_OF_MEMORY = 3
"""How a process ends that had not enough memory."""

NOT_THIS_WAY = 4
"""How a process ends that cannot do with this file what it was asked for, which is nothing to worry about."""

NO_MEMORY_SIGN = "pointer is null"
"""How the library that reads workbooks words that there was no memory for a value."""


def read_request():
    """Return (request, bytes of the file) from standard input, with this process limited as the request says."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit_itself(request)
    return request, sys.stdin.buffer.read()


def run_out_of_memory(error):
    """Whether an error means that there was not enough memory."""
    return isinstance(error, MemoryError) or NO_MEMORY_SIGN in str(error)


def _limit_itself(request):
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
