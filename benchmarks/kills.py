"""`python -m benchmarks.kills [COUNT]`: kills imports at random moments, on both engines; none may leave a plan torn.

Each import writes 200 activities with their agencies, sub-activities, statuses and history. The process that applies
it gets SIGKILL after a random part of one and a half times the time that it takes. Then the plan has to be as before
or as after, and the next import has to go through. Exits with 1 when one was in between.
"""

import json
import sys

from benchmarks.databases import POSTGRESQL, SQLITE, start
from benchmarks.serving import run_python

COUNT = 200
SECONDS = 1200
ROWS = 200


def main(count):
    """Kill `count` imports on each engine; answer whether none left a plan in between."""
    is_whole = True
    for name in (SQLITE, POSTGRESQL):
        with start(name) as engine:
            amounts = map(str, (count, SECONDS, ROWS))
            found = json.loads(run_python(engine.copy(), "-m", "benchmarks.killing", *amounts))
        kills = found["before"] + found["after"] + found["between"]
        print(
            f"{engine.name} {engine.version}: {kills} kills within {found['apply_seconds']:.2f} s of an import: "
            f"{found['before']} as before, {found['after']} as after, {found['between']} in between; "
            f"kills in each tenth of its time: {found['kills_by_tenth']}"
        )
        is_whole = is_whole and not found["between"]
    return is_whole


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT) else 1)
