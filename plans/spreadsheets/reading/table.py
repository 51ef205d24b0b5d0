"""What a file holds: rows of text under headings, each row with the place where the file has it."""

from dataclasses import dataclass


class UnreadableFile(ValueError):
    """A file that is not the spreadsheet that it should be; its text is a sentence that says how to mend it."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that is not blank. `row` counts as the file does, from 1; `cells` are as wide as the headings.

    A cell is tidy text, as CSV would hold it: dates in ISO form, whole numbers without a point, blank as "".
    """

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as it stands in a file.

    `headings` are as written, from the row `heading_row`; `columns` are their places in the file, from 1, since
    hidden or blank columns may be left out; `sheet` is the name of the sheet, blank where there is none. `kind` is
    what the file was found to be, in words ("Excel workbook"); `notes` are sentences about how it was read.
    `ticks` is the sheet beside it that says which sub-activities are done, its headings spelt as ours; None where
    there is none. `sheets` are the names of all sheets of the file, in their order.
    """

    kind: str
    sheet: str
    heading_row: int
    headings: tuple[str, ...]
    columns: tuple[int, ...]
    rows: list[TableRow]
    notes: tuple[str, ...] = ()
    ticks: "Table | None" = None
    sheets: tuple[str, ...] = ()
