"""The command: measures on both engines, each in a process of its own, and prints one table."""

import argparse
import json
import sys
import tempfile
import traceback
from pathlib import Path

from benchmarks.databases import POSTGRESQL, SQLITE, start
from benchmarks.importing.memory import measure_peak
from benchmarks.machine import describe
from benchmarks.serving import run_python
from benchmarks.table import Figure, attempt, last_line, render
from benchmarks.timing import Pair

ROWS, STOCK_ROWS, ROUNDS = 10_000, 500, 3
MOST_MEGABYTES = 300


def main(arguments):
    """Measure what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks/import.py", description=__doc__)
    parser.add_argument("--full", action="store_true", help="stock imports the whole file, too: some 20 minutes more")
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the file")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often everything is measured, in turn")
    parser.add_argument("--engine", choices=(SQLITE, POSTGRESQL), nargs="+", default=[SQLITE, POSTGRESQL])
    options = parser.parse_args(arguments)
    stock_rows = options.rows if options.full else min(STOCK_ROWS, options.rows)
    figures, engines = [], []
    for name in options.engine:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            with start(name) as engine:
                engines.append(f"{name} {engine.version}")
                measure_engine(figures, engine, options.rows, stock_rows, options.rounds)
        except Exception as problem:  # noqa: BLE001 - what can be measured is measured all the same
            traceback.print_exc()
            figures.append(Figure("everything", name, "", why_not=last_line(problem)))
    print("\n".join([describe(engines), "", *render(figures)]))


def measure_engine(figures, engine, rows, stock_rows, rounds):
    """Add to `figures` all that is measured on an engine."""
    url = engine.copy()
    with tempfile.TemporaryDirectory(prefix="rocc-bench-") as folder:
        file = Path(folder) / "plan.xlsx"
        measured = run_python(
            url, "-m", "benchmarks.importing.measuring", *map(str, (rows, stock_rows, rounds)), str(file)
        )
        add_times(figures, engine.name, json.loads(measured), rows, stock_rows)
        what, target = f"most memory: check + apply of {rows:,} rows", f"≤ {MOST_MEGABYTES} MB"
        attempt(figures, what, engine.name, target, lambda: _alone(0, measure_peak(url, file), "MB"))


def add_times(figures, engine, seconds, rows, stock_rows):
    """Add to `figures` what took so many `seconds` {name: median}; what stock took is scaled to all `rows`."""
    many, of = rows / stock_rows, "" if stock_rows == rows else f", ×{rows / stock_rows:g} of {stock_rows:,} rows"
    stock = {stage: many * seconds[f"stock_{stage}"] for stage in ("check", "apply")}
    both = seconds["check"] + seconds["apply"]
    bare = seconds["check_bare"] + seconds["apply_bare"]
    for what, floor, ours, target in (
        (f"reading {rows:,} rows × 10, beside calamine", seconds["calamine"], seconds["read_table"], ""),
        (f"check + apply, beside stock{of}", sum(stock.values()), both, "≤ 0.05"),
        ("check + apply, beside plain inserts", seconds["floor"], both, "≤ 10"),
        ("… the same, with no receipt", seconds["floor"], bare, ""),
        (f"check, beside stock's dry run{of}", stock["check"], seconds["check"], ""),
        (f"apply, beside stock's{of}", stock["apply"], seconds["apply"], ""),
        ("check with nothing kept", 0, seconds["check_bare"], ""),
        ("apply with no receipt, of what was checked", 0, seconds["apply_bare"], ""),
        ("check of an export with every title changed", 0, seconds["change_check"], ""),
        ("apply of an export with every title changed", 0, seconds["change_apply"], ""),
        (f"CSV of {rows:,} rows, beside its writer", seconds["csv_floor"], seconds["csv"], "≤ 2"),
        (f"Excel of {rows:,} rows, beside its writer", seconds["xlsx_floor"], seconds["xlsx"], "≤ 2"),
    ):
        figures.append(Figure(what, engine, target, **_alone(floor, ours, "s")))


def _alone(floor, ours, unit):
    return {"alone": Pair(floor, ours), "unit": unit}
