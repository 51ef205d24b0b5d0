"""The small files that go with the cases, and what reading one gives."""

from pathlib import Path

from plans.spreadsheets.reading.headings import match_headings

INPUTS = Path(__file__).parent / "inputs"


def input_file(name):
    """The bytes of a file of the cases."""
    return (INPUTS / name).read_bytes()


def cells_of(table):
    """The rows of a table as [{heading of ours, else as written: text}]."""
    names = [match.heading or match.written for match in match_headings(table.headings, table.columns)]
    return [dict(zip(names, row.cells, strict=True)) for row in table.rows]
