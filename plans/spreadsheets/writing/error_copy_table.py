"""Writing a table from a file of any kind as an Excel workbook, with the cells of errors marked."""

from io import BytesIO

from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.columns import NUMBER, TICK_SHEET
from plans.spreadsheets.row_versions import ROW_VERSION
from plans.spreadsheets.writing.error_copy import AUTHOR, EXPLANATION, MOST_COMMENTS, SHEET
from plans.spreadsheets.writing.workbook import HEADING, OPTIONS, TEXT, PlainWorkbook

NAME = "Activities"
MARK = {**TEXT, "bg_color": "#F8CBAD"}
LOOKS = {"heading": HEADING, "text": TEXT, "mark": MARK, "hidden": {"text_wrap": False}}
WIDTH = 24


def write_copy(table, marks):
    """Return the bytes of a workbook that holds a `Table` where its file had it, with its `Marks`."""
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        looks = {name: book.add_format(look) for name, look in LOOKS.items()}
        _write_table(book.add_worksheet(NAME), table, marks.by_cell(), looks)
        if table.ticks:
            _write_table(book.add_worksheet(TICK_SHEET), table.ticks, {}, looks)
        _write_list(book, marks, looks, has_links=True)
    return file.getvalue()


def write_list(marks):
    """Return the bytes of a workbook of nothing but the list of `Marks`."""
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        _write_list(book, marks, {name: book.add_format(look) for name, look in LOOKS.items()}, has_links=False)
    return file.getvalue()


def _write_table(sheet, table, comments, looks):
    for place, heading in zip(table.columns, table.headings, strict=True):
        is_hidden = heading == ROW_VERSION
        sheet.set_column(place - 1, place - 1, WIDTH, None, {"hidden": is_hidden})
        sheet.write_string(table.heading_row - 1, place - 1, excel_text(heading), looks["heading"])
    for row in sorted(table.rows, key=lambda one: one.row):
        for place, heading, cell in zip(table.columns, table.headings, row.cells, strict=True):
            comment = comments.get((row.row, place))
            look = looks["mark" if comment is not None else "hidden" if heading == ROW_VERSION else "text"]
            _write_cell(sheet, (row.row - 1, place - 1), heading, cell, look)
            if comment:
                # With the cell: XlsxWriter does not go back to a row that it has left.
                sheet.write_comment(row.row - 1, place - 1, comment, {"author": AUTHOR, "x_scale": 2})
    sheet.freeze_panes(table.heading_row, 0)


def _write_cell(sheet, where, heading, cell, look):
    if heading == NUMBER.heading and cell.isascii() and cell.isdigit() and len(cell) < 10:
        sheet.write_number(*where, int(cell), look)
    else:
        sheet.write_string(*where, excel_text(cell), look)


def _write_list(book, marks, looks, *, has_links):
    """Write the sheet that lists what to mend; with links, its first rows lead to the cells that they are about."""
    sheet = book.add_worksheet(SHEET)
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 2, 100)
    sheet.write_string(0, 0, EXPLANATION)
    for row, line in enumerate(marks.lines(), start=1):
        for place, text in enumerate(line):
            sheet.write_string(row, place, excel_text(text), looks["heading" if row == 1 else "text"])
        if has_links and 1 < row <= MOST_COMMENTS and row - 2 < len(marks.listed):
            mark = marks.listed[row - 2]
            target = f"{quote_sheetname(NAME)}!{xl_rowcol_to_cell(mark.row - 1, mark.place - 1)}"
            sheet.write_url(row, 0, f"internal:{target}", string=line[0])
    sheet.freeze_panes(2, 0)
