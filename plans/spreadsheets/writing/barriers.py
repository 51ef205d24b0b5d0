"""Barriers as spreadsheets, CSV and Excel, in columns like those of activities; no cell can run as a formula."""

from io import BytesIO

from plans.spreadsheets.cell_text import csv_cell
from plans.spreadsheets.columns import Column
from plans.spreadsheets.widgets import CellWidget, DayWidget
from plans.spreadsheets.writing.workbook import (
    DAY,
    HEADING,
    OPTIONS,
    TEXT,
    PlainWorkbook,
    describe,
    lay_out_for_print,
    write_about,
    write_cells,
    write_headings,
)
from plans.summaries.record import moment_in_words

AT_A_TIME = 1_000


class _Words(CellWidget):
    """Whatever a page would say of the value; blank for nothing."""

    def render(self, value, obj=None, **kwargs):
        """Return it as text."""
        return str(value) if value else ""


def _leads(barrier):
    return "; ".join(link.agency.label for link in barrier.activity.lead_links)


def _column(heading, width, of, widget=None):
    return Column(heading, "", width, widget or _Words(), of=of, readonly=True)


COLUMNS = (
    _column("Activity Number", 10, lambda one: one.activity.number, CellWidget()),
    _column("Activity", 30, lambda one: one.activity.name),
    _column("Agency Lead", 20, _leads),
    _column("Barrier", 60, lambda one: one.text),
    _column("Raised By", 20, lambda one: one.update.agency or one.update.author),
    _column("Raised", 18, lambda one: one.update.made_at, DayWidget()),
    _column("Escalated", 18, lambda one: one.escalated_at, DayWidget()),
    _column("Escalated By", 20, lambda one: one.escalated_by),
    _column("Escalation Note", 40, lambda one: one.escalation_note),
    _column("Resolved", 18, lambda one: one.resolved_at, DayWidget()),
    _column("Resolved By", 20, lambda one: one.resolved_by),
    _column("Resolution Note", 40, lambda one: one.resolution_note),
)


def write_barriers_csv(barriers):
    """Yield the rows of `barriers` (`for_export()`) as CSV in bytes: UTF-8 with BOM, CRLF, dates in ISO form.

    Two queries for each thousand barriers.
    """
    yield ("\ufeff" + ",".join(column.heading for column in COLUMNS) + "\r\n").encode()
    for barrier in barriers.iterator(chunk_size=AT_A_TIME):
        yield (",".join(csv_cell(column.export(barrier)) for column in COLUMNS) + "\r\n").encode()


def write_barriers_xlsx(barriers, plan, said, url, made_at):
    """Return the bytes of an Excel workbook of `barriers` (`for_export()`), all of them of `plan`.

    `said` is [(label, value)] in words, as the second sheet says them; `url` is where the view can be seen again;
    `made_at` is when it was made. Costs the queries of `write_barriers_csv`.
    """
    file = BytesIO()
    with PlainWorkbook(file, OPTIONS) as book:
        describe(book, plan, f"{plan.name}: barriers", made_at)
        sheet = book.add_worksheet("Barriers")
        write_headings(sheet, COLUMNS, [book.add_format(HEADING)] * len(COLUMNS))
        looks = [book.add_format({**TEXT, **(DAY if column.is_day else {})}) for column in COLUMNS]
        count = 0
        for count, barrier in enumerate(barriers.iterator(chunk_size=AT_A_TIME), start=1):
            write_cells(sheet, count, [column.export(barrier) for column in COLUMNS], looks)
        sheet.autofilter(0, 0, count, len(COLUMNS) - 1)
        lay_out_for_print(sheet, plan)
        facts = [
            ("Plan", plan.name),
            ("Protective marking", plan.get_marking_display()),
            *said,
            ("Number of barriers", str(count)),
            ("Made", moment_in_words(made_at)),
            ("Link to this view", url),
        ]
        write_about(book, facts, plan)
    return file.getvalue()
