"""The columns of an activity in a spreadsheet: one definition for every export, import, undo and record.

To add a column, add the field to `Activity`, make the migration, and add a `Column` to `COLUMNS`. Below them are the
columns in which agencies report, `UPDATE_COLUMNS`, and those of the sheet of sub-activities, `TICK_COLUMNS`.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from import_export.fields import Field

from plans.actions.reporting_rules import EXPLAINED
from plans.choices import DescriptionState, Ending, Freshness, Status
from plans.models import Activity
from plans.spreadsheets.descriptions import Description, description_of
from plans.spreadsheets.widgets import (
    YES,
    AgenciesWidget,
    AgencyWidget,
    AreaWidget,
    CellWidget,
    ChoiceWidget,
    DayWidget,
    DescriptionWidget,
    EvidenceWidget,
    FlagWidget,
    OptionalChoiceWidget,
    PastDayWidget,
    SentenceWidget,
    TitleWidget,
)
from plans.summaries.record.words import day_in_words

ACTIVITY_NUMBER = "Activity Number"
"""The heading of the number of an activity in the lists of something else."""
NUMBER_HEADINGS = ("Number", ACTIVITY_NUMBER)


@dataclass(eq=False, repr=False)
class Column(Field):
    """A column, as a field of django-import-export: its widget reads and writes the cells.

    `attribute` is what `Line`, `Draft` and `Current` call the value, `heading` stands in the first row, and
    `other_names` are what people call the column, too. `width` is in characters.

    `field` is the column of the activity's own table that holds the value, blank where it stands elsewhere. `stored`
    are the names, as `plans.querysets.exporting` knows them, of what the value is loaded from; without any, that is
    `field`. `of` returns the value of an activity fetched with `for_export()`; without it, that is its `attribute`.
    `is_own` says whether the value is another in each activity. What is `readonly` follows from other values, so that
    nothing written in it counts. `blank` is the value that a blank cell means where a person said that blanks clear;
    None where nothing can be cleared.
    """

    heading: str
    attribute: str
    width: int
    widget: CellWidget = dataclasses.field(default_factory=CellWidget)
    _: KW_ONLY
    other_names: tuple[str, ...] = ()
    field: str = ""
    stored: tuple[str, ...] = ()
    of: Callable[[Activity], object] = None  # type: ignore[assignment]  # made below, of its attribute
    is_own: bool = False
    readonly: bool = False
    blank: object = None

    def __post_init__(self) -> None:
        """Be a field of the library's."""
        super().__init__(self.attribute, self.heading, self.widget, readonly=self.readonly)
        self.stored = self.stored or (self.field,)
        if self.of is None:
            self.of = attrgetter(self.attribute)

    @property
    def is_day(self) -> bool:
        """Whether days stand in it."""
        return isinstance(self.widget, DayWidget)

    @property
    def is_count(self) -> bool:
        """Whether whole numbers stand in it. The number of an activity is a label: "7", "1.10" or "S-3"."""
        return type(self.widget) is CellWidget and self.heading not in NUMBER_HEADINGS

    def get_value(self, instance: Activity) -> Any:
        """Return the value of an activity fetched with `for_export()`. No query."""
        return self.of(instance)

    def export(self, instance: Activity, **kwargs: Any) -> Any:
        """Return what stands in the cell of an activity fetched with `for_export()`. No query."""
        return self.widget.render(self.of(instance))

    def read(self, text: str, find: Callable[[str, str], Any]) -> Any:
        """Return the value of the text of a cell. Raises `ValueError` in words.

        `find(kind, name)` returns the thing of a kind that is called so, or raises `ValueError`.
        """
        return self.widget.clean(text, find=find)

    def text(self, value: Any) -> str:
        """Return the text by which a value is compared and told: that which reading its cell gives."""
        return cell_in_words(self.widget.render(value)).strip()

    def load(self, stored: Any, names: Any) -> Any:
        """Return the value of what the database holds; a tuple where `stored` names several. See `CellWidget.load`."""
        return self.widget.load(stored, names)

    def store(self, value: Any) -> Any:
        """Return what `field` holds of a value."""
        return self.widget.store(value)


def cell_in_words(cell: str | int | date | None) -> str:
    """Return a cell of an export as text: "1 July 2024" for a date, blank for None."""
    if isinstance(cell, str):
        return cell
    return str(cell) if isinstance(cell, int) else day_in_words(cell)


