"""Holding openpyxl to what is there: one line in a workbook can stand for seventeen thousand million cells.

The library spreads merged cells, and links over a range, cell by cell. Workbooks that people make have some of them on
whole rows and columns, so these are cut to what can be imported rather than refused.
"""

from contextlib import contextmanager

from openpyxl.reader import excel
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.worksheet._reader import WorksheetReader
from openpyxl.worksheet.merge import MergeCell
from openpyxl.worksheet.worksheet import Worksheet

from plans.spreadsheets.reading.refusal import Refused

MOST_CELLS = 100_000
"""Cells of a workbook that are made for what stands on ranges, beside those that hold something."""


@contextmanager
def bounded(limits):
    """Have openpyxl make no more cells than `limits` and `MOST_CELLS` allow, in this block."""
    room = _Room(limits)

    class Reader(WorksheetReader):
        """Reads a sheet, with what stands on ranges cut to size."""

        def bind_merged_cells(self):
            if self.parser.merged_cells:
                merged = self.parser.merged_cells
                merged.mergeCell = [MergeCell(ref) for one in merged.mergeCell if (ref := room.cut(one.ref))]
            super().bind_merged_cells()

        def bind_hyperlinks(self):
            links = self.parser.hyperlinks.hyperlink
            for link in links:
                link.ref = room.cut(link.ref) or link.ref.partition(":")[0]
            super().bind_hyperlinks()

    def cells_by_row(sheet, min_col, min_row, max_col, max_row, values_only=False):
        if (max_row - min_row + 1) * (max_col - min_col + 1) > MOST_CELLS:
            raise Refused("Something in the workbook stands on more cells than can be looked at.")
        return usual[1](sheet, min_col, min_row, max_col, max_row, values_only)

    usual = excel.WorksheetReader, Worksheet._cells_by_row  # noqa: SLF001 - openpyxl's reader calls it for each row
    excel.WorksheetReader, Worksheet._cells_by_row = Reader, cells_by_row  # noqa: SLF001 - openpyxl's reader calls it for each row
    try:
        yield
    finally:
        excel.WorksheetReader, Worksheet._cells_by_row = usual  # noqa: SLF001 - openpyxl's reader calls it for each row


class _Room:
    """How many cells may still be made for what stands on ranges."""

    def __init__(self, limits):
        self.limits, self.cells_left, self.ranges_left = limits, MOST_CELLS, limits.max_ranges

    def cut(self, ref):
        """Return the part of a range in which activities may stand; None for one for which there is no room."""
        if ":" not in ref:
            return ref
        left, top, right, bottom = range_boundaries(ref)
        left, top = left or 1, top or 1
        right = min(right or self.limits.max_columns, self.limits.max_columns)
        bottom = min(bottom or self.limits.max_rows, self.limits.max_rows)
        size = (right - left + 1) * (bottom - top + 1)
        self.ranges_left -= 1
        if left > right or top > bottom or size > self.cells_left or self.ranges_left < 0:
            return None
        self.cells_left -= size
        return f"{_name(top, left)}:{_name(bottom, right)}"


def _name(row, column):
    return f"{get_column_letter(column)}{row}"
