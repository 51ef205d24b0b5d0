"""Marking the cells of an Excel workbook that somebody brought, as it looks, with openpyxl held to what is there.

One line in a workbook can stand for seventeen thousand million cells: the library spreads merged cells, and links over
a range, cell by cell. Workbooks that people make have some of them on whole rows and columns, so these are cut to what
can be imported rather than refused.
"""

import warnings
from contextlib import contextmanager
from copy import copy
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.reader import excel
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import WorksheetReader
from openpyxl.worksheet.merge import MergeCell
from openpyxl.worksheet.worksheet import Worksheet

from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.writing.error_copy import AUTHOR, EARLIER_SHEET, EXPLANATION, MOST_COMMENTS, SHEET

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
            raise UnreadableFile("Something in the workbook stands on more cells than can be looked at.")
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


MARK = PatternFill("solid", fgColor="FFF8CBAD")
WIDTHS = (12, 28, 100)


def mark_original(content, sheet_name, marks, limits):
    """Return the bytes of a workbook with `marks` in its sheet. Raises `UnreadableFile` when it has no such sheet.

    Values take the place of formulas, so that none is carried on; what they took from elsewhere goes, too. Raises
    whatever the library does for a workbook that is odd in a way that reading its values does not mind.
    """
    with bounded(limits):
        book = _open(content)
        if sheet_name not in [sheet.title for sheet in book.worksheets]:
            raise UnreadableFile("The workbook has no such sheet.")
        sheet = book[sheet_name]
        _unmark(sheet)
        shown = _cells_shown_for(sheet)
        for (row, place), comment in marks.by_cell().items():
            _mark(sheet.cell(*shown.get((row, place), (row, place))), comment)
        _list(book, sheet, marks)
        book.active = book.index(sheet)
        file = BytesIO()
        book.save(file)
    return file.getvalue()


def _open(content):
    with warnings.catch_warnings():
        # It says what it leaves out, such as pictures; nobody mends a plan by them.
        warnings.simplefilter("ignore")
        return load_workbook(BytesIO(content), data_only=True, keep_links=False)


def _unmark(sheet):
    """Take out the marks of an earlier check, so that what has been mended does not look as if it had not."""
    # Only the cells that are there: a sheet may reach from the first to the last cell that Excel knows.
    for cell in list(sheet._cells.values()):  # noqa: SLF001 - openpyxl makes a cell of each that is looked at
        if cell.comment and cell.comment.author == AUTHOR:
            cell.comment = None
            cell.fill = PatternFill()


def _cells_shown_for(sheet):
    """Return {(row, column) of a merged cell: that of the one that shows for it}."""
    return {cell: (area.min_row, area.min_col) for area in sheet.merged_cells.ranges for cell in area.cells}


def _mark(cell, comment):
    cell.fill = MARK
    # In a protected sheet it could not be mended.
    protection = copy(cell.protection)
    protection.locked = False
    cell.protection = protection
    if comment:
        earlier = f"{cell.comment.text}\n\n" if cell.comment else ""
        cell.comment = Comment(f"{earlier}{comment}", AUTHOR, height=120, width=320)


def _list(book, sheet, marks):
    """Add the sheet that lists what to mend, last, in place of one from an earlier check."""
    for name in {SHEET, EARLIER_SHEET}.intersection(book.sheetnames):
        del book[name]
    listing = book.create_sheet(SHEET)
    listing.append([EXPLANATION])
    for line in marks.lines():
        listing.append(line)
    _link(listing, sheet, marks)
    for place, width in enumerate(WIDTHS, start=1):
        listing.column_dimensions[get_column_letter(place)].width = width
        listing.cell(2, place).font = Font(bold=True)
    for (cell,) in listing.iter_rows(min_row=3, min_col=3, max_col=3):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    listing.freeze_panes = "A3"


def _link(listing, sheet, marks):
    """Have the first rows of the list lead to the cells that they are about."""
    for row, mark in enumerate(marks.listed[:MOST_COMMENTS], start=3):
        place = f"{quote_sheetname(sheet.title)}!{get_column_letter(mark.place)}{mark.row}"
        listing.cell(row, 1).hyperlink = f"#{place}"
