"""Lines of many thousands in a sheet of Excel, whose XML is written directly.

XlsxWriter looks through the text of each cell seven times and makes several calls for it. In an export, nearly every
cell says what thousands of others say, so that its XML is worked out once. What is written is what the library would
have written; a test holds it to that, so that a newer one cannot differ unseen.
"""

from datetime import date
from functools import lru_cache, partial
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name

from plans.fast.switch import EXCEL_LINES, is_on

KEPT = 5_000
"""Cells of a column whose XML is kept."""


class DirectLines:
    """Adds lines to a `Worksheet` of XlsxWriter in constant memory; stands before it among the parents of a class.

    That class says by `text_of` what a cell holds of a text, and by `write_plain_line(row, cells, formats)` how the
    library's own methods write a line. That is done while the trick is off.
    """

    text_of = staticmethod(str)
    waiting = None
    """The line that is written next, as (row, cells); like the library, which writes a row when another one begins."""

    def take_lines(self, columns):
        """Say what stands in the columns of `write_line`: [(format or None, whether each cell says something else)]."""
        self.is_direct, self.styles = is_on(EXCEL_LINES), {None: ""}
        self.looks = [look for look, _ in columns]
        self.makers = [
            (f'<c r="{xl_col_to_name(place)}', make if is_own else lru_cache(KEPT)(make))
            for place, (look, is_own) in enumerate(columns)
            for make in [partial(self._cell, look)]
        ]

    def write_line(self, row, cells):
        """Write texts, whole numbers, dates and blanks as the next row, from the first column to the last.

        The first cell and the last are never blank, and nothing else may be written to the row.
        """
        if not self.is_direct:
            self.write_plain_line(row, cells, self.looks)
            return
        self._write_single_row(row)
        self._check_dimensions(row, 0)
        self._check_dimensions(row, len(cells) - 1)
        self.waiting = row, cells

    def _write_single_row(self, current_row_num=0):
        """Write the row that was begun last, as the library has it done when another one begins and at the end."""
        super()._write_single_row(current_row_num)
        if self.waiting:
            (row, cells), self.waiting = self.waiting, None
            made = [
                f"{start}{row + 1}{rest}"
                for (start, make), cell in zip(self.makers, cells, strict=True)
                if (rest := make(cell))
            ]
            self.fh.write(f'<row r="{row + 1}">{"".join(made)}</row>')

    def _cell(self, look, value):
        """Return the XML of a cell, from behind the number of its row; blank where there is none."""
        style = self._style(look)
        if value is None or value == "":
            return f'"{style}/>' if style else ""
        if isinstance(value, str):
            return f'"{style} t="inlineStr"><is>{self._text(self.text_of(value))}</is></c>'
        number = self._convert_date_time(value) if isinstance(value, date) else value
        return f'"{style}><v>{number:.16G}</v></c>'

    def _style(self, look):
        """Return what a cell says of its format, which the library numbers when it is written first."""
        if look not in self.styles:
            self.styles[look] = f' s="{look._get_xf_index()}"'  # noqa: SLF001 - what XlsxWriter's own cells write
        return self.styles[look]

    def _text(self, text):
        if not text.isprintable() or "_x" in text:
            text = self._escape_control_characters(text)
        keeps_space = ' xml:space="preserve"' if text != text.strip() else ""
        return f"<t{keeps_space}>{escape(text)}</t>"
