"""What is compared of a plan, as plain values that outlive the moment as at which they were read."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from plans.as_at import AsAt, plan_as_at, today
from plans.choices import Marking, Role
from plans.models import Activity, ActivityAgency, Barrier, Plan, SubActivity
from plans.querysets import ActivitySelection
from plans.summaries.record.changes import ACTIVITY, RESTORED_OF_ITEM
from plans.summaries.reference_names import Names, read_names

COLUMNS = (*(one.column for one in ACTIVITY), "withdrawn_on")
"""The columns of an activity that are compared: those of which its history tells."""
ITEM_COLUMNS = tuple(name for name in RESTORED_OF_ITEM if name != "position")
"""The same of a sub-activity. What is put before it gives it another place, which is no change in it."""


class ItemThen(NamedTuple):
    """A sub-activity. `columns` are the values of `ITEM_COLUMNS`."""

    pk: int
    columns: tuple[Any, ...]

    def value(self, name: str) -> Any:
        """Return what stands in the column of that name."""
        return self.columns[ITEM_COLUMNS.index(name)]


class BarrierThen(NamedTuple):
    """A barrier; what is blank has not been."""

    id: int
    text: str
    is_escalated: bool
    escalation_note: str
    is_resolved: bool
    resolution_note: str


class ActivityThen(NamedTuple):
    """An activity. `columns` are the values of `COLUMNS`; `leads` and `supports` are ids of agencies in their order."""

    pk: int
    columns: tuple[Any, ...]
    leads: tuple[int, ...] = ()
    supports: tuple[int, ...] = ()
    items: tuple[ItemThen, ...] = ()
    barriers: tuple[BarrierThen, ...] = ()

    def value(self, name: str) -> Any:
        """Return what stands in the column of that name."""
        return self.columns[COLUMNS.index(name)]


@dataclass(frozen=True)
class Snapshot:
    """A plan at a moment: all its activities {id: it}, the ids of those `left` by a selection, what things were called.

    What was withdrawn is among the activities, and never left.
    """

    activities: dict[int, ActivityThen]
    left: frozenset[int]
    names: Names
    marking: Marking


def snapshot_at(
    plan: Plan, as_at: AsAt | None, selection: ActivitySelection, *, may_see_drafts: bool = False
) -> Snapshot:
    """Return the `Snapshot` of `plan` at a moment; None for now. Raises `PlanNotThere`, as `plan_as_at` does."""
    if as_at is None:
        return read_snapshot(plan, selection)
    with plan_as_at(plan.pk, as_at, may_see_drafts=may_see_drafts):
        return read_snapshot(plan, selection)


def read_snapshot(plan: Plan, selection: ActivitySelection) -> Snapshot:
    """Return the `Snapshot` of `plan` as the database shows it. Seven queries."""
    found = Plan.objects.with_open_round().get(pk=plan.pk)
    activities = Activity.objects.filter(plan=found.pk)
    judged = activities.in_force().with_freshness(found.open_round, today())
    left = judged.left_by(selection, today()).order_by().values_list("pk", flat=True)
    leads, supports = (_linked(found, role) for role in (Role.LEAD, Role.SUPPORT))
    items, barriers = _items(found), _barriers(found)
    return Snapshot(
        {
            pk: ActivityThen(
                pk,
                tuple(columns),
                leads=tuple(leads.get(pk, ())),
                supports=tuple(supports.get(pk, ())),
                items=tuple(items.get(pk, ())),
                barriers=tuple(barriers.get(pk, ())),
            )
            for pk, *columns in activities.order_by().values_list("pk", *COLUMNS)
        },
        frozenset(left),
        read_names(),
        Marking(found.marking),
    )


def _linked(plan: Plan, role: Role) -> dict[int, list[int]]:
    links = ActivityAgency.objects.filter(activity__plan=plan.pk, role=role).order_by("position", "pk")
    return {pk: [agency for (agency,) in some] for pk, some in _by_activity(links, "agency").items()}


def _items(plan: Plan) -> dict[int, list[ItemThen]]:
    items = SubActivity.objects.filter(activity__plan=plan.pk).order_by("position", "pk")
    found = _by_activity(items, "pk", *ITEM_COLUMNS)
    return {pk: [ItemThen(one, tuple(columns)) for one, *columns in some] for pk, some in found.items()}


def _barriers(plan: Plan) -> dict[int, list[BarrierThen]]:
    barriers = Barrier.objects.filter(activity__plan=plan.pk).order_by("pk")
    values = ("pk", "text", "is_escalated", "escalation_note", "resolved_at", "resolution_note")
    return {
        pk: [
            BarrierThen(one, text, is_escalated, asked, resolved_at is not None, note)
            for one, text, is_escalated, asked, resolved_at, note in some
        ]
        for pk, some in _by_activity(barriers, *values).items()
    }


def _by_activity(rows: QuerySet[Any], *names: str) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for pk, *values in rows.values_list("activity_id", *names):
        found.setdefault(pk, []).append(tuple(values))
    return found
