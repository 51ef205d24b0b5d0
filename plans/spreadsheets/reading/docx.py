"""Tables in Word files (.docx), as their reader sees them with all changes accepted."""

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from plans.spreadsheets.reading.docx_signs import WordLists, symbol
from plans.spreadsheets.reading.limits import DAMAGED, CellCount, UnreadableFile
from plans.spreadsheets.reading.looks import MOST_LOOKS, OFF, colour
from plans.text import first_named

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_WORD = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
PART, NUMBERING, STYLES = "word/document.xml", "word/numbering.xml", "word/styles.xml"
NO_TABLE = "The Word file has no table in it. Send the file that holds the table of {}."
BREAKS = {"br": "\n", "cr": "\n", "tab": " ", "noBreakHyphen": "-"}
GONE = frozenset({"del", "moveFrom", "txbxContent"})
"""What a reader with all changes accepted does not see in a cell, and text boxes, which are told of."""

DEEPEST = 200
LONGEST_TITLE = 200
NESTED_INDENT = "  "
ASIDES = {
    "txbxContent": "{} not read. Move the words into the table: {}.",
    "footnoteReference": "{} not read. Type what matters into the cells: {}.",
    "strike": "{} read like other words. Delete them if they no longer count: {}.",
}
NAMES = {
    "txbxContent": ("A text box is", "Text boxes are"),
    "footnoteReference": ("A footnote is", "Footnotes are"),
    "strike": ("Struck-out words are", "Struck-out words are"),
}


def is_kept(name):
    """Return whether a part of the archive holds the text, or what Word draws before paragraphs."""
    return name in (PART, NUMBERING, STYLES)


