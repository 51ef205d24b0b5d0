"""What a worker holds in memory, and how soon after its start a site answers."""

from statistics import median

import psutil

from benchmarks.serving import serve
from benchmarks.table import attempt
from benchmarks.timing import Pair

STARTS = 3


def measure_workers(figures, engine, server):
    """Add to `figures` the memory of the largest worker of a server that has been at work."""
    attempt(
        figures, "memory of a worker (resident, shared pages included)", engine, "≤ 120 MB", _largest, server, "rss"
    )
    attempt(figures, "memory of a worker (its share of shared pages)", engine, "≤ 120 MB", _largest, server, "pss")


def _largest(server, kind):
    workers = psutil.Process(server.pid).children()
    return {"alone": Pair(0, max(getattr(one.memory_full_info(), kind) for one in workers) / 1e6), "unit": "MB"}


def measure_start(figures, database):
    """Add to `figures` the seconds from starting the server to having its first page."""
    attempt(figures, "start to first page", database.engine, "≤ 2 s", _start, database)


def _start(database):
    starts = []
    for _ in range(STARTS):
        with serve(database.url, first_path="/plans/year-two/") as server:
            starts.append(server.start_seconds)
    return {"alone": Pair(0, median(starts)), "unit": "s"}
