"""The sheet that explains, to whoever fills in a workbook, what to do and what becomes of it."""

from django.utils.formats import date_format

from plans.actions.reporting_rules import PRIVACY_HINT
from plans.choices import Status
from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.tick_columns import OPEN_COLUMNS
from plans.spreadsheets.tick_columns import SHEET as TICKS
from plans.spreadsheets.update_columns import UPDATE_COLUMNS
from plans.spreadsheets.writing.workbook import EXCEL_LINK_LENGTH, TEXT, lay_out_for_print
from plans.summaries.record import moment_in_words

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


def write_guide(book, fill_in, plan, url, made_at):
    """Write the sheet of explanations into `book`; `url` is where the filled-in workbook can be sent."""
    sheet = book.add_worksheet(SHEET)
    label = book.add_format({"bold": True, "valign": "top"})
    text = book.add_format(TEXT)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    for row, (name, value) in enumerate(_entries(fill_in, plan, url, made_at)):
        sheet.write_string(row, 0, name, label)
        if value == url and len(url) <= EXCEL_LINK_LENGTH:
            sheet.write_url(row, 1, url, string=url)
        else:
            sheet.write_string(row, 1, excel_text(value), text)
    lay_out_for_print(sheet, plan)
    sheet.set_portrait()


def _entries(fill_in, plan, url, made_at):
    """Yield (label, text): what it is, what to do, what each column and each status means, what comes of it."""
    yield "Plan", plan.name
    yield "Protective marking", plan.get_marking_display()
    yield "For", f"{fill_in.agency.name}: the {_count(fill_in.rows)} it leads, including through a group or a unit"
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
    if fill_in.items:
        yield f"The sheet {TICKS}", TICKS_NOTE
        for column in OPEN_COLUMNS:
            yield column.heading, column.hint
    yield "The shaded columns", SHADED_NOTE
    yield "The statuses", ""
    for status in Status:
        if status is not Status.NO_UPDATE:
            yield f"{status.shape} {status.label}", status.meaning
    yield "What happens next", WHAT_BECOMES


def _count(rows):
    return "one activity" if len(rows) == 1 else f"{len(rows)} activities"


def _due(reporting_round):
    if reporting_round is None:
        return "No reporting round is open. You can still add an update at any time."
    return f"{date_format(reporting_round.due_on)}, for the {reporting_round.name}"
