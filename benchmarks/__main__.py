"""`python -m benchmarks`: measures everything and prints one table; `benchmarks/README.md` says what each figure means.

It measures and does not judge: it ends with 0 whatever it finds, and names what it could not measure.
"""

import argparse
import contextlib
import signal
import sys
import time
import traceback
from dataclasses import dataclass, replace

from benchmarks.as_at import make_history, measure_as_at
from benchmarks.checks import measure_checks
from benchmarks.client_cost import measure_client
from benchmarks.comparison import measure_comparison
from benchmarks.databases import POSTGRESQL, SQLITE, start
from benchmarks.files import measure_files, measure_memory
from benchmarks.lists import measure_list
from benchmarks.load_figures import measure_load
from benchmarks.machine import describe
from benchmarks.pages import Site, measure_pages
from benchmarks.peers import measure_peers
from benchmarks.scale import measure_scale
from benchmarks.serving import ROOT, collect_static, serve
from benchmarks.table import Figure, Table, last_line
from benchmarks.timing import Effort
from benchmarks.workers import measure_start, measure_workers

FILE = ROOT / "var" / "bench.md"
LOAD_ACTIVITIES = 100
STOCK, STOCK_PAGE = "benchmarks.stock_admin", "/plain/jsi18n/"


@dataclass(frozen=True)
class Extent:
    """How much is measured: how long each figure is looked at, and how large everything is.

    `few` and `many` are the activities of a plan, `plans` the plans of `few` activities in the large database. With
    0 seconds without rest, that part of the load run is left out. `peers` are the sizes that are compared with stock.
    """

    effort: Effort
    few: int
    many: int
    plans: int
    load_seconds: int
    restless_seconds: int
    peers: tuple[int, ...]


FULL = Extent(Effort(rounds=3, calls=60, seconds=0.7), 1_000, 10_000, 1_000, 60, 15, (1_000, 10_000))
QUICK = Extent(Effort(rounds=1, calls=20, seconds=0.15), 200, 1_000, 10, 5, 0, (200,))


def pages(figures, engine, extent):
    """The pages of the Year Two plan, and the workers that served them."""
    database = engine.make()
    with _sites(database, extent) as (site, server):
        measure_pages(figures, site)
        measure_workers(figures, database.engine, server)
    measure_start(figures, database)


def lists(figures, engine, extent):
    """Filtered lists of large plans, plan checks, and two moments compared."""
    database = engine.make((1, extent.few, 1), (1, extent.many, 2))
    with _sites(database, extent) as (site, _):
        measure_list(figures, site, "plan-1", extent.few)
        measure_list(figures, site, "plan-2", extent.many)
        measure_checks(figures, site, "plan-2", extent.many)
        measure_comparison(figures, site, "plan-2", extent.many)


def as_at(figures, engine, extent):
    """Pages and a file of large plans as at an earlier day."""
    database = engine.make((1, extent.few, 1), (1, extent.many, 2))
    make_history(database)
    with _sites(database, extent) as (site, _):
        measure_as_at(figures, site, "plan-1", extent.few, 2)
        measure_as_at(figures, site, "plan-2", extent.many, 3)


def files(figures, engine, extent):
    """Exports of large plans."""
    database = engine.make((1, extent.few, 1), (1, extent.many, 2))
    with _sites(database, extent) as (site, _):
        measure_files(figures, site, "plan-2", extent.many)
    measure_memory(figures, database, {extent.few: "plan-1", extent.many: "plan-2"})


def scale(figures, engine, extent):
    """Pages among many plans, in PostgreSQL; a small programme is what SQLite is for."""
    if engine.name != POSTGRESQL:
        return
    middle = extent.plans // 2
    small, large = engine.make((1, extent.few, middle)), engine.make((extent.plans, extent.few, 1))
    with _sites(small, extent) as (one, _), _sites(large, extent) as (many, _):
        measure_scale(figures, one, many, middle, extent.plans)


def load(figures, engine, extent):
    """Many people at once."""
    database = engine.make((1, LOAD_ACTIVITIES, 1))
    with serve(database.url) as server:
        measure_load(figures, server, database, "plan-1", extent.load_seconds, extent.restless_seconds)


def peers(figures, engine, extent):
    """Lists and an activity beside stock Django's admin, for plans of each size in a database of their own."""
    for activities in extent.peers:
        database = engine.make((1, activities, 1))
        with serve(database.url) as ours, serve(database.url, application=STOCK, first_path=STOCK_PAGE) as stock:
            measure_peers(figures, ours.address, stock.address, database, "plan-1", activities, extent.effort)


PARTS = {part.__name__: part for part in (pages, lists, as_at, files, scale, load, peers)}


@contextlib.contextmanager
def _sites(database, extent):
    """Serve the tracker and the bare view; gives (`Site`, `Server` of the tracker)."""
    with (
        serve(database.url) as server,
        serve(database.url, application="benchmarks.bare", first_path="/") as bare,
    ):
        yield Site(server.address, bare.address, database, extent.effort), server


def main(arguments):
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="look at everything for a moment, in small")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), help="parts to measure")
    parser.add_argument("--engine", choices=(SQLITE, POSTGRESQL), nargs="+", default=[SQLITE, POSTGRESQL])
    parser.add_argument("--activities", type=int, nargs="+", help="sizes of plans for the part `peers`")
    options = parser.parse_args(arguments)
    extent = QUICK if options.quick else FULL
    if options.activities:
        extent = replace(extent, peers=tuple(options.activities))
    table, engines, said = Table(FILE), [], []
    try:
        _measure(table, engines, options, extent)
    except SystemExit:
        # What was measured until then is worth having.
        said = ["Ended before its time."]
        raise
    finally:
        print(table.finish(describe(engines), *said))


def _measure(figures, engines, options, extent):
    """Add to `figures` what the options ask for, and to `engines` what it was measured on, in words."""
    with _noting(figures, "static files", "both"):
        collect_static()
    measure_client(figures)
    for name in options.engine:
        with _noting(figures, "everything", name), start(name) as engine:
            engines.append(f"{name} {engine.version}")
            for part in options.only:
                with _noting(figures, part, name):
                    PARTS[part](figures, engine, extent)


@contextlib.contextmanager
def _noting(figures, what, engine):
    """Say what is going on and how long it took; note what ended it before its time, and go on after it."""
    started = time.monotonic()
    print(f"{engine}: {what} …", file=sys.stderr, flush=True)
    try:
        yield
    except Exception as problem:  # noqa: BLE001 - what can be measured is measured all the same
        traceback.print_exc()
        figures.append(Figure(what, engine, "", why_not=last_line(problem)))
    finally:
        print(f"{engine}: {what} took {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # Being told to end is a reason to tidy up, and to print the table.
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda number, _: sys.exit(128 + number))
    main(sys.argv[1:])
