"""The value of a cell as text, as CSV would hold it; and what a place in a sheet is called."""

from datetime import date, datetime

PRECISION = ".15g"
"""Excel keeps fifteen digits; more than that is noise of the arithmetic."""


def cell_text(value):
    """Answer the text of a value: dates in ISO form, whole numbers without a point, yes and no as Excel writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, PRECISION)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.time().min else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def place_name(row, column):
    """Answer what a spreadsheet calls the cell in `row` and `column`, both from 1: "B2"."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def column_number(letters):
    """Answer the number of a column from 1: 28 for "AB"."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
