"""The reporting workbook of an agency: the activities that it leads, as they are now, and columns to report in.

What says what an activity is stands there to be read, shaded and locked. The columns to report in are open and blank:
a row with words in any of them is an update.
"""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

from django.utils.formats import date_format

from plans.actions.reporting_rules import PRIVACY_HINT
from plans.choices import REPORTABLE
from plans.models import Activity, Agency, StatusUpdate, SubActivity
from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.columns import (
    COLUMNS,
    DONE,
    DONE_ON,
    LATEST_UPDATE,
    NUMBER,
    OPEN_TICK_COLUMNS,
    REPORTING_AGENCY,
    STATUS,
    TICK_COLUMNS,
    TICK_SHEET,
    TITLE,
    UPDATE_COLUMNS,
    UPDATE_STATUS,
    YES,
    Column,
)
from plans.spreadsheets.row_versions import ItemVersion, seal_item
from plans.spreadsheets.writing.export import Line, read_lines, version_of
from plans.spreadsheets.writing.workbook import (
    DAY,
    EXCEL_LINK_LENGTH,
    HEADING,
    OPEN,
    OPEN_HEADING,
    OPTIONS,
    SHADED,
    TEXT,
    PickLists,
    PlainWorkbook,
    describe,
    hide_versions,
    lay_out_for_print,
    write_cells,
    write_headings,
)
from plans.summaries.record import moment_in_words


@dataclass(frozen=True)
class ReportingWorkbook:
    """An agency's part of a plan. `rows` are (`Line`, latest update with a status or None), by number.

    `reporters` are the names of those who may report in it: the agency, its units, and the members of a group.
    `items` are (`Line` of the activity, sub-activity that is not done), in their order.
    """

    agency: Agency
    reporters: list[str]
    rows: list[tuple[Line, StatusUpdate | None]]
    items: list[tuple[Line, SubActivity]]


def reporting_workbook_of(agency, plan, on):
    """Return the `ReportingWorkbook` of an agency, fresh or not on the day `on`; without rows where it leads nothing.

    Activities that have ended are left out.

    Eight queries.
    """
    [found] = _reporting_workbooks(Agency.objects.filter(pk=agency.pk), plan, on)
    return found


def all_reporting_workbooks(plan, on):
    """Yield the `ReportingWorkbook` of each agency that leads anything and can report, by code.

    A query for each, and eight more. Left out are groups, since their members report, and agencies that have ended.
    """
    for found in _reporting_workbooks(Agency.objects.in_plan(plan).order_by("code"), plan, on):
        has_ended = found.agency.ended_on is not None and found.agency.ended_on < on
        if found.rows and not (has_ended or found.agency.is_group):
            yield found


def _reporting_workbooks(agencies, plan, on):
    going_on = Activity.objects.in_force().going_on().filter(plan=plan)
    led = going_on.reportable_by(agencies.order_by().values("pk"))
    lines = {line.activity_id: line for line in read_lines(led.order_by("number").for_export(on))}
    latest = {update.activity_id: update for update in StatusUpdate.objects.latest_of(led).select_related("agency")}
    items = _open_items(led)
    for agency in agencies.prefetch_related("units", "members"):
        own = set(going_on.reportable_by([agency.pk]).values_list("pk", flat=True))
        reporters = [one.name for one in (agency, *agency.units.all(), *agency.members.all())]
        rows = [(line, latest.get(pk)) for pk, line in lines.items() if pk in own]
        undone = [(line, item) for line, _ in rows for item in items.get(line.activity_id, ())]
        yield ReportingWorkbook(agency, list(dict.fromkeys(reporters)), rows, undone)


def _open_items(activities):
    """Return {activity: [its sub-activities in force that are not done]}. One query."""
    found = {}
    items = SubActivity.objects.in_force().filter(activity__in=activities.values("pk"), is_done=False)
    for item in items.select_related("agency"):
        found.setdefault(item.activity_id, []).append(item)
    return found


LOCKED_NOTE = "Shaded columns are locked. They show the plan. Programme admins can change them."


LATEST = Column(LATEST_UPDATE, "latest_update", 36, readonly=True)
BEFORE = (NUMBER, TITLE, STATUS, LATEST)
AFTER = tuple(column for column in COLUMNS if column not in BEFORE)
ALL = (*BEFORE, *UPDATE_COLUMNS, *AFTER)
"""Every column in its order: what is to be filled in stands beside what names the activity."""


def write_reporting_workbook(workbook, plan, url, made_at):
    """Return the bytes of a `ReportingWorkbook` of `plan`. No query, but for the open round if it is not known.

    `url` is where the filled-in workbook can be sent; `made_at` is when this one was made.
    """
    file = BytesIO()
    lists = PickLists()
    with PlainWorkbook(file, OPTIONS) as book:
        describe(book, plan, f"{plan.name}: {workbook.agency.name}, reporting workbook", made_at)
        _write_activities(book, workbook, plan, lists)
        if workbook.items:
            write_ticks(book, workbook, plan, lists)
        write_guide(book, workbook, plan, url, made_at)
        lists.write(book)
    return file.getvalue()


