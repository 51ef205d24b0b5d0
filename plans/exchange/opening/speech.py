"""What the process that opens files says: lines of JSON on its standard output."""

import json
import sys

from plans.exchange.opening.cells import CELL_CHARACTERS, cell_text
from plans.exchange.opening.refusal import Refused

ROWS_AT_A_TIME = 500


def say(thing):
    """Write a line. Raises `Refused` for rows with a cell that is longer than any text that a person wrote."""
    line = json.dumps(thing, ensure_ascii=False)
    if isinstance(thing, list) and len(line) > CELL_CHARACTERS:
        longest = max((len(text) for texts in thing for text in texts), default=0)
        if longest > CELL_CHARACTERS:
            raise Refused(f"A cell holds {longest:,} characters, and {CELL_CHARACTERS:,} can be read. Shorten it.")
    sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass") + b"\n")


def say_rows(rows, errors, most):
    """Say the texts of rows of values, `most` of them; `errors` are {(row, column), from 0: text to say instead}."""
    batch = []
    for index, row in enumerate(rows):
        if most is not None and index >= most:
            break
        texts = [value if type(value) is str else cell_text(value) for value in row]
        if errors:
            texts = [errors.get((index, place), text) for place, text in enumerate(texts)]
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
        say(rows)
