"""What the process that opens files says: lines of JSON on its standard output."""

import json
import sys

from plans.spreadsheets.reading.cells import cell_text
from plans.spreadsheets.reading.limits import CellCount

ROWS_AT_A_TIME = 500


def say(thing):
    """Write a line."""
    line = json.dumps(thing, ensure_ascii=False)
    sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass") + b"\n")


def say_rows(rows, errors, most, limits):
    """Say the texts of rows of values, `most` of them; `errors` are {(row, column), from 0: text to say instead}.

    Raises `Refused` for more cells or more text than `limits` allow.
    """
    batch, count = [], CellCount(limits)
    for index, row in enumerate(rows):
        if most is not None and index >= most:
            break
        texts = [value if type(value) is str else cell_text(value) for value in row]
        if errors:
            texts = [errors.get((index, place), text) for place, text in enumerate(texts)]
        count.add(index + 1, texts)
        batch.append(texts)
        if len(batch) == ROWS_AT_A_TIME:
            say(batch)
            batch = []
    say(batch)


def say_tables(tables):
    """Say the tables of a Word file."""
    for rows, merged in tables:
        say(
            {
                "kind": "Word table (.docx)",
                "sheet": "",
                "is_whole": True,
                "rows_total": len(rows),
                "first_row": 1,
                "first_column": 1,
                "merged": merged,
                "formulas": [],
            }
        )
        for start in range(0, len(rows), ROWS_AT_A_TIME):
            say(rows[start : start + ROWS_AT_A_TIME])
