"""Reading a spreadsheet of activities: CSV or Excel, as it came from us or as people saved it."""

import csv
import re
from datetime import date, datetime
from io import BytesIO, StringIO
from zipfile import BadZipFile, ZipFile

import tablib
from import_export.formats import base_formats
from openpyxl import load_workbook

from plans.exchange.descriptions import tidy
from plans.exchange.writing import unguard

ZIP_SIGN = b"PK\x03\x04"
DELIMITERS = ",;\t"
LARGEST_WORKBOOK_BYTES = 100 * 1024 * 1024
EXCEL_ESCAPE = re.compile(r"_x005F(_x[0-9A-F]{4}_)|_x000D_", re.IGNORECASE)


class UnreadableFile(ValueError):
    """A file that is not the spreadsheet that it should be; its text is a sentence that says how to mend it."""


class ActivityCSV(base_formats.CSV):
    """CSV with commas, semicolons or tabs, in UTF-8."""

    def get_title(self):
        """Answer what people call it."""
        return "CSV"

    def create_dataset(self, in_stream, **kwargs):
        """Answer a data set with one row for each row of the file, blank ones too. Raises `UnreadableFile`."""
        text = in_stream if isinstance(in_stream, str) else _decoded(in_stream)
        first = text.partition("\n")[0]
        reader = csv.reader(StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
        try:
            return _dataset(list(reader))
        except csv.Error as error:
            raise UnreadableFile(f"Line {reader.line_num} is not CSV: {error}. Save the file again as CSV.") from error


class ActivityXLSX(base_formats.XLSX):
    """An Excel workbook: its sheet "Activities", else its first."""

    def get_title(self):
        """Answer what people call it."""
        return "Excel"

    def create_dataset(self, in_stream, **kwargs):
        """Answer a data set with one row for each row of the sheet, blank ones too. Raises `UnreadableFile`."""
        try:
            return _dataset(_sheet_rows(in_stream))
        except (BadZipFile, IndexError, KeyError, OSError, SyntaxError, TypeError) as error:
            raise UnreadableFile("This is no Excel workbook. Save it again as .xlsx, or as CSV UTF-8.") from error


def format_of(content):
    """Answer the format of a file with these first bytes."""
    return ActivityXLSX if content.startswith(ZIP_SIGN) else ActivityCSV


def _decoded(content):
    try:
        return content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            "The file is not in UTF-8, so its macrons are lost. In Excel, save it as “CSV UTF-8”."
        ) from error


def _sheet_rows(content):
    """Answer the rows of the sheet as lists of text."""
    with ZipFile(BytesIO(content)) as archive:
        size_bytes = sum(part.file_size for part in archive.infolist())
    if size_bytes > LARGEST_WORKBOOK_BYTES:
        raise UnreadableFile("The workbook is too large to be a plan. Keep only its sheet of activities.")
    book = load_workbook(BytesIO(content), read_only=True, data_only=True)
    sheet = book["Activities"] if "Activities" in book.sheetnames else book.worksheets[0]
    # Some programs write the wrong size, and rows beyond it would be lost.
    sheet.reset_dimensions()
    return [[_cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def _cell_text(value):
    """Answer the value of an Excel cell as CSV would hold it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return EXCEL_ESCAPE.sub(lambda found: found[1] or "", str(value))


def _dataset(rows):
    """Answer rows as a data set of tidy text, all as wide as the widest."""
    if not rows:
        raise UnreadableFile("The file is empty. Its first row holds the headings of the columns.")
    width = max(len(row) for row in rows)
    cells = [[tidy(unguard(cell)) for cell in row] + [""] * (width - len(row)) for row in rows]
    while width > 1 and not any(row[width - 1] for row in cells):
        width -= 1
    return tablib.Dataset(*(row[:width] for row in cells[1:]), headers=cells[0][:width])
