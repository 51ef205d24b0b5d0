"""The sheet of a workbook in which an agency says which sub-activities are done, beside the sheet of activities."""

from dataclasses import dataclass

from plans.spreadsheets import columns

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
