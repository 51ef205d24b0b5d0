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

SHEET = "Explanation"
WHAT_TO_DO = (
    "Fill in the open columns of the sheet Activities, a row for each activity that you report on. "
    "A row that you leave blank reports nothing and changes nothing."
)
TICKS_NOTE = (
    "It lists what is not done yet of the activities that have sub-activities. What you tick there is part of your "
    "report on its activity, whose status stays as it is unless you choose another in the sheet Activities. "
    "Where nobody has reported on an activity before, choose its status there as well."
)
NO_CHANGE = "Choose the status that it has, and write nothing else: that reports “no change since the last update”."
SHADED_NOTE = (
    "They show what the plan says and are locked. If something there is wrong, tell a programme admin. "
    "A hidden column says what each row was made from, so that nobody's later words are lost: leave it as it is."
)
WHAT_BECOMES = (
    "Before anything is saved, each change is shown to whoever sends the file in. Then your words stand in the plan "
    "as your agency's update, as if they had been written on the page, with the name of who sent them in. "
    "If somebody reported meanwhile, both reports are shown, and neither is lost."
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
    yield "For", f"{fill_in.agency.name}: the {_count(fill_in.rows)} that it leads, also in a group or through a unit"
    yield "Made", moment_in_words(made_at)
    yield "Due", _due(plan.open_round)
    yield "What to do", WHAT_TO_DO
    yield "Nothing has changed?", NO_CHANGE
    yield "Where to send it", "To whoever sent it to you. If you can sign in, you can also send it in yourself, here:"
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
    yield "What becomes of it", WHAT_BECOMES


def _count(rows):
    return "one activity" if len(rows) == 1 else f"{len(rows)} activities"


def _due(reporting_round):
    if reporting_round is None:
        return "No reporting round is open. You can report at any time."
    return f"{date_format(reporting_round.due_on)}, for the {reporting_round.name}"