def write_all(workbooks, plan, url, made_at):
    """Yield the bytes of a zip archive with the file of each `ReportingWorkbook`, which comes as soon as it is made.

    One workbook at a time is in memory.
    """
    parts = _Parts()
    with ZipFile(parts, "w", ZIP_STORED) as archive:
        for workbook in workbooks:
            archive.writestr(
                reporting_workbook_name(plan, workbook.agency), write_reporting_workbook(workbook, plan, url, made_at)
            )
            yield parts.taken()
    yield parts.taken()


def reporting_workbook_name(plan, agency):
    """Return what the file of an agency is called; those of a plan sort by agency."""
    return f"{plan.slug}-fill-in-{agency.code}-{plan.get_marking_display()}.xlsx"


class _Parts:
    """A file that is written from start to end and keeps nothing that has been taken from it."""

    def __init__(self):
        self.written = []

    def write(self, content):
        self.written.append(bytes(content))
        return len(content)

    def flush(self):
        """Do nothing: what is written is there."""

    def taken(self):
        """Return what was written since it was last asked."""
        content, self.written = b"".join(self.written), []
        return content


def _write_activities(book, workbook, plan, lists):
    sheet = book.add_worksheet("Activities")
    hidden = _write_headings(book, sheet)
    formats = [book.add_format(_look(column)) for column in ALL]
    last_row = len(workbook.rows)
    for row, (line, latest) in enumerate(workbook.rows, start=1):
        write_cells(sheet, row, [_cell(column, line, latest) for column in ALL], formats)
        sheet.write_string(row, len(ALL), version_of(line, plan, workbook.agency.code), hidden)
    _offer_choices(sheet, workbook, lists)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    sheet.autofilter(0, 0, last_row, len(ALL))
    lay_out_for_print(sheet, plan)
    sheet.print_area(0, 0, last_row, len(BEFORE) + len(UPDATE_COLUMNS) - 1)


def _write_headings(book, sheet):
    """Write the headings and what explains them, and return the format of the hidden cells.

    It comes before any row: XlsxWriter goes through a sheet from top to bottom.
    """
    locked, opened = book.add_format({**HEADING, **SHADED}), book.add_format(OPEN_HEADING)
    write_headings(sheet, ALL, [opened if column in UPDATE_COLUMNS else locked for column in ALL])
    sheet.freeze_panes(1, 2)
    sheet.write_comment(0, 0, LOCKED_NOTE, {"x_scale": 2})
    for place, column in enumerate(UPDATE_COLUMNS, start=len(BEFORE)):
        sheet.write_comment(0, place, f"{column.title}\n{column.hint}", {"x_scale": 2, "y_scale": 1.5})
    return hide_versions(book, sheet, len(ALL))


def _look(column):
    if column in UPDATE_COLUMNS:
        return OPEN
    return {**(DAY if column.is_day else TEXT), **SHADED}


def _cell(column, line, latest):
    if column in UPDATE_COLUMNS:
        return None
    return said(latest) if column is LATEST else getattr(line, column.attribute)


def _offer_choices(sheet, workbook, lists):
    """Give drop-downs to the columns that take one of a list, and a hint to those that take words."""
    last_row = len(workbook.rows)
    choices = {REPORTING_AGENCY: workbook.reporters, UPDATE_STATUS: STATUS.widget.offered}
    for place, column in enumerate(UPDATE_COLUMNS, start=len(BEFORE)):
        if column in choices:
            lists.add(sheet, place, last_row, choices[column])
        elif last_row:
            prompt = {"validate": "any", "input_title": column.title, "input_message": PRIVACY_HINT}
            sheet.data_validation(1, place, last_row, place, prompt)


def said(update):
    """Return what an update said, as one text; blank for None."""
    if update is None:
        return ""
    by_link = ", by link" if update.by_link_id else ""
    parts = [
        f"{update.status_choice.label}: {update.said_by}, {update.day}{by_link}",
        update.what_happened,
        update.whats_next and f"Next: {update.whats_next}",
        update.barrier and f"Barrier: {update.barrier}",
    ]
    return "\n".join(filter(None, parts))


# The sheets beside that of activities.

SHEET = "Instructions"
WHAT_TO_DO = (
    "On the Activities sheet, fill in the white columns for each activity you are updating. "
    "Leave a row blank to skip it."
)
TICKS_NOTE = (
    "Lists sub-activities that are not done yet. What you tick there is part of your update on the activity. "
    "The status does not change unless you choose another on the Activities sheet. "
    "If an activity has no updates yet, choose its status there as well."
)
NO_CHANGE = "Choose the same status again and leave the rest blank."
SHADED_NOTE = (
    "They show the plan and are locked. If something there is wrong, tell a programme admin. "
    "Do not delete the hidden column. The tracker uses it to avoid overwriting newer changes."
)
WHAT_BECOMES = (
    "Whoever uploads the file reviews each change before it is saved. Your updates then appear in the plan under your "
    "agency's name. If someone else has added an update in the meantime, both are kept."
)


