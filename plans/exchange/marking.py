"""The file that somebody brought, with what has to be mended marked in it, so that it can be mended and sent again."""

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from plans.exchange.files.reading import read_table
from plans.exchange.marking_copies import write_copy
from plans.exchange.marking_originals import mark_original
from plans.exchange.marks import read_marks

WORKBOOK_PART = "xl/workbook.xml"
LARGEST_ORIGINAL_BYTES = 12 * 2**20
"""Unpacked: with the looks of its cells, a workbook of many small ones takes some twenty times as much memory."""


def write_marked(source):
    """Answer the bytes of an Excel workbook: the file of an `Import` that was checked, with its errors marked.

    An Excel workbook keeps its sheets and its looks, but formulas give way to their values; a very large one, and a
    file of another kind, comes as a plain table. Raises `UnreadableFile` for a file that cannot be read any more.
    One query.
    """
    content, sheet = bytes(source.content), source.findings.get("sheet", "")
    marks = read_marks(source)
    marked = mark_original(content, sheet, marks) if _keeps_its_looks(content) else None
    return marked or write_copy(read_table(content, source.file_name, sheet=sheet), marks)


def _keeps_its_looks(content):
    try:
        with ZipFile(BytesIO(content)) as archive:
            size_bytes = sum(part.file_size for part in archive.infolist())
            return WORKBOOK_PART in archive.namelist() and size_bytes <= LARGEST_ORIGINAL_BYTES
    except BadZipFile:
        return False
