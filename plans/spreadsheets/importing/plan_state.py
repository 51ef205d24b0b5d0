"""What a plan says now, as a file is compared with it: loaded at once, without a model instance for each link."""

from dataclasses import dataclass, field, make_dataclass
from datetime import date
from typing import Any

from django.utils.timezone import get_default_timezone, localdate

from plans.activity_number import Number
from plans.choices import ImportState, Role, RowKind
from plans.models import Activity, ActivityAgency, Agency, FocusArea, ImportRow, Plan, PriorityArea, SubActivity
from plans.spreadsheets.columns import DESCRIPTION, MERGED_COLUMNS
from plans.spreadsheets.descriptions import Description, Item, tidy

LOADED = tuple(column for column in MERGED_COLUMNS if column.field and column is not DESCRIPTION)
"""The columns whose whole value the activity's own row holds."""

ACTIVITY = ("pk", "number", "description", "withdrawn_on", *(column.field for column in LOADED))


@dataclass(slots=True)
class Current(make_dataclass("Values", [(column.attribute, object) for column in LOADED], slots=True)):  # type: ignore[misc]  # its fields follow from the columns
    """An activity as it is now. Its values have the names of those of a `Draft`; its texts are as they are stored.

    `words` are its description without its items. `leads` and `supports` are in printed order, `items` its
    sub-activities in force, [(text, footnote, position, is_done)].
    """

    pk: int
    number: Number
    words: str
    withdrawn_on: date | None
    leads: list[Agency] = field(default_factory=list)
    supports: list[Agency] = field(default_factory=list)
    items: list[tuple[str, str, int, bool]] = field(default_factory=list)

    @property
    def description(self) -> Description:
        """Its text and its items, as a spreadsheet knows them."""
        items = (Item(tidy(text), tidy(footnote)) for text, footnote, *_ in self.items)
        return Description(tidy(self.words), tuple(item for item in items if item.text))


@dataclass(frozen=True)
class PlanState:
    """A plan as it is now: {number: `Current`}, withdrawn ones too, and what is there to choose from: {id: row}.

    Agencies come with their aliases.
    """

    activities: dict[Number, Current]
    agencies: dict[int, Agency]
    focus_areas: dict[int, FocusArea]
    priority_areas: dict[int, PriorityArea]


def load_state(plan: Plan, *, lock: bool = False) -> PlanState:
    """Return the `PlanState` of `plan`; `lock` keeps others from changing its activities until the transaction ends.

    Seven queries for a plan of any size.
    """
    activities = Activity.objects.filter(plan=plan).order_by("number")
    rows = list((activities.select_for_update() if lock else activities).values_list(*ACTIVITY))
    links = ActivityAgency.objects.filter(activity__plan=plan).order_by("activity_id", "role", "position", "pk")
    links_found = list(links.values_list("activity_id", "agency_id", "role"))
    items = SubActivity.objects.in_force().filter(activity__plan=plan).order_by("activity_id", "position", "pk")
    items_found = list(items.values_list("activity_id", "text", "footnote", "position", "is_done"))
    # What rows point to is loaded after them, so that it is there even if somebody adds to it meanwhile.
    sources = (Agency.objects.prefetch_related("aliases"), FocusArea.objects.all(), PriorityArea.objects.all())
    state = PlanState({}, *({row.pk: row for row in source} for source in sources))
    by_pk = {row[0]: _current(state, row) for row in rows}
    for pk, agency_id, role in links_found:
        # An activity that is added meanwhile has parts already, and is none of those loaded.
        if current := by_pk.get(pk):
            (current.leads if role == Role.LEAD else current.supports).append(state.agencies[agency_id])
    for pk, *item in items_found:
        if current := by_pk.get(pk):
            current.items.append(item)
    state.activities.update((current.number, current) for current in by_pk.values())
    return state


def brought_back(plan: Plan) -> set[int]:
    """Return the ids of activities that an import made, withdrawn since that import was undone. One query."""
    withdrawn = ImportRow.objects.that_count().filter(activity__plan=plan, activity__withdrawn_on__isnull=False)
    # A file that is looked at for the second time says "created", too, but has made nothing.
    made = withdrawn.filter(kind=RowKind.CREATED, source__applied_at__isnull=False)
    columns = ("activity_id", "source__state", "source__undone_at", "activity__withdrawn_on")
    latest = {pk: others for pk, *others in made.order_by("pk").values_list(*columns)}
    zone = get_default_timezone()
    return {
        pk
        for pk, (state, undone_at, withdrawn_on) in latest.items()
        # One that somebody withdrew at another time is withdrawn for a reason of its own.
        if state == ImportState.UNDONE and localdate(undone_at, zone) == withdrawn_on
    }


def _current(state: PlanState, row: tuple[Any, ...]) -> Current:
    pk, number, words, withdrawn_on, *stored = row
    values = (column.load(value, state) for column, value in zip(LOADED, stored, strict=True))
    return Current(*values, pk, number, words, withdrawn_on)
