"""Activities as spreadsheets: CSV and Excel.

Both hold the columns of `plans.exchange.columns`, and no cell of either can run as a formula.
"""

import csv
import re
from datetime import UTC, date
from io import BytesIO

from django.utils.dateformat import format as format_date
from django.utils.timezone import get_default_timezone, localtime
from xlsxwriter import Workbook

from plans.exchange.columns import COLUMNS, HEADINGS

FORMULA = re.compile(r"'*[=+\-@\x00-\x1f\x7f-\x9f＝＋－＠]")
GUARDED = re.compile(r"'+[=+\-@\x00-\x1f\x7f-\x9f＝＋－＠]")
EXCEL_CELL_LENGTH = 32_767
EXCEL_LINK_LENGTH = 2_000
CUT_NOTE = (
    "… [Cut here: Excel holds 32,767 characters in a cell. "
    "The whole text is on the activity's page and in the CSV export.]"
)
ROWS_AT_A_TIME = 500


def guard(text):
    """Answer `text` so that no spreadsheet takes it for a formula: an apostrophe stands before what might be one."""
    return f"'{text}" if FORMULA.match(text) else text


def unguard(text):
    """Answer the text that `guard` was given; also right for a text that was never guarded."""
    return text[1:] if GUARDED.match(text) else text


def write_csv(activities):
    """Yield the rows of `activities` (`for_export()`) as CSV in bytes: UTF-8 with BOM, CRLF, dates in ISO form.

    A queryset is read as it goes, so that memory does not grow with it. Three queries for each 500 rows.
    """
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield ("\ufeff" + writer.writerow(HEADINGS)).encode()
    for activity in _one_by_one(activities):
        yield writer.writerow([_csv_cell(column.value(activity)) for column in COLUMNS]).encode()


def write_xlsx(activities, plan, filters, url, made_at):
    """Answer the bytes of an Excel workbook of `activities` (`for_export()`), all of them of `plan`.

    `filters` is [(label, value)] in words, as the second sheet says them; `url` is where the view can be seen
    again; `made_at` is when it was made. Costs what `write_csv` costs.
    """
    file = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        book.set_properties(
            {
                "title": f"{plan.name}: activities",
                "subject": plan.programme,
                "category": plan.get_marking_display(),
                "created": made_at.astimezone(UTC),
            }
        )
        count = _write_activities(book, activities, plan)
        facts = [
            ("Plan", plan.name),
            ("Protective marking", plan.get_marking_display()),
            *(filters or [("Filters", "None: these are all the activities of the plan.")]),
            ("Number of activities", str(count)),
            ("Made", _moment_in_words(made_at)),
            ("Where to see it", url),
        ]
        write_about(book, facts, plan)
    return file.getvalue()


class _Echo:
    """A file that answers what is written, so that `csv.writer` can stream."""

    def write(self, text):
        return text


def _one_by_one(activities):
    iterator = getattr(activities, "iterator", None)
    return iterator(chunk_size=ROWS_AT_A_TIME) if iterator else activities


def _csv_cell(value):
    if value is None:
        return ""
    return guard(value) if isinstance(value, str) else str(value)


def _write_activities(book, activities, plan):
    """Write the first sheet, and answer how many activities it holds."""
    sheet = book.add_worksheet("Activities")
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E3E8EE", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "d mmmm yyyy", "align": "left", "valign": "top"})
    for index, column in enumerate(COLUMNS):
        sheet.set_column(index, index, column.width, text)
        sheet.write_string(0, index, column.heading, heading)
    row = 0
    for row, activity in enumerate(_one_by_one(activities), start=1):
        for index, column in enumerate(COLUMNS):
            value = column.value(activity)
            if isinstance(value, date):
                sheet.write_datetime(row, index, value, day)
            elif isinstance(value, int):
                sheet.write_number(row, index, value, text)
            else:
                sheet.write_string(row, index, excel_text(value or ""), text)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, row, len(COLUMNS) - 1)
    sheet.repeat_rows(0)
    lay_out_for_print(sheet, plan)
    return row


def excel_text(text):
    """Answer what an Excel cell holds: it is text already, so only a text that looks guarded needs a guard."""
    text = guard(text) if GUARDED.match(text) else text
    if _excel_length(text) <= EXCEL_CELL_LENGTH:
        return text
    room = (EXCEL_CELL_LENGTH - _excel_length(CUT_NOTE)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + CUT_NOTE


def _excel_length(text):
    """Excel counts in units of UTF-16, in which rare characters take two."""
    return len(text.encode("utf-16-le")) // 2


def write_about(book, facts, plan):
    """Write a sheet that says what the export is, as [(label, value)], the last of them a link."""
    sheet = book.add_worksheet("About this export")
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
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


def _moment_in_words(moment):
    here = localtime(moment, get_default_timezone())
    return f"{format_date(here, 'j F Y, g:i')} {here:%p}".replace("AM", "am").replace("PM", "pm")
