"""The columns in which an agency reports in a spreadsheet, beside those that say what an activity is.

They stand in the workbooks that agencies fill in, and are blank in each. A row with words in any of them is an update.
"""

from dataclasses import dataclass

from plans.actions.reporting_rules import EXPLAINED
from plans.choices import Status


@dataclass(frozen=True)
class UpdateColumn:
    """A column to fill in: its heading, the field of `StatusUpdate` that it fills, and its width in characters.

    `title` and `hint` explain it to whoever fills it in.
    """

    heading: str
    field: str
    width: int
    title: str
    hint: str


WITH_REASON = ", ".join(one.label for one in Status if one in EXPLAINED)

REPORTING_AGENCY = UpdateColumn(
    "Reporting Agency",
    "agency",
    20,
    "Who reports",
    "The agency that this update comes from. Blank means the agency that the workbook was made for.",
)
UPDATE_STATUS = UpdateColumn(
    "Update Status",
    "status",
    18,
    "How it is going now",
    "Choose from the list. The sheet Explanation says what each means. "
    "The same status again, with no words, says “no change”.",
)
WHAT_HAPPENED = UpdateColumn(
    "What Happened",
    "what_happened",
    50,
    "What has happened?",
    f"A few sentences. One of them says why, where the status is one of: {WITH_REASON}.",
)
WHAT_IS_NEXT = UpdateColumn("What Is Next", "whats_next", 40, "What is next?", "A few sentences, or blank.")
BARRIER = UpdateColumn(
    "Barrier",
    "barrier",
    40,
    "What stands in the way?",
    "Blank if nothing does. What is written here is listed with the plan's barriers until it is resolved.",
)

UPDATE_COLUMNS = (REPORTING_AGENCY, UPDATE_STATUS, WHAT_HAPPENED, WHAT_IS_NEXT, BARRIER)
"""Every column to fill in, in its order."""

HEADINGS = tuple(column.heading for column in UPDATE_COLUMNS)
"""Their headings."""

LATEST_UPDATE = "Latest Update"
"""The heading of what was last reported, which is shown beside them and never read."""
