"""Marking the cells of an Excel workbook that somebody brought, as it looks."""

import logging
import warnings
from copy import copy
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname

from plans.exchange.marks import AUTHOR, EXPLANATION, MOST_COMMENTS, SHEET

logger = logging.getLogger(__name__)

MARK = PatternFill("solid", fgColor="FFF8CBAD")
WIDTHS = (12, 28, 100)


def mark_original(content, sheet_name, marks):
    """Answer the bytes of a workbook with `marks` in its sheet; None when it cannot be kept as it looks.

    Values take the place of formulas, so that none is carried on; what they took from elsewhere goes, too.
    """
    book = _open(content)
    if book is None or sheet_name not in [sheet.title for sheet in book.worksheets]:
        return None
    sheet = book[sheet_name]
    _unmark(sheet)
    for (row, place), comment in marks.by_cell().items():
        _mark(_written_cell(sheet, row, place), comment)
    _list(book, sheet, marks)
    book.active = book.index(sheet)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _open(content):
    """Answer the workbook; None for one that is odd in a way that reading its values does not mind."""
    with warnings.catch_warnings():
        # It says what it leaves out, such as pictures; nobody mends a plan by them.
        warnings.simplefilter("ignore")
        try:
            return load_workbook(BytesIO(content), data_only=True, keep_links=False)
        except Exception:
            # Of any kind, since each part of a workbook has its own way of being wrong.
            logger.warning("A workbook to be marked could not be opened as it looks", exc_info=True)
            return None


def _unmark(sheet):
    """Take out the marks of an earlier check, so that what has been mended does not look as if it had not."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment and cell.comment.author == AUTHOR:
                cell.comment = None
                cell.fill = PatternFill()


def _written_cell(sheet, row, place):
    """Answer the cell, or the one that shows for it where cells are merged."""
    cell = sheet.cell(row, place)
    if isinstance(cell, MergedCell):
        area = next(one for one in sheet.merged_cells.ranges if cell.coordinate in one)
        return sheet.cell(area.min_row, area.min_col)
    return cell


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
    if SHEET in book.sheetnames:
        del book[SHEET]
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