NUMBER = Column(
    "Number",
    "number",
    8,
    other_names=("#", "No", "Nr", "Num", "Activity Number", "Activity No", "Item", "Item No", "Ref"),
    field="number",
    is_own=True,
)
FOCUS_AREA = Column(
    "Strategic Focus Area",
    "focus_area",
    30,
    AreaWidget("focus area", "focus_areas", str),
    other_names=("Focus Area", "Focus", "Strategic Focus", "Strategic Area"),
    field="focus_area_id",
)
PRIORITY_AREA = Column(
    "Priority Action Area",
    "priority_area",
    30,
    AreaWidget("priority area", "priority_areas", attrgetter("name")),
    other_names=("Priority Area", "Priority", "Priority Action", "Action Area"),
    field="priority_area_id",
)
TITLE = Column(
    "Activity",
    "title",
    30,
    TitleWidget(),
    other_names=("Activities", "Activity Title", "Activity Name", "Title", "Name of Activity"),
    field="title",
    is_own=True,
    blank="",
)
DESCRIPTION = Column(
    "Description",
    "description",
    70,
    DescriptionWidget(),
    other_names=("Activity Description", "Details"),
    field="description",
    stored=("description", "items_in_order"),
    of=description_of,
    is_own=True,
    blank=Description(""),
)
LEADS = Column(
    "Agency Lead",
    "leads",
    20,
    AgenciesWidget(sign=1),
    other_names=("Lead", "Leads", "Lead Agencies", "Lead Organisation", "Led by", "Agency Leads"),
    stored=("agencies_in_order",),
    of=lambda activity: [link.agency for link in activity.lead_links],
    blank=(),
)
SUPPORTS = Column(
    "Support Agencies",
    "supports",
    24,
    AgenciesWidget(sign=-1),
    other_names=("Support", "Supports", "Supporting", "Supporting Agencies", "Support Agency", "Supported by"),
    stored=("agencies_in_order",),
    of=lambda activity: [link.agency for link in activity.support_links],
    blank=(),
)
DESCRIPTION_STATE = Column(
    "Description State",
    "description_state",
    16,
    ChoiceWidget(DescriptionState),
    other_names=("Description Status", "State of Description"),
    field="description_state",
)
STATUS = Column(
    "Status",
    "status",
    15,
    ChoiceWidget(Status, not_offered=[Status.NO_UPDATE]),
    other_names=("Activity Status", "Current Status"),
    field="status",
)
LAST_UPDATED = Column(
    "Last Updated",
    "last_updated",
    18,
    DayWidget(),
    stored=("last_update_at",),
    of=attrgetter("last_update_at"),
    readonly=True,
)
FRESHNESS = Column(
    "Reporting Status",
    "freshness",
    17,
    ChoiceWidget(Freshness),
    other_names=("Freshness",),
    stored=("freshness",),
    readonly=True,
)
DUE = Column(
    "Due",
    "due_on",
    18,
    DayWidget(),
    other_names=("Due Date", "Due On", "Due By", "Deadline"),
    field="due_on",
    blank="",
)
STARTS = Column(
    "Starts",
    "starts_on",
    18,
    DayWidget(),
    other_names=("Start", "Start Date", "Starts On", "Commences", "Commencement Date"),
    field="starts_on",
    blank="",
)
PROGRAMME_RATING = Column(
    "Programme Rating",
    "programme_rating",
    18,
    OptionalChoiceWidget(Status, not_offered=[Status.NO_UPDATE]),
    other_names=("Programme Status", "Programme RAG"),
    field="programme_rating",
    blank="",
)
RATING_REASON = Column(
    "Programme Rating Reason",
    "programme_rating_reason",
    40,
    SentenceWidget("programme_rating_reason"),
    other_names=("Reason for Programme Rating",),
    field="programme_rating_reason",
    is_own=True,
    blank="",
)
ENDING = Column(
    "Ending",
    "ending",
    24,
    OptionalChoiceWidget(Ending),
    other_names=("Ended As", "How It Ended"),
    field="ending",
    blank="",
)
ENDED_ON = Column(
    "Ended On",
    "ended_on",
    18,
    PastDayWidget(),
    other_names=("Ended", "Date Ended", "Day Ended"),
    field="ended_on",
    blank="",
)
ENDING_NOTE = Column(
    "Ending Note",
    "ending_note",
    40,
    SentenceWidget("ending_note"),
    other_names=("Note on Ending", "Reason for Ending"),
    field="ending_note",
    is_own=True,
    blank="",
)
LEADS_DIFFER = Column(
    "Leads Differ",
    "leads_differ",
    12,
    FlagWidget(),
    stored=("leads_differ",),
    readonly=True,
)
EVIDENCE = Column(
    "Evidence",
    "evidence",
    50,
    EvidenceWidget(),
    stored=("evidence_in_order",),
    of=lambda activity: [one.link for one in activity.evidence.all()],
    is_own=True,
    readonly=True,
)

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
    DUE,
    STARTS,
    PROGRAMME_RATING,
    RATING_REASON,
    ENDING,
    ENDED_ON,
    ENDING_NOTE,
    LEADS_DIFFER,
    EVIDENCE,
)
"""Every column in its order."""

