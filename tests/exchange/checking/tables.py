"""Tables as the readers make them, and what a check says of one."""

from plans.exchange.files.table import Table, TableRow


def make_table(headings, *rows):
    """A table as the readers make it; `headings` are parted by commas, a row is as wide as it says."""
    headings = tuple(heading.strip() for heading in headings.split(","))
    padded = [tuple(row) + ("",) * (len(headings) - len(row)) for row in rows]
    found = [TableRow(place, cells) for place, cells in enumerate(padded, start=2) if any(cells)]
    return Table("CSV", "", 1, headings, tuple(range(1, len(headings) + 1)), found)


def changes(checked):
    """[(row, number, {heading: (old, new)})] of what differs."""
    return [
        (one.row, one.number, {change.column: (change.old, change.new) for change in one.changes})
        for one in checked.rows
        if one.changes
    ]


def errors(checked):
    """[(row, heading, sentence)] of what is wrong."""
    return [(one.row, error.column, error.message) for one in checked.rows for error in one.errors]


def kinds(checked):
    """[(row, number, kind)] of the rows of the file."""
    return [(one.row, one.number, one.kind.value) for one in checked.rows if one.row]
