"""Sheets of many thousands of rows, written a row at a time.

XlsxWriter looks through the text of each cell seven times and makes several calls for it. In an export, nearly every
cell says what thousands of others say, so that its XML is worked out once. What is written is what the library would
have written; a test holds it to that, so that a newer one cannot differ unseen.
"""

from datetime import date
from functools import lru_cache, partial
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name

from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.writing.workbook import PlainSheet

KEPT = 5_000
"""Cells of a column whose XML is kept."""


class LineSheet(PlainSheet):
    """A sheet of a `PlainWorkbook`, for `add_worksheet(…, worksheet_class=LineSheet)`."""

    def take_lines(self, columns):
        """Say what stands in the columns of `write_line`: [(format or None, whether each cell says something else)]."""
        self.makers = [
            (f'<c r="{xl_col_to_name(place)}', make if is_own else lru_cache(KEPT)(make))
            for place, (look, is_own) in enumerate(columns)
            for make in [partial(self._cell, f' s="{look._get_xf_index()}"' if look else "")]  # noqa: SLF001 - what XlsxWriter's own cells write
        ]

    def write_line(self, row, cells):
        """Write texts, whole numbers, dates and blanks as the next row, from the first column to the last.

        The first cell and the last are never blank, and nothing else may be written to the row.
        """
        self._write_single_row(row)
        self._check_dimensions(row, 0)
        self._check_dimensions(row, len(cells) - 1)
        made = [
            f"{start}{row + 1}{rest}"
            for (start, make), cell in zip(self.makers, cells, strict=True)
            if (rest := make(cell))
        ]
        self.fh.write(f'<row r="{row + 1}">{"".join(made)}</row>')

    def _cell(self, style, value):
        """Answer the XML of a cell, from behind the number of its row; blank where there is none."""
        if value is None or value == "":
            return f'"{style}/>' if style else ""
        if isinstance(value, str):
            return f'"{style} t="inlineStr"><is>{self._text(excel_text(value))}</is></c>'
        number = self._convert_date_time(value) if isinstance(value, date) else value
        return f'"{style}><v>{number:.16G}</v></c>'

    def _text(self, text):
        if not text.isprintable() or "_x" in text:
            text = self._escape_control_characters(text)
        keeps_space = ' xml:space="preserve"' if text != text.strip() else ""
        return f"<t{keeps_space}>{escape(text)}</t>"
