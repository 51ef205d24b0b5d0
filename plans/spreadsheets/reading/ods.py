"""OpenDocument spreadsheets (.ods) from outside: how far their tables really reach, formulas, merged cells.

A few bytes of such a file can say that a row stands there a million times, so it is counted before it is read.
"""

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from plans.spreadsheets.reading.limits import DAMAGED, UnreadableFile
from plans.spreadsheets.reading.protocol import MOST_FORMULAS, SheetInfo
from plans.spreadsheets.reading.zip_archive import PASSWORD

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CELLS = (TABLE + "table-cell", TABLE + "covered-table-cell")
MACROS = "The spreadsheet holds macros. Save it as an Excel workbook (.xlsx), which has none, and send that."
DEEPEST = 200


def is_kept(name):
    """Return whether a part of the archive is needed to look at the spreadsheet from outside."""
    return name in ("content.xml", "mimetype", "META-INF/manifest.xml")


def refuse_what_is_no_plain_spreadsheet(archive):
    """Raise `UnreadableFile` for a spreadsheet that is locked, or that brings programs along."""
    if b"encryption-data" in archive.parts.get("META-INF/manifest.xml", b""):
        raise UnreadableFile(PASSWORD)
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in archive.names):
        raise UnreadableFile(MACROS)


def sheet_infos(data, limits):
    """Return {name of a sheet: its `SheetInfo`}. Raises `UnreadableFile` for XML that cannot be read."""
    parser = DefusedXMLParser(target=_SheetInfos(limits), forbid_dtd=True)
    try:
        parser.feed(data)
        return parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableFile(DAMAGED) from error


class _SheetInfos:
    """Follows the XML of the tables, cell by cell."""

    def __init__(self, limits):
        self.limits, self.found, self.sheet = limits, {}, None
        self.depth = self.row = self.column = self.row_times = self.cell_times = 0

    def start(self, tag, attributes):
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableFile(DAMAGED)
        if tag == TABLE + "table":
            self.sheet = self.found.setdefault(attributes.get(TABLE + "name", ""), SheetInfo())
            self.row, self.row_times = 0, 0
        elif self.sheet is None:
            return
        elif tag == TABLE + "table-row":
            self.row += self.row_times
            self.row_times, self.column, self.cell_times = _times(attributes, "number-rows-repeated"), 0, 0
        elif tag in CELLS:
            self._start_cell(attributes)
        elif tag == TEXT + "p":
            self._note_value()

    def _start_cell(self, attributes):
        self.column += self.cell_times
        self.cell_times = _times(attributes, "number-columns-repeated")
        if OFFICE + "value-type" in attributes:
            self._note_value()
            self.sheet.cells += self.row_times * self.cell_times
        if TABLE + "formula" in attributes and len(self.sheet.formulas) < MOST_FORMULAS:
            self.sheet.formulas.append((self.row + 1, self.column + 1))
        down = int(attributes.get(TABLE + "number-rows-spanned", 1))
        if down > 1 and int(attributes.get(TABLE + "number-columns-spanned", 1)) == 1:
            self.sheet.merged.append((self.row + 1, self.row + down, self.column + 1))
            self.limits.check_ranges(len(self.sheet.merged))

    def _note_value(self):
        self.sheet.rows = max(self.sheet.rows, self.row + self.row_times)
        self.sheet.columns = max(self.sheet.columns, self.column + self.cell_times)

    def end(self, tag):
        self.depth -= 1
        if tag == TABLE + "table":
            self.sheet = None

    def data(self, text):
        """What cells say is read by the library."""

    def close(self):
        return self.found


def _times(attributes, name):
    return max(int(attributes.get(TABLE + name, 1)), 1)
