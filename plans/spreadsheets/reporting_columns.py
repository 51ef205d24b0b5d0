"""The columns in which an agency reports: those beside the activity's own, and the sheet of sub-activities.

They stand in the workbooks that agencies fill in, and are blank in each. A row with words in any of them is an update.
"""

from dataclasses import KW_ONLY, dataclass

from plans.actions.reporting_rules import EXPLAINED
from plans.choices import Status
from plans.spreadsheets import columns
from plans.spreadsheets.columns import STATUS, Column
from plans.spreadsheets.widgets import AgencyWidget


@dataclass(eq=False, repr=False)
class UpdateColumn(Column):
    """A column to fill in; `attribute` is the field of `StatusUpdate` that it fills.

    `title` and `hint` explain it to whoever fills it in.
    """

    _: KW_ONLY
    title: str
    hint: str


WITH_REASON = " or ".join(", ".join(one.label for one in Status if one in EXPLAINED).rsplit(", ", 1))

REPORTING_AGENCY = UpdateColumn(
    "Reporting Agency",
    "agency",
    20,
    AgencyWidget(),
    title="Agency",
    hint="The agency giving this update. Leave blank for the agency the workbook was made for.",
)
UPDATE_STATUS = UpdateColumn(
    "Update Status",
    "status",
    18,
    STATUS.widget,
    title="Status now",
    hint="Choose from the list. The Instructions sheet explains each one. "
    "For no change, choose the same status again and leave the rest blank.",
    other_names=("Status Update", "New Status"),
)
WHAT_HAPPENED = UpdateColumn(
    "What Happened",
    "what_happened",
    50,
    title="What has happened?",
    hint=f"A few sentences. Explain why if the status is {WITH_REASON}.",
)
WHAT_IS_NEXT = UpdateColumn(
    "What Is Next",
    "whats_next",
    40,
    title="Next steps",
    hint="A few sentences, or blank.",
    other_names=("What's Next", "What Next", "Next Steps"),
)
BARRIER = UpdateColumn(
    "Barrier",
    "barrier",
    40,
    title="Barriers",
    hint="Leave blank if there are none. Barriers are listed until resolved.",
    other_names=("Barriers",),
)

UPDATE_COLUMNS = (REPORTING_AGENCY, UPDATE_STATUS, WHAT_HAPPENED, WHAT_IS_NEXT, BARRIER)
"""Every column to fill in, in its order."""

HEADINGS = tuple(column.heading for column in UPDATE_COLUMNS)
"""Their headings."""

LATEST_UPDATE = "Latest Update"
"""The heading of what was last reported, which is shown beside them and never read."""


SHEET = "Sub-activities"
"""The name of the sheet, by which it is known when the workbook comes back."""

YES = "Yes"


@dataclass(frozen=True)
class TickColumn:
    """A column of the sheet: its heading, its width in characters, and a hint for whoever fills it in, if anybody."""

    heading: str
    width: int
    hint: str = ""


NUMBER = TickColumn(columns.NUMBER.heading, columns.NUMBER.width)
TITLE = TickColumn(columns.TITLE.heading, 30)
ITEM = TickColumn("Sub-activity", 60)
DONE = TickColumn("Done", 10, f"Choose “{YES}” if it is done. Leave it blank if it is not, or not yet.")
DONE_ON = TickColumn("Done On", 20, "The day on which it was done, like 1 July 2024. Blank means today.")

TICK_COLUMNS = (NUMBER, TITLE, ITEM, DONE, DONE_ON)
"""Every column, in its order."""

OPEN_COLUMNS = (DONE, DONE_ON)
"""Those to fill in."""
