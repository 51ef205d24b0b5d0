"""The other lists of a plan as CSV and Excel, in columns like those of activities.

They are barriers, due dates, checks, what changed between two moments, updates and plans.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from plans.choices import Due
from plans.models import Plan
from plans.spreadsheets.cell_text import csv_cell
from plans.spreadsheets.columns import ACTIVITY_NUMBER, Column
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

ROWS_AT_A_TIME = 1_000


class _Words(CellWidget):
    """Whatever a page would say of the value; blank for nothing."""

    def render(self, value, obj=None, **kwargs):
        """Return it as text."""
        return str(value) if value else ""


def _column(heading, width, of, widget=None):
    return Column(heading, "", width, widget or _Words(), of=of, readonly=True)


def _leads(activity):
    return "; ".join(link.agency.label for link in activity.lead_links)


BARRIER_COLUMNS = (
    _column(ACTIVITY_NUMBER, 10, lambda one: one.activity.number, CellWidget()),
    _column("Activity", 30, lambda one: one.activity.name),
    _column("Agency Lead", 20, lambda one: _leads(one.activity)),
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


def _move(name):
    return lambda row: row[2] and getattr(row[2], name)


def _work(name):
    return lambda row: getattr(row[0], name)


def _different(name):
    return lambda row: row[1] and getattr(row[1], name)


DUE_COLUMNS = (
    _column(ACTIVITY_NUMBER, 10, lambda row: row[1].number, CellWidget()),
    _column("Activity", 30, lambda row: row[1].name),
    _column("Sub-activity", 40, _work("item")),
    _column("Agency Lead", 20, lambda row: _leads(row[1])),
    _column("Status", 15, lambda row: row[1].get_status_display()),
    _column("Due", 18, _work("due_on"), DayWidget()),
    _column("Due Date", 18, lambda row: Due(row[0].state).label if row[0].state else "Done"),
    _column("First Planned For", 18, _work("first_on"), DayWidget()),
    _column("Times Moved", 10, lambda row: len(row[0].moves), CellWidget()),
    _column("Days Moved", 10, _work("days"), CellWidget()),
    _column("Moved On", 18, _move("at"), DayWidget()),
    _column("Moved From", 18, _move("before"), DayWidget()),
    _column("Moved To", 18, _move("after"), DayWidget()),
    _column("By Days", 10, _move("days"), CellWidget()),
    _column("Moved By", 20, _move("by")),
    _column("Reason", 40, _move("why")),
)
"""The columns of [(`DueWork`, its activity, a move of it or None)]."""


def _rows_of_moves(works):
    """Yield a row for each move of a due date, one for what never moved."""
    for work, activity in works:
        for move in work.moves or (None,):
            yield work, activity, move


def _finding(of):
    return lambda row: of(row[1])


def _accepted(name):
    return lambda row: row[1].accepted and getattr(row[1].accepted, name)


CHECK_COLUMNS = (
    _column(ACTIVITY_NUMBER, 10, lambda row: row[0].number, CellWidget()),
    _column("Activity", 30, lambda row: row[0].name),
    _column("Agency Lead", 20, lambda row: _leads(row[0])),
    _column("Status", 15, lambda row: row[0].get_status_display()),
    _column("Due", 18, lambda row: row[0].due_on, DayWidget()),
    _column("Check", 30, _finding(lambda finding: finding.check.label)),
    _column("Why", 50, _finding(lambda finding: finding.reason)),
    _column("What Would Settle It", 50, _finding(lambda finding: finding.check.settle)),
    _column("Accepted Until", 18, _accepted("until"), DayWidget()),
    _column("Accepted By", 20, _accepted("author")),
    _column("Reason", 40, _accepted("reason")),
)
"""The columns of [(an activity, a `Finding` of it)]."""


def _rows_of_findings(checked):
    """Yield a row for each finding."""
    for one, activity in checked:
        for finding in one.findings:
            yield activity, finding


COMPARISON_COLUMNS = (
    _column(ACTIVITY_NUMBER, 10, lambda row: row[0].number, CellWidget()),
    _column("Activity", 30, lambda row: row[0].name),
    _column("Agency Lead", 20, lambda row: "; ".join(row[0].leads)),
    _column("Status", 15, lambda row: row[0].status.label),
    _column("Change", 20, lambda row: row[0].kind.label),
    _column("What Changed", 22, _different("subject")),
    _column("Which", 30, _different("about")),
    _column("Before", 50, _different("before")),
    _column("After", 50, _different("after")),
    _column("Note", 40, _different("note")),
)
"""The columns of [(`ComparedActivity`, a `Difference` in it or None)]."""


def _rows_of_differences(activities):
    """Yield a row for each difference, one for an activity without any."""
    for activity in activities:
        for difference in activity.differences or (None,):
            yield activity, difference


CLOSING_COLUMNS = (
    _column(ACTIVITY_NUMBER, 10, lambda row: row.activity.number, CellWidget()),
    _column("Activity", 30, lambda row: row.activity.name),
    _column("Agency Lead", 20, lambda row: row.leads),
    _column("Status", 15, lambda row: row.activity.get_status_display()),
    _column("Outcome", 25, lambda row: row.outcome),
    _column("Ended On", 18, lambda row: row.activity.ended_on, DayWidget()),
    _column("Ending Note", 50, lambda row: row.activity.ending_note),
    _column("Continued By", 30, lambda row: row.continued_by),
)
"""The columns of [`ClosedActivity`]."""


def _rows_of_barriers(barriers):
    """Return an iterator over the rows. Two queries for each thousand barriers."""
    return barriers.iterator(chunk_size=ROWS_AT_A_TIME)


class _Moment(CellWidget):
    """A moment, by which a program knows what is new."""

    def render(self, value, obj=None, **kwargs):
        """Return it in ISO form, in UTC, to the second."""
        return value.astimezone(UTC).isoformat(timespec="seconds") if value else ""


UPDATE_COLUMNS = (
    _column("Update", 10, lambda one: one.pk, CellWidget()),
    _column(ACTIVITY_NUMBER, 10, lambda one: one.activity.number, CellWidget()),
    _column("Activity", 30, lambda one: one.activity.name),
    _column("Agency", 20, lambda one: one.agency),
    _column("Kind", 15, lambda one: one.get_kind_display()),
    _column("Status", 15, lambda one: one.get_status_display() if one.status else ""),
    _column("What Happened", 50, lambda one: one.what_happened),
    _column("Next Steps", 40, lambda one: one.whats_next),
    _column("Barrier", 40, lambda one: one.barrier),
    _column("Round", 20, lambda one: one.round),
    _column("Made", 18, lambda one: one.made_at, DayWidget()),
    _column("Made At", 22, lambda one: one.made_at, _Moment()),
    _column("Made By", 20, lambda one: one.author),
    _column("By Link", 8, lambda one: "Yes" if one.by_link_id else "No"),
)
"""The columns of updates, with activity, agency, author and round."""

PLAN_COLUMNS = (
    _column("Plan", 20, lambda one: one.slug),
    _column("Name", 40, lambda one: one.name),
    _column("Short Name", 20, lambda one: one.short_name),
    _column("Programme", 40, lambda one: one.programme),
    _column("Starts", 18, lambda one: one.starts_on, DayWidget()),
    _column("Ends", 18, lambda one: one.ends_on, DayWidget()),
    _column("Protective Marking", 20, lambda one: one.get_marking_display()),
    _column("Current", 8, lambda one: "Yes" if one.is_current else "No"),
    _column("Published", 8, lambda one: "Yes" if one.is_published else "No"),
)
"""The columns of plans; the first is what addresses call a plan."""


@dataclass(frozen=True)
class ListTable:
    """A list as a table in a file: what its sheet is called, its columns, and the rows of what is listed.

    It costs the queries of `rows_of`, which are none unless it says so.
    """

    name: str
    columns: tuple[Column, ...]
    rows_of: Callable[[Any], Iterable[Any]]

    def write_csv(self, listed: Any) -> Iterator[bytes]:
        """Yield what is `listed` as CSV in bytes: UTF-8 with BOM, CRLF, dates in ISO form."""
        yield ("\ufeff" + ",".join(column.heading for column in self.columns) + "\r\n").encode()
        for row in self.rows_of(listed):
            yield (",".join(csv_cell(column.export(row)) for column in self.columns) + "\r\n").encode()

    def write_xlsx(self, listed: Any, plan: Plan, said: list[tuple[str, str]], url: str, made_at: datetime) -> bytes:
        """Return the bytes of an Excel workbook of what is `listed`, all of it of `plan`.

        `said` is [(label, value)] in words, as the second sheet says them; `url` is where the view can be seen again;
        `made_at` is when it was made.
        """
        file = BytesIO()
        with PlainWorkbook(file, OPTIONS) as book:
            describe(book, plan, f"{plan.name}: {self.name.lower()}", made_at)
            sheet = book.add_worksheet(self.name)
            write_headings(sheet, self.columns, [book.add_format(HEADING)] * len(self.columns))
            looks = [book.add_format({**TEXT, **(DAY if column.is_day else {})}) for column in self.columns]
            count = 0
            for count, row in enumerate(self.rows_of(listed), start=1):
                write_cells(sheet, count, [column.export(row) for column in self.columns], looks)
            sheet.autofilter(0, 0, count, len(self.columns) - 1)
            lay_out_for_print(sheet, plan)
            facts = [
                ("Plan", plan.name),
                ("Protective marking", plan.get_marking_display()),
                *said,
                (f"Number of {self.name.lower()}", str(count)),
                ("Made", moment_in_words(made_at)),
                ("Link to this view", url),
            ]
            write_about(book, facts, plan)
        return file.getvalue()


BARRIERS = ListTable("Barriers", BARRIER_COLUMNS, _rows_of_barriers)
"""Of barriers, fetched `for_export()`."""
DUE_DATES = ListTable("Due dates", DUE_COLUMNS, _rows_of_moves)
"""Of [(`DueWork`, its activity with its agencies)]."""
CHECKS = ListTable("Plan checks", CHECK_COLUMNS, _rows_of_findings)
"""Of [(`CheckedActivity`, its activity with its agencies)]."""
COMPARISON = ListTable("Changes", COMPARISON_COLUMNS, _rows_of_differences)
"""Of [`ComparedActivity`]."""
CLOSING_REPORT = ListTable("Closing report", CLOSING_COLUMNS, iter)
"""Of [`ClosedActivity`]."""
UPDATES = ListTable("Updates", UPDATE_COLUMNS, lambda updates: updates.iterator(chunk_size=ROWS_AT_A_TIME))
"""Of updates, fetched `of_plan()` with their round. One query."""
PLANS = ListTable("Plans", PLAN_COLUMNS, iter)
"""Of [Plan]."""