MERGED_COLUMNS = tuple(column for column in COLUMNS if column is not NUMBER and not column.readonly)
"""Those that a file may change, so that a row's version holds what stood in them."""

NOT_READ = tuple(column for column in COLUMNS if column.readonly)
"""Those that follow from the updates, so that nothing written in them counts."""

HEADINGS = tuple(column.heading for column in COLUMNS)
"""The first row of every spreadsheet."""

cells_of = attrgetter(*(column.attribute for column in COLUMNS))
"""Return what stands in each of the columns for a `Line`, as a tuple."""

merged_cells_of = attrgetter(*(column.attribute for column in MERGED_COLUMNS))
"""Return what stands in each of the `MERGED_COLUMNS` for a `Line`, as a tuple."""


# The columns in which an agency reports: those beside the activity's own, and the sheet of sub-activities.
#
# They stand in the workbooks that agencies fill in, and are blank in each. A row with words in any is an update.


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

EVIDENCE_LINKS = UpdateColumn(
    "Evidence Links",
    "evidence",
    40,
    EVIDENCE.widget,
    is_own=True,
    title="Links to evidence",
    hint="Addresses that begin with https://, one on each line, each with a label before it if you like. "
    f"Needed if the status is {Status.COMPLETE.label}.",
    other_names=("Links to Evidence",),
)
NO_EVIDENCE_REASON = UpdateColumn(
    "No Evidence Because",
    "no_evidence_reason",
    30,
    title="No evidence available because",
    hint=f"Only if the status is {Status.COMPLETE.label} and there is nothing to link to.",
    other_names=("No Evidence Available Because",),
)

UPDATE_COLUMNS = (
    *(REPORTING_AGENCY, UPDATE_STATUS, WHAT_HAPPENED, WHAT_IS_NEXT, BARRIER),
    *(EVIDENCE_LINKS, NO_EVIDENCE_REASON),
)
"""Every column to fill in, in its order."""

UPDATE_HEADINGS = tuple(column.heading for column in UPDATE_COLUMNS)
"""Their headings."""

LATEST_UPDATE = "Latest Update"
"""The heading of what was last reported, which is shown beside them and never read."""


TICK_SHEET = "Sub-activities"
"""The name of the sheet, by which it is known when the workbook comes back."""


@dataclass(frozen=True)
class TickColumn:
    """A column of the sheet: its heading, its width in characters, and a hint for whoever fills it in, if anybody."""

    heading: str
    width: int
    hint: str = ""


TICK_NUMBER = TickColumn(NUMBER.heading, NUMBER.width)
TICK_TITLE = TickColumn(TITLE.heading, 30)
ITEM = TickColumn("Sub-activity", 60)
DONE = TickColumn("Done", 10, f"Choose “{YES}” if it is done. Leave it blank if it is not, or not yet.")
DONE_ON = TickColumn("Done On", 20, "The day on which it was done, like 1 July 2024. Blank means today.")

ITEM_DUE = TickColumn(DUE.heading, 18)
RESPONSIBLE = TickColumn("Responsible Agency", 24)

TICK_COLUMNS = (TICK_NUMBER, TICK_TITLE, ITEM, DONE, DONE_ON, ITEM_DUE, RESPONSIBLE)
"""Every column, in its order."""

OPEN_TICK_COLUMNS = (DONE, DONE_ON)
"""Those to fill in."""
