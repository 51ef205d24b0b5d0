"""Spreadsheets as django-import-export knows them: its formats, over the one way in which files are read here."""

import tablib
from import_export.formats import base_formats

from plans.spreadsheets.reading.kinds import PACKED
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.reading.table import UnreadableFile

__all__ = ["ActivityCSV", "ActivityXLSX", "UnreadableFile", "format_of"]


class ActivityCSV(base_formats.CSV):
    """CSV, in whichever letters and with whichever signs."""

    def get_title(self):
        """Return what people call it."""
        return "CSV"

    def create_dataset(self, in_stream, **kwargs):
        """Return a data set with one row for each row of the file, blank ones too. Raises `UnreadableFile`."""
        return _dataset(in_stream)


class ActivityXLSX(base_formats.XLSX):
    """An Excel workbook: its sheet "Activities", else the one that is most like it."""

    def get_title(self):
        """Return what people call it."""
        return "Excel"

    def create_dataset(self, in_stream, **kwargs):
        """Return a data set with one row for each row of the sheet, blank ones too. Raises `UnreadableFile`."""
        return _dataset(in_stream)


def format_of(content):
    """Return the format of a file with these first bytes."""
    return ActivityXLSX if content.startswith(PACKED) else ActivityCSV


def _dataset(content):
    """Return a data set whose attribute `table` is the `Table` that it was made of."""
    table = read_table(content.encode() if isinstance(content, str) else content, "")
    dataset = tablib.Dataset(headers=list(table.headings))
    for row in table.rows:
        # The library counts rows from the headings, so that the blank ones count too.
        while dataset.height < row.row - table.heading_row - 1:
            dataset.append([""] * len(table.headings))
        dataset.append(row.cells)
    dataset.table = table
    return dataset
