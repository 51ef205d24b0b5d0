"""The small files that go with the cases, and what reading one gives."""

from pathlib import Path

from plans.spreadsheets.reading.headings import match_headings
from plans.spreadsheets.reading.read import read_table

INPUTS = Path(__file__).parent / "inputs"


def input_file(name):
    """The bytes of a file of the cases."""
    return (INPUTS / name).read_bytes()


def pasted(text):
    """The table that comes of a text pasted into the box on the page, which is kept as a file in UTF-8."""
    return read_table(text.encode(), "")


def cells_of(table):
    """The rows of a table as [{heading of ours, else as written: text}]."""
    names = [match.heading or match.written for match in match_headings(table.headings, table.columns)]
    return [dict(zip(names, row.cells, strict=True)) for row in table.rows]