def read_tables(data, limits, numbering=b"", styles=b""):
    """Return ([(rows, merged, title, filled)], notes) of a document.

    Rows are texts of cells, `merged` (first row, last row, column), `filled` (row, column, colour) of blank cells, from
    1. The title is the last words before the table, blank where it goes on with the one before.
    A table inside a cell is read as words of that cell. `notes` are sentences about what is not read as it looks.
    Raises `UnreadableFile` for XML that cannot be read, for no table, and for tables that go beyond `limits` together,
    as soon as they do.
    """
    # Counted first, since following a million cells one by one takes a minute. Each tag is there twice.
    limits.check_rows(data.count(b":tr>") // 2 - 1)
    limits.check_cells(data.count(b":tc>") // 2)
    try:
        reader = _Reader(limits, WordLists(numbering, styles))
        parser = DefusedXMLParser(target=reader, forbid_dtd=True)
        parser.feed(data)
        tables = parser.close()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableFile(DAMAGED) from error
    if not tables:
        raise UnreadableFile(NO_TABLE.format(limits.noun))
    found = [(table, _merged(joined), title, filled) for table, joined, title, filled in tables]
    return found, _notes(reader.asides)


def _notes(asides):
    """Return sentences about {kind of `ASIDES`: rows}."""
    notes = []
    for kind, sentence in ASIDES.items():
        if rows := sorted(set(asides.get(kind, ()))):
            one, several = NAMES[kind]
            listed = f"row{'s' * (len(rows) > 1)} {first_named(rows)}"
            notes.append(sentence.format(one if len(rows) == 1 else several, listed))
    return notes


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

    def __init__(self, limits, lists):
        self.limits, self.count, self.row_count, self.characters = limits, CellCount(limits), 0, 0
        self.lists, self.asides = lists, {}
        self.tables, self.rows, self.cells, self.joined = [], [], [], set()
        self.paragraphs, self.letters, self.title = [], [], ""
        self.depth = self.tables_open = self.width = self.gone = 0
        self.is_text = self.is_joined = self.is_row_gone = self.is_row_properties = self.is_run = self.is_hidden = False
        self.style, self.list, self.level = None, None, 0
        self.filled, self.colour, self.is_cell_properties = [], "", False

    def start(self, tag, attributes):
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadableFile(DAMAGED)
        name = _local(tag)
        value = _attribute(attributes, "fill" if name == "shd" else "val")
        if self.gone or name in GONE or tag == FALLBACK:
            self._start_gone(name)
        elif name == "tbl":
            self.tables_open += 1
            if self.tables_open == 1:
                self.rows, self.joined, self.filled = [], set(), []
        elif name in PARAGRAPH:
            self._start_paragraph_part(name, value)
        elif self.tables_open:
            self._start_inside(name, value, attributes)
        elif name == "t":
            self.is_text = True

    def _start_gone(self, name):
        self.gone += 1
        if self.gone == 1 and name == "txbxContent":
            self._note(name)
        elif self.gone == 1 and self.is_row_properties:
            self.is_row_gone = True

    def _start_paragraph_part(self, name, value):
        if name == "p":
            self.style, self.list, self.level = None, None, 0
        elif name == "pStyle":
            self.style = value
        elif name == "numPr":
            self.list = ""
        elif name == "numId" and self.list is not None:
            self.list = value or ""
        elif name == "ilvl" and self.list is not None:
            self.level = int(value) if value and value.isdecimal() and len(value) < 3 else 0

    def _start_inside(self, name, value, attributes):
        if name == "r":
            self.is_run, self.is_hidden = True, False
        elif name == "t":
            self.is_text = True
        elif name in BREAKS:
            self._add(BREAKS[name])
        elif name == "sym":
            self._add(symbol(_attribute(attributes, "font"), _attribute(attributes, "char")))
        elif self.is_run and name == "vanish":
            self.is_hidden = value not in OFF
        elif name == "footnoteReference" or (name in ("strike", "dstrike") and self.is_run and value not in OFF):
            self._note("footnoteReference" if name == "footnoteReference" else "strike")
        elif self.tables_open == 1:
            self._start_cell_part(name, value)

    def _start_cell_part(self, name, value):
        if name == "tr":
            self.cells, self.is_row_gone = [], False
        elif name == "trPr":
            self.is_row_properties = True
        elif name == "gridBefore" and value and value.isdecimal():
            before = min(int(value[:9]), self.limits.max_columns + 1)
            self.limits.check_columns(before)
            self.cells = [""] * before
        elif name == "tc":
            self.paragraphs, self.letters, self.characters = [], [], 0
            self.width, self.is_joined, self.colour = 1, False, ""
        elif name == "tcPr":
            self.is_cell_properties = True
        elif self.is_cell_properties:
            self._start_cell_property(name, value)

    def _start_cell_property(self, name, value):
        if name == "shd":
            self.colour = colour(value)
        elif name == "gridSpan" and value and value.isdecimal():
            self.width = min(int(value[:9]), self.limits.max_columns + 1)
        elif name == "vMerge":
            self.is_joined = value != "restart"

    def end(self, tag):
        self.depth -= 1
        if self.gone:
            self.gone -= 1
            return
        name = _local(tag)
        if name == "p":
            self._end_paragraph()
        elif name == "t":
            self.is_text = False
        elif not self.tables_open:
            return
        elif name == "r":
            self.is_run = self.is_hidden = False
        elif name == "tbl":
            self._end_table()
        elif self.tables_open == 1:
            self._end_cell_part(name)

    def _end_cell_part(self, name):
        if name == "tcPr":
            self.is_cell_properties = False
        elif name == "tc":
            self._end_cell()
        elif name == "tr":
            self._end_row()
        elif name == "trPr":
            self.is_row_properties = False

    def _end_row(self):
        if self.is_row_gone:
            return
        self.row_count += 1
        # The headings are no row of activities.
        self.limits.check_rows(self.row_count - 1)
        self.count.add(self.row_count, self.cells)
        self.rows.append(self.cells)

    def _end_paragraph(self):
        # Counted wherever they stand, since a list goes on from one table to the next.
        sign = self._sign()
        text = "".join(self.letters).strip()
        if self.tables_open and (text or sign.strip("•◦ ")):
            self.paragraphs.append(f"{sign}{text}".rstrip())
        elif text and not self.tables_open:
            self.title = text
        self.letters = []

    def _sign(self):
        """Return what Word draws before the paragraph, with a space behind it; blank for nothing."""
        number, level = self.list, self.level
        if number is None and self.style:
            number, level = self.lists.of_style(self.style)
        if number is None or number == "0":
            return ""
        drawn, is_dot = self.lists.sign(number, level)
        if is_dot:
            return "• " if level == 0 else f"{NESTED_INDENT * level}◦ "
        return f"{NESTED_INDENT * level}{drawn} " if drawn else ""

    def _end_cell(self):
        self.limits.check_columns(len(self.cells) + self.width)
        if self.is_joined:
            self.joined.add((len(self.rows) + 1, len(self.cells) + 1))
            self.limits.check_ranges(len(self.joined))
        if self.colour and not any(self.paragraphs) and len(self.filled) < MOST_LOOKS:
            self.filled.append((len(self.rows) + 1, len(self.cells) + 1, self.colour))
        self.cells += ["" if self.is_joined else "\n".join(self.paragraphs)] + [""] * (self.width - 1)

    def _end_table(self):
        self.tables_open -= 1
        if not self.tables_open and self.rows:
            self.tables.append((self.rows, self.joined, self.title, self.filled))
            self.title = ""

    def data(self, text):
        if self.is_text and not self.gone and self.tables_open:
            self._add(text)
        elif self.is_text and not self.gone and len(self.letters) < LONGEST_TITLE:
            self.letters.append(text[:LONGEST_TITLE])

    def _add(self, text):
        if self.is_hidden:
            return
        self.characters += len(text)
        self.limits.check_text(self.characters, self.row_count + 1)
        self.letters.append(text)

    def _note(self, kind):
        if self.tables_open:
            self.asides.setdefault(kind, []).append(self.row_count + 1)

    def close(self):
        return self.tables


PARAGRAPH = frozenset({"p", "pStyle", "numPr", "numId", "ilvl"})


def _attribute(attributes, name):
    return attributes.get(WORD + name) or attributes.get(STRICT_WORD + name)


def _local(tag):
    for namespace in (WORD, STRICT_WORD):
        if tag.startswith(namespace):
            return tag[len(namespace) :]
    return ""
