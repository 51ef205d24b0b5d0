"""What the exports of a large plan take, beside a writer of the same cells that keeps none; and their memory."""

import csv
import io
import re
from datetime import date, datetime
from pathlib import Path

import psutil
from xlsxwriter import Workbook

from benchmarks.client import Connection
from benchmarks.pages import asking, expect
from benchmarks.serving import serve
from benchmarks.table import attempt
from benchmarks.timing import Pair, time_in_turn

# The writers compress nothing either.
AS_IT_IS = {"Accept_Encoding": "identity"}
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def measure_files(figures, site, slug, rows):
    """Add to `figures` what CSV and Excel of that plan take, one at a time."""
    path = f"/plans/{slug}/activities"
    for name, ending, most, write in (("CSV", "csv", 2, write_csv), ("Excel", "xlsx", 1.5, write_xlsx)):
        what = f"{name} of {rows:,} rows"
        attempt(figures, what, site.database.engine, f"≤ {most}", _in_turn, site, path, ending, write)


def _in_turn(site, path, ending, write):
    body = expect(200, Connection(site.address).get(f"{path}.csv", **AS_IT_IS), path).body
    cells = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    makers = [lambda: lambda: write(cells), asking(site.address, f"{path}.{ending}", **AS_IT_IS)]
    return {"alone": Pair(*time_in_turn(makers, 1, site.effort))}


class _Nowhere(io.RawIOBase):
    """Takes what is written and keeps nothing."""

    def writable(self):
        return True

    def write(self, data):
        return len(data)


def write_csv(cells):
    """Write the cells (lists of texts) as CSV in UTF-8."""
    with io.TextIOWrapper(io.BufferedWriter(_Nowhere()), encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(cells)


def write_xlsx(cells):
    """Write the cells as an Excel workbook row by row: numbers and days as such, all else as text."""
    with Workbook(io.BytesIO(), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "d mmmm yyyy"})
        for row, texts in enumerate(cells):
            for column, text in enumerate(texts):
                if text.isdigit():
                    sheet.write_number(row, column, int(text))
                elif DAY.fullmatch(text):
                    sheet.write_datetime(
                        row, column, datetime.combine(date.fromisoformat(text), datetime.min.time()), day
                    )
                else:
                    sheet.write_string(row, column, text)


def measure_memory(figures, database, sizes):
    """Add to `figures` the most memory a fresh worker ever held for the CSV of each plan of `sizes` {rows: slug}."""
    few, many = sizes
    what = f"most memory of a worker: CSV of {many:,} rows beside {few:,}"
    attempt(figures, what, database.engine, "≈ 1", _peaks, database, [sizes[few], sizes[many]])


def _peaks(database, slugs):
    return {"alone": Pair(*(_peak_megabytes(database, slug) for slug in slugs)), "unit": "MB"}


def _peak_megabytes(database, slug):
    with serve(database.url, workers=1) as server:
        path = f"/plans/{slug}/activities.csv"
        expect(200, Connection(server.address).get(path), path)
        (worker,) = psutil.Process(server.pid).children()
        status = Path(f"/proc/{worker.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1000
