"""OpenDocument spreadsheets (.ods) from outside: how far their tables really reach, formulas, merged cells.

A few bytes of such a file can say that a row stands there a million times, so it is counted before it is read.
"""

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from plans.spreadsheets.reading.limits import DAMAGED, CellCount, UnreadableFile
from plans.spreadsheets.reading.looks import MOST_LOOKS, colour
from plans.spreadsheets.reading.protocol import MOST_FORMULAS, SheetInfo
from plans.spreadsheets.reading.zip_archive import PASSWORD

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
MOST_TIMES = 1_000
"""How often a coloured cell may stand there to be noted: whole blank columns have colours, too."""

ASIDES = (OFFICE + "annotation", TABLE + "shapes")
BREAKS = {TEXT + "line-break": "\n", TEXT + "tab": "\t"}
NESTED_INDENT = "  "
LONGEST_SPACE = 100
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
        self.cell, self.count, self.style, self.fill = None, CellCount(limits), "", ""
        self.fills, self.struck = {}, set()

    def start(self, tag, attributes):
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableFile(DAMAGED)
        if tag == TABLE + "table":
            self.sheet = self.found.setdefault(attributes.get(TABLE + "name", ""), SheetInfo())
            self.row, self.row_times = 0, 0
        elif self.sheet is None:
            self._start_style(tag, attributes)
        elif tag == TABLE + "table-row":
            self.row += self.row_times
            self.row_times, self.column, self.cell_times = _times(attributes, "number-rows-repeated"), 0, 0
        elif tag in CELLS:
            self._start_cell(attributes)
        elif self.cell:
            self.cell.start(tag, attributes)
            if tag == TEXT + "p" and not self.cell.is_aside:
                self._note_value()

    def _start_style(self, tag, attributes):
        """Note what a style says of the cells or the words that have it."""
        if tag == STYLE + "style":
            self.style = attributes.get(STYLE + "name", "")
        elif tag == STYLE + "table-cell-properties" and (fill := colour(attributes.get(FO + "background-color"))):
            self.fills[self.style] = fill
        elif tag == STYLE + "text-properties" and attributes.get(STYLE + "text-line-through-style", "none") != "none":
            self.struck.add(self.style)

    def _start_cell(self, attributes):
        self.column += self.cell_times
        style = attributes.get(TABLE + "style-name", "")
        self.fill, is_struck = self.fills.get(style, ""), style in self.struck
        self.cell_times = _times(attributes, "number-columns-repeated")
        self.cell = _CellText(
            attributes.get(OFFICE + "value-type", ""), self.limits, self.row + 1, self.struck, is_struck
        )
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

    def _end_cell(self):
        """Keep what the cell says where that is more than the library makes of it, for each time that it is there."""
        kept = self.sheet.shown if self.cell.is_value else self.sheet.texts if self.cell.is_special else None
        self._note_looks()
        text, self.cell = self.cell.text(), None
        if kept is None or not text or self.sheet.rows > self.limits.max_rows:
            return
        for row in range(self.row_times):
            for column in range(min(self.cell_times, self.limits.max_columns)):
                self.count.add(self.row + row + 1, [text])
                kept[self.row + row + 1, self.column + column + 1] = text

    def _note_looks(self):
        """Note the colour of a blank cell, and words that are struck out."""
        row, column, has_words = self.row + 1, self.column + 1, bool(self.cell.parts)
        if self.fill and not has_words and self.row_times * self.cell_times <= MOST_TIMES:
            self.sheet.filled += [
                (row + down, column + across, self.fill)
                for down in range(self.row_times)
                for across in range(self.cell_times)
                if len(self.sheet.filled) < MOST_LOOKS
            ]
        if self.cell.has_struck and len(self.sheet.struck) < MOST_LOOKS:
            self.sheet.struck.append((row, column))

    def end(self, tag):
        self.depth -= 1
        if tag == TABLE + "table":
            self.sheet = None
        elif tag in CELLS and self.cell:
            self._end_cell()
        elif self.cell:
            self.cell.end(tag)

    def data(self, text):
        if self.cell:
            self.cell.data(text)

    def close(self):
        return self.found


class _CellText:
    """Follows what one cell says: its paragraphs, the signs of its lists, and not the notes or drawings on it."""

    def __init__(self, value_type, limits, row, struck=(), is_struck=False):
        """`struck` are the names of the styles that are struck out; the cell as a whole may have one of them."""
        self.is_value = value_type not in ("", "string")
        self.limits, self.row, self.characters = limits, row, 0
        self.is_special = self.is_aside = False
        self.asides = self.lists = self.paragraphs = 0
        self.parts, self.items = [], []
        self.struck, self.is_struck, self.has_struck = struck, is_struck, False

    def start(self, tag, attributes):
        """Begin a tag inside the cell."""
        self.asides += tag in ASIDES or tag.startswith(DRAW)
        self.is_aside = bool(self.asides)
        if self.is_aside:
            return
        if tag == TEXT + "span" and attributes.get(TEXT + "style-name") in self.struck:
            self.has_struck = True
        elif tag == TEXT + "p":
            self._begin_paragraph()
        elif tag == TEXT + "list":
            self.lists += 1
            self.is_special = True
        elif tag == TEXT + "list-item":
            self.items.append(True)
        elif tag == TEXT + "s":
            self._add(" " * min(_times(attributes, "c", TEXT), LONGEST_SPACE))
        elif tag in BREAKS:
            self.is_special = True
            self._add(BREAKS[tag])

    def end(self, tag):
        """End a tag inside the cell."""
        if tag in ASIDES or tag.startswith(DRAW):
            self.asides -= 1
            self.is_aside = bool(self.asides)
        elif self.is_aside:
            return
        elif tag == TEXT + "p":
            self.paragraphs -= 1
        elif tag == TEXT + "list":
            self.lists -= 1
        elif tag == TEXT + "list-item" and self.items:
            self.items.pop()

    def data(self, text):
        """Take in letters, which count inside paragraphs alone."""
        if self.paragraphs and not self.is_aside:
            self.has_struck = self.has_struck or self.is_struck
            self._add(text)

    def text(self):
        """Return what the cell says."""
        return "".join(self.parts)

    def _begin_paragraph(self):
        self.paragraphs += 1
        if self.parts:
            self._add("\n")
        if self.items and self.items[-1]:
            # The dots of a list are drawn by the program.
            self.items[-1] = False
            self._add("• " if self.lists < 2 else f"{NESTED_INDENT * (self.lists - 1)}◦ ")

    def _add(self, text):
        self.characters += len(text)
        self.limits.check_text(self.characters, self.row)
        self.parts.append(text)


def _times(attributes, name, namespace=TABLE):
    return max(int(attributes.get(namespace + name, 1)), 1)
