"""The columns of an activity in a spreadsheet: one definition for every export, import, undo and record.

To add a column, add the field to `Activity`, make the migration, and add a `Column` to `COLUMNS`.
"""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from operator import attrgetter

from import_export.fields import Field

from plans.choices import DescriptionState, Freshness, Status
from plans.models import Activity
from plans.spreadsheets.descriptions import Description, description_of
from plans.spreadsheets.widgets import (
    AgenciesWidget,
    AreaWidget,
    CellWidget,
    ChoiceWidget,
    DayWidget,
    DescriptionWidget,
    TitleWidget,
)
from plans.summaries.record.words import day_in_words


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
    widget: CellWidget | None = None
    _: KW_ONLY
    other_names: tuple[str, ...] = ()
    field: str = ""
    stored: tuple[str, ...] = ()
    of: Callable[[Activity], object] | None = None
    is_own: bool = False
    readonly: bool = False
    blank: object = None

    def __post_init__(self):
        """Be a field of the library's."""
        super().__init__(self.attribute, self.heading, self.widget or CellWidget(), readonly=self.readonly)
        self.stored = self.stored or (self.field,)
        self.of = self.of or attrgetter(self.attribute)

    @property
    def is_day(self):
        """Whether days stand in it."""
        return isinstance(self.widget, DayWidget)

    def get_value(self, instance):
        """Return the value of an activity fetched with `for_export()`. No query."""
        return self.of(instance)

    def export(self, instance, **kwargs):
        """Return what stands in the cell of an activity fetched with `for_export()`. No query."""
        return self.widget.render(self.of(instance))

    def read(self, text, find):
        """Return the value of the text of a cell. Raises `ValueError` in words.

        `find(kind, name)` returns the thing of a kind that is called so, or raises `ValueError`.
        """
        return self.widget.clean(text, find=find)

    def text(self, value):
        """Return the text by which a value is compared and told: that which reading its cell gives."""
        return cell_in_words(self.widget.render(value)).strip()

    def load(self, stored, names):
        """Return the value of what the database holds; a tuple where `stored` names several. See `CellWidget.load`."""
        return self.widget.load(stored, names)

    def store(self, value):
        """Return what `field` holds of a value."""
        return self.widget.store(value)


def cell_in_words(cell):
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
