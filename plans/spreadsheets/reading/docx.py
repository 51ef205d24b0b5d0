"""Tables in Word files (.docx)."""

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from plans.spreadsheets.reading.limits import DAMAGED, CellCount, UnreadableFile

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_WORD = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
PART = "word/document.xml"
NO_TABLE = "The Word file has no table in it. Send the file that holds the table of {}."
BREAKS = {"br": "\n", "cr": "\n", "tab": " "}
DEEPEST = 200


def is_kept(name):
    """Return whether a part of the archive holds the text."""
    return name == PART


def read_tables(data, limits):
    """Return the tables of a document as [(rows, merged)]: texts of cells, and (first row, last row, column) from 1.

    A table inside a cell is read as words of that cell. Raises `UnreadableFile` for XML that cannot be read, for no
    table, and for tables that go beyond `limits` together, as soon as they do.
    """
    # Counted first, since following a million cells one by one takes a minute. Each tag is there twice.
    limits.check_rows(data.count(b":tr>") // 2 - 1)
    limits.check_cells(data.count(b":tc>") // 2)
    parser = DefusedXMLParser(target=_Reader(limits), forbid_dtd=True)
    try:
        parser.feed(data)
        tables = parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableFile(DAMAGED) from error
    if not tables:
        raise UnreadableFile(NO_TABLE.format(limits.noun))
    return [(table, _merged(joined)) for table, joined in tables]


def _merged(joined):
    """Return the runs of {(row, column)} that go on from the cell above."""
    runs = []
    for row, column in sorted(joined, key=lambda place: place[::-1]):
        if runs and runs[-1][1:] == (row - 1, column):
            runs[-1] = (runs[-1][0], row, column)
        else:
            runs.append((row - 1, row, column))
    return runs


class _Reader:
    """Follows the XML of the document: tables, rows, cells, paragraphs, runs of letters."""

    def __init__(self, limits):
        self.limits, self.count, self.row_count, self.characters = limits, CellCount(limits), 0, 0
        self.tables, self.rows, self.cells, self.joined = [], [], [], set()
        self.paragraphs, self.letters = [], []
        self.depth = self.tables_open = self.width = 0
        self.is_text = self.is_joined = self.is_listed = False

    def start(self, tag, attributes):
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableFile(DAMAGED)
        name = _local(tag)
        if name == "tbl":
            self.tables_open += 1
            if self.tables_open == 1:
                self.rows, self.joined = [], set()
        elif self.tables_open:
            self._start_inside(name, attributes)

    def _start_inside(self, name, attributes):
        value = attributes.get(WORD + "val") or attributes.get(STRICT_WORD + "val")
        if name == "t":
            self.is_text = True
        elif name in BREAKS:
            self._add(BREAKS[name])
        elif name == "numPr":
            self.is_listed = True
        elif self.tables_open == 1:
            self._start_cell_part(name, value)

    def _start_cell_part(self, name, value):
        if name == "tr":
            self.cells = []
        elif name == "tc":
            self.paragraphs, self.letters, self.characters = [], [], 0
            self.width, self.is_joined, self.is_listed = 1, False, False
        elif name == "gridSpan" and value and value.isdecimal():
            self.width = min(int(value[:9]), self.limits.max_columns + 1)
        elif name == "vMerge":
            self.is_joined = value != "restart"

    def end(self, tag):
        self.depth -= 1
        name = _local(tag)
        if not self.tables_open:
            return
        if name == "t":
            self.is_text = False
        elif name == "p":
            self._end_paragraph()
        elif name == "tbl":
            self._end_table()
        elif self.tables_open == 1 and name == "tc":
            self._end_cell()
        elif self.tables_open == 1 and name == "tr":
            self._end_row()

    def _end_row(self):
        self.row_count += 1
        # The headings are no row of activities.
        self.limits.check_rows(self.row_count - 1)
        self.count.add(self.row_count, self.cells)
        self.rows.append(self.cells)

    def _end_paragraph(self):
        text = "".join(self.letters).strip()
        if text:
            # Word draws the dots of a list by itself; under a first line they say that these are its items.
            self.paragraphs.append(f"• {text}" if self.is_listed and self.paragraphs else text)
        self.letters, self.is_listed = [], False

    def _end_cell(self):
        self.limits.check_columns(len(self.cells) + self.width)
        if self.is_joined:
            self.joined.add((len(self.rows) + 1, len(self.cells) + 1))
            self.limits.check_ranges(len(self.joined))
        self.cells += ["" if self.is_joined else "\n".join(self.paragraphs)] + [""] * (self.width - 1)

    def _end_table(self):
        self.tables_open -= 1
        if not self.tables_open and self.rows:
            self.tables.append((self.rows, self.joined))

    def data(self, text):
        if self.is_text:
            self._add(text)

    def _add(self, text):
        self.characters += len(text)
        self.limits.check_text(self.characters, self.row_count + 1)
        self.letters.append(text)

    def close(self):
        return self.tables


def _local(tag):
    for namespace in (WORD, STRICT_WORD):
        if tag.startswith(namespace):
            return tag[len(namespace) :]
    return ""
