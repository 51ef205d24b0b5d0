"""`python -m benchmarks.importing.measuring ROWS STOCK_ROWS ROUNDS FILE`: measures in the database of `DATABASE_URL`.

FILE is where it leaves the file of so many rows for others. Everything takes turns, so that whatever else the machine
does slows all alike; each time into a plan of its own. Prints {name of what was measured: its median in seconds} as
JSON, and the number of each round on standard error.
"""

import json
import os
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import django


class Stopwatch:
    """Takes times by name."""

    def __init__(self):
        """Nothing is measured yet."""
        self._seconds = defaultdict(list)

    @contextmanager
    def time(self, name):
        """Time the block."""
        start = time.perf_counter()
        yield
        self._seconds[name].append(time.perf_counter() - start)

    def medians(self):
        """Answer {name: median in seconds}."""
        return {name: median(found) for name, found in self._seconds.items()}


def prepare():
    """Make Django ready for whatever is measured."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rocc.settings")
    django.setup()


def measure(rows, stock_rows, rounds, file):
    """Answer {name: median seconds} of all that is measured with a file of so many rows, kept as `file`."""
    from benchmarks.importing.round import Round  # noqa: PLC0415 - it reads models, for which Django has to be ready

    watch = Stopwatch()
    # What is done for the first time loads libraries, which is nobody's fault.
    Round(Stopwatch(), rows=20, stock_rows=20).run()
    one = Round(watch, rows, stock_rows)
    file.write_bytes(one.content)
    for number in range(1, rounds + 1):
        print(f"  round {number} of {rounds} …", file=sys.stderr, flush=True)
        one.run()
    return watch.medians()


if __name__ == "__main__":
    prepare()
    *numbers, path = sys.argv[1:]
    print(json.dumps(measure(*map(int, numbers), Path(path))))