def write_guide(book, workbook, plan, url, made_at):
    """Write the sheet of explanations into `book`; `url` is where the filled-in workbook can be sent."""
    sheet = book.add_worksheet(SHEET)
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format(TEXT)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    for row, (name, value) in enumerate(_entries(workbook, plan, url, made_at)):
        sheet.write_string(row, 0, name, label)
        if value == url and len(url) <= EXCEL_LINK_LENGTH:
            sheet.write_url(row, 1, url, string=url)
        else:
            sheet.write_string(row, 1, excel_text(value), text)
    lay_out_for_print(sheet, plan)
    sheet.set_portrait()


def _entries(workbook, plan, url, made_at):
    """Yield (label, text): what it is, what to do, what each column and each status means, what comes of it."""
    yield "Plan", plan.name
    yield "Protective marking", plan.get_marking_display()
    yield "For", f"{workbook.agency.name}: the {_count(workbook.rows)} it leads, including through a group or a unit"
    yield "Made", moment_in_words(made_at)
    yield "Due", _due(plan.open_round)
    yield "What to do", WHAT_TO_DO
    yield "Nothing has changed?", NO_CHANGE
    yield (
        "Where to send it",
        "To the person who sent it to you. If you can sign in, you can also upload it yourself, here:",
    )
    yield "", url
    yield "Privacy", PRIVACY_HINT
    yield "The columns to fill in", ""
    for column in UPDATE_COLUMNS:
        yield column.heading, f"{column.title} {column.hint}" if column.title.endswith("?") else column.hint
    if workbook.items:
        yield f"The sheet {TICK_SHEET}", TICKS_NOTE
        for column in OPEN_TICK_COLUMNS:
            yield column.heading, column.hint
    yield "The shaded columns", SHADED_NOTE
    yield "The statuses", ""
    for status in REPORTABLE:
        yield f"{status.shape} {status.label}", status.meaning
    yield "What happens next", WHAT_BECOMES


def _count(rows):
    return "one activity" if len(rows) == 1 else f"{len(rows)} activities"


def _due(reporting_round):
    if reporting_round is None:
        return "No reporting round is open. You can still add an update at any time."
    return f"{date_format(reporting_round.due_on)}, for the {reporting_round.name}"


DAYS = {
    "validate": "date",
    "criteria": "between",
    "minimum": date(2000, 1, 1),
    "maximum": "=TODAY()",
    "error_title": "Not a day in the past",
    "error_message": "Write the day like 1 July 2024. Enter today or an earlier date.",
    "input_title": "Done on",
    "input_message": DONE_ON.hint,
}
"""What the cells of days take."""


def write_ticks(book, workbook, plan, lists):
    """Write the sheet with a row for each of the `items` of a `ReportingWorkbook`; `lists` are its `PickLists`."""
    sheet = book.add_worksheet(TICK_SHEET)
    locked, opened = book.add_format({**HEADING, **SHADED}), book.add_format(OPEN_HEADING)
    write_headings(sheet, TICK_COLUMNS, [opened if one in OPEN_TICK_COLUMNS else locked for one in TICK_COLUMNS])
    for column in OPEN_TICK_COLUMNS:
        sheet.write_comment(0, TICK_COLUMNS.index(column), column.hint, {"x_scale": 2})
    hidden = hide_versions(book, sheet, len(TICK_COLUMNS))
    shaded = book.add_format({**TEXT, **SHADED})
    formats = [shaded] * 3 + [book.add_format(OPEN), book.add_format({**OPEN, **DAY})]
    formats += [book.add_format({**TEXT, **SHADED, **DAY}), shaded]
    last_row = len(workbook.items)
    for row, (line, item) in enumerate(workbook.items, start=1):
        responsible = item.agency.name if item.agency else ""
        cells = [line.number, line.title, item.text, None, None, item.due_on, responsible]
        write_cells(sheet, row, cells, formats)
        version = ItemVersion(plan.pk, line.activity_id, line.number, item.pk)
        sheet.write_string(row, len(TICK_COLUMNS), seal_item(version), hidden)
    lists.add(sheet, TICK_COLUMNS.index(DONE), last_row, [YES])
    place = TICK_COLUMNS.index(DONE_ON)
    sheet.data_validation(1, place, last_row, place, DAYS)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    sheet.autofilter(0, 0, last_row, len(TICK_COLUMNS))
    lay_out_for_print(sheet, plan)
    sheet.print_area(0, 0, last_row, len(TICK_COLUMNS) - 1)
