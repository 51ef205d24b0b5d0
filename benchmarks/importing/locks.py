"""How long an import keeps other writers out: `python -m benchmarks.importing.locks [ROWS…]`, on both engines.

For each number of rows a file of that many new activities is checked, imported, and undone, each as the site has it
done. A "lock" is a transaction that writes, from its beginning to its end: the longest of each stage is what somebody
who saves at the wrong moment has to wait for. On PostgreSQL only writers of the same plan wait.
"""

import argparse
import json
import sys
import time
from contextlib import contextmanager

from benchmarks.databases import POSTGRESQL, SQLITE, start
from benchmarks.machine import describe
from benchmarks.serving import run_python

ROWS = (10_000, 49_999)
STAGES = ("check", "import", "undo")


def main(arguments):
    """Measure each number of rows on each engine, and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.importing.locks", description=__doc__)
    parser.add_argument("rows", type=int, nargs="*", default=ROWS, help="rows of the file")
    parser.add_argument("--engine", choices=(SQLITE, POSTGRESQL), nargs="+", default=[SQLITE, POSTGRESQL])
    options = parser.parse_args(arguments)
    lines, engines = [], []
    for name in options.engine:
        with start(name) as engine:
            engines.append(f"{name} {engine.version}")
            for rows in options.rows:
                found = json.loads(
                    run_python(engine.copy(), "-m", "benchmarks.importing.locks", "--measure", str(rows))
                )
                lines += [_line(name, rows, stage, found[stage]) for stage in STAGES]
    print("\n".join([describe(engines), "", "| engine | rows | stage | takes | longest lock | locks |"]))
    print("\n".join(["|---|---:|---|---:|---:|---:|", *lines]))


def _line(engine, rows, stage, found):
    return f"| {engine} | {rows:,} | {stage} | {found['takes']:.2f} s | {found['longest']:.2f} s | {found['locks']} |"


class Watch:
    """Takes the time of each stage, and of each transaction in it from `BEGIN` to `COMMIT`."""

    def __init__(self):
        """Nothing is measured yet."""
        self.found, self._locks = {}, []

    @contextmanager
    def stage(self, name):
        """Time a stage."""
        self._locks, begun = [], time.perf_counter()
        yield
        takes = time.perf_counter() - begun
        self.found[name] = {"takes": takes, "longest": max(self._locks, default=0), "locks": len(self._locks)}

    def watch(self, database):
        """Have the outermost transactions of a connection timed."""
        begin, end = database.set_autocommit, database.commit
        started = []

        def set_autocommit(autocommit, *args, **kwargs):
            # Entering the outermost block turns it off; its `BEGIN` has waited for its turn by then.
            begin(autocommit, *args, **kwargs)
            if not autocommit:
                started[:] = [time.perf_counter()]

        def commit():
            end()
            if started:
                self._locks.append(time.perf_counter() - started.pop())

        database.set_autocommit, database.commit = set_autocommit, commit


def measure(rows):
    """Print {stage: {"takes", "longest", "locks"}} of one file as JSON, on the database of the environment."""
    from django.db import connection  # noqa: PLC0415 - Django has to be ready

    from benchmarks.importing import made_up, ours  # noqa: PLC0415
    from benchmarks.importing.round import admin, new_plan  # noqa: PLC0415
    from plans.spreadsheets.importing import workflow  # noqa: PLC0415

    person, plan = admin(), new_plan("locks")
    content = made_up.workbook(made_up.HEADINGS, map(made_up.as_people_write, made_up.make_up(rows)))
    source, watch = ours.keep(content, plan, person), Watch()
    connection.ensure_connection()
    watch.watch(connection)
    with watch.stage("check"):
        ours.check(source)
    with watch.stage("import"):
        ours.apply(source, person)
    with watch.stage("undo"):
        workflow.run_undo(source, person)
    assert source.state == "undone", source.problem
    print(json.dumps(watch.found))


if __name__ == "__main__":
    if "--measure" in sys.argv:
        from benchmarks.importing.measuring import prepare

        prepare()
        measure(int(sys.argv[-1]))
    else:
        main(sys.argv[1:])
