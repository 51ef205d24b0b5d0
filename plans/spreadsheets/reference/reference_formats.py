"""The formats in which such lists go out and come in, as django-import-export knows formats."""

from io import BytesIO

from import_export.formats import base_formats

from plans.spreadsheets.cell_text import csv_cell
from plans.spreadsheets.reference.reference_table import read_reference_table
from plans.spreadsheets.writing.workbook import HEADING, OPTIONS, TEXT, PlainWorkbook, write_cells

WIDTH = 28


class ReferenceCSV(base_formats.CSV):
    """CSV in UTF-8 with BOM, of which no cell runs as a formula."""

    def get_title(self):
        """Return what people call it."""
        return "CSV"

    def export_data(self, dataset, **kwargs):
        """Return the bytes of the file."""
        lines = (",".join(map(csv_cell, row)) + "\r\n" for row in (dataset.headers, *dataset))
        return f"\ufeff{''.join(lines)}".encode()


class ReferenceXLSX(base_formats.XLSX):
    """An Excel workbook in which text is text, whatever it says."""

    def get_title(self):
        """Return what people call it."""
        return "Excel"

    def export_data(self, dataset, **kwargs):
        """Return the bytes of the file."""
        file = BytesIO()
        with PlainWorkbook(file, OPTIONS) as book:
            sheet = book.add_worksheet(dataset.title)
            width = len(dataset.headers)
            sheet.set_column(0, width - 1, WIDTH)
            sheet.freeze_panes(1, 1)
            write_cells(sheet, 0, dataset.headers, [book.add_format(HEADING)] * width)
            formats = [book.add_format(TEXT)] * width
            for row, cells in enumerate(dataset, start=1):
                write_cells(sheet, row, cells, formats)
            sheet.autofilter(0, 0, dataset.height, width - 1)
        return file.getvalue()


class ReferenceFile(base_formats.Format):
    """Whatever spreadsheet or Word table somebody brings, for the rows of one resource."""

    def __init__(self, resource_class, encoding=None):
        """Take the class of the resource that the rows are for; each file says its encoding itself."""
        self.resource_class = resource_class

    def get_title(self):
        """Return what people call it."""
        return "Spreadsheet"

    def can_import(self):
        """Return whether files come in by it: yes."""
        return True

    def create_dataset(self, in_stream, **kwargs):
        """Return the data set in the bytes of a file. Raise `UnreadableFile`, with a sentence."""
        of = self.resource_class
        return read_reference_table(in_stream, of.spellings(), of.key_heading(), of.noun())
