"""The columns of an activity in a spreadsheet: one definition for every export and import."""

from dataclasses import dataclass
from operator import attrgetter

from plans.spreadsheets.activity_lines import line_of


@dataclass(frozen=True)
class Column:
    """A column: its heading, what of a `Line` stands in it, and its width in characters.

    That is text, a whole number, a date or None. `is_own` says whether it is another in each activity.
    """

    heading: str
    attribute: str
    width: int
    is_own: bool = False

    def value(self, activity):
        """Answer what stands in the column for an activity fetched with `for_export()`. No query."""
        return getattr(line_of(activity), self.attribute)


NUMBER = Column("Number", "number", 8, is_own=True)
FOCUS_AREA = Column("Strategic Focus Area", "focus_area", 30)
PRIORITY_AREA = Column("Priority Action Area", "priority_area", 30)
TITLE = Column("Activity", "title", 30, is_own=True)
DESCRIPTION = Column("Description", "description", 70, is_own=True)
LEADS = Column("Agency Lead", "leads", 20)
SUPPORTS = Column("Support Agencies", "supports", 24)
DESCRIPTION_STATE = Column("Description State", "description_state", 16)
STATUS = Column("Status", "status", 15)
LAST_UPDATED = Column("Last Updated", "last_updated", 18)
FRESHNESS = Column("Freshness", "freshness", 15)

COLUMNS = (
    NUMBER,
    FOCUS_AREA,
    PRIORITY_AREA,
    TITLE,
    DESCRIPTION,
    LEADS,
    SUPPORTS,
    DESCRIPTION_STATE,
    STATUS,
    LAST_UPDATED,
    FRESHNESS,
)
"""Every column in its order."""

MERGED_COLUMNS = (
    FOCUS_AREA,
    PRIORITY_AREA,
    TITLE,
    DESCRIPTION,
    LEADS,
    SUPPORTS,
    DESCRIPTION_STATE,
    STATUS,
)
"""Those that a file may change, so that a row's version holds what stood in them."""

NOT_READ = (LAST_UPDATED, FRESHNESS)
"""Those that follow from the updates, so that nothing written in them counts."""

HEADINGS = tuple(column.heading for column in COLUMNS)
"""The first row of every spreadsheet."""

cells_of = attrgetter(*(column.attribute for column in COLUMNS))
"""Answers what stands in each of the columns for a `Line`, as a tuple."""

merged_cells_of = attrgetter(*(column.attribute for column in MERGED_COLUMNS))
"""Answers what stands in each of the `MERGED_COLUMNS` for a `Line`, as a tuple."""
