"""What the sheets of our Excel workbooks have in common: how they look, print, and offer what may be chosen."""

from datetime import UTC, date

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from plans.as_at import said_in_files
from plans.fast.excel_lines import DirectLines
from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.row_versions import ROW_VERSION

EXCEL_LINK_LENGTH = 2_000
HEADING = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3E8EE", "bottom": 1}
TEXT_FORMAT = 49
"""The number of the format “@” in every workbook."""

TEXT = {"text_wrap": True, "valign": "top", "num_format": TEXT_FORMAT}
"""Of cells of words, in which what is typed stays what it is: "-Met", "=x", "1/2" and "30 June" too."""

WHOLE_NUMBER = {"text_wrap": True, "valign": "top", "num_format": "General"}
# Text is text: nothing becomes a formula or a link because of how it begins. A cell without a format of its own looks
# like text, since naming one in each cell takes a large export a tenth longer.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_format_properties": TEXT,
}
DAY = {"num_format": "d mmmm yyyy", "align": "left", "valign": "top"}
SHADED = {"bg_color": "#F0F0F0"}
"""Of cells that nobody reads when the file comes back."""

OPEN = {**TEXT, "locked": False, "border": 1, "border_color": "#8A94A0"}
OPEN_HEADING = {**HEADING, "bg_color": "#CFE3F5"}
"""Of cells that are to be filled in."""


class PlainSheet(Worksheet):
    """A sheet whose texts are text, whatever they say.

    XlsxWriter writes one that stands between <r> and </r> as it is, so that whoever may write a title could put
    formulas into everybody's workbook, or keep it from opening.
    """

    def _xml_rich_inline_string(self, string, attributes=()):
        self._xml_inline_string(string, preserve=False, attributes=attributes)


class LineSheet(DirectLines, PlainSheet):
    """A sheet of many thousands of rows, for `add_worksheet(…, worksheet_class=LineSheet)`."""

    text_of = staticmethod(excel_text)  # type: ignore[assignment]  # it is not annotated

    def write_plain_line(self, row, cells, formats):
        """Write a line as the rows of other sheets are written."""
        write_cells(self, row, cells, formats)


class PlainWorkbook(Workbook):
    """A workbook of such sheets. It is written in constant memory, where texts stand in their sheets."""

    worksheet_class = PlainSheet


def describe(book, plan, title, made_at):
    """Say in the workbook's properties what it is, how it is marked and when it was made."""
    book.set_properties(
        {
            "title": title,
            "subject": plan.programme,
            "category": plan.get_marking_display(),
            "created": made_at.astimezone(UTC),
        }
    )


def write_headings(sheet, columns, formats):
    """Write the headings of `columns` in their formats in the first row, and keep it in sight and on each page."""
    for place, (column, cell_format) in enumerate(zip(columns, formats, strict=True)):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, cell_format)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)


def write_cells(sheet, row, cells, formats):
    """Write texts, whole numbers, dates and blanks in their formats, from the first column on."""
    for place, (value, cell_format) in enumerate(zip(cells, formats, strict=True)):
        if value is None or value == "":
            sheet.write_blank(row, place, None, cell_format)
        elif isinstance(value, str):
            sheet.write_string(row, place, excel_text(value), cell_format)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, cell_format)
        else:
            sheet.write_number(row, place, value, cell_format)


def hide_versions(book, sheet, place):
    """Make the column at `place` the hidden one of row versions, and return the format of its cells."""
    # Wrapped, they would make rows tall in programs that measure hidden columns, too.
    plain = book.add_format({"text_wrap": False})
    sheet.set_column(place, place, None, plain, {"hidden": True})
    sheet.write_string(0, place, ROW_VERSION, plain)
    return plain


def write_about(book, facts, plan):
    """Write a sheet that says what the export is, as [(label, value)], the last of them a link.

    An export of the plan as it was at an earlier moment says so, too.
    """
    facts = [*facts[:2], *said_in_files(), *facts[2:]]
    sheet = book.add_worksheet("About this export")
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format(TEXT)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    for row, (name, value) in enumerate(facts):
        sheet.write_string(row, 0, name, label)
        if row == len(facts) - 1 and len(value) <= EXCEL_LINK_LENGTH:
            sheet.write_url(row, 1, value, string=value)
        else:
            sheet.write_string(row, 1, excel_text(value), text)
    lay_out_for_print(sheet, plan)


def lay_out_for_print(sheet, plan):
    """Print on A4 across, with the protective marking at the top and bottom of each page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    marking, name = plan.get_marking_display(), plan.name[:80].replace("&", "&&")
    sheet.set_header(f'&C&"-,Bold"{marking}')
    sheet.set_footer(f'&L{name}&C&"-,Bold"{marking}&RPage &P of &N')


SHEET = "Lists"
NOT_IN_LIST = "Choose from the list: click the arrow beside the cell."


class PickLists:
    """The hidden sheet of lists of a workbook. Each list is a column of it."""

    def __init__(self):
        """Start without lists."""
        self.lists = []

    def add(self, sheet, place, last_row, choices, **options):
        """Give the cells below the heading at `place` of `sheet` a drop-down of `choices`.

        `options` are XlsxWriter's for a data validation; without others, nothing but what is in the list is taken.
        """
        if not choices or not last_row:
            return
        if choices not in self.lists:
            self.lists.append(choices)
        column = chr(ord("A") + self.lists.index(choices))
        source = f"={SHEET}!${column}$1:${column}${len(choices)}"
        refusal = {"error_title": "Not in the list", "error_message": NOT_IN_LIST}
        sheet.data_validation(1, place, last_row, place, {"validate": "list", "source": source, **refusal, **options})

    def write(self, book):
        """Write the lists into a hidden sheet of `book`, its last."""
        sheet = book.add_worksheet(SHEET)
        sheet.hide()
        for row in range(max(map(len, self.lists), default=0)):
            for place, choices in enumerate(self.lists):
                if row < len(choices):
                    sheet.write_string(row, place, choices[row])


def add_plan_lists(lists, sheet, columns, last_row, names):
    """Give drop-downs to those of `columns` that take one of the `Names`, or one of some choices."""
    for place, column in enumerate(columns):
        if not column.readonly:
            lists.add(sheet, place, last_row, column.widget.choices(names), **column.widget.drop_down)
