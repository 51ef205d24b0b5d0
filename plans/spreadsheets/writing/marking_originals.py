"""Marking the cells of an Excel workbook that somebody brought, as it looks."""

import warnings
from copy import copy
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname

from plans.spreadsheets.reading.refusal import Refused
from plans.spreadsheets.writing.marking_bounds import bounded
from plans.spreadsheets.writing.marks import AUTHOR, EARLIER_SHEET, EXPLANATION, MOST_COMMENTS, SHEET

MARK = PatternFill("solid", fgColor="FFF8CBAD")
WIDTHS = (12, 28, 100)


def mark_original(content, sheet_name, marks, limits):
    """Answer the bytes of a workbook with `marks` in its sheet. Raises `Refused` when it has no such sheet.

    Values take the place of formulas, so that none is carried on; what they took from elsewhere goes, too. Raises
    whatever the library does for a workbook that is odd in a way that reading its values does not mind.
    """
    with bounded(limits):
        book = _open(content)
        if sheet_name not in [sheet.title for sheet in book.worksheets]:
            raise Refused("The workbook has no such sheet.")
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
    """Answer {(row, column) of a merged cell: that of the one that shows for it}."""
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
