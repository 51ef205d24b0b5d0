"""The sub-activities that an agency is responsible for."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from plans.fast.queries import Param, prepared
from plans.models import Agency, Plan, SubActivity

MOST = 50


@dataclass(frozen=True)
class Responsibilities:
    """The first sub-activities of an agency in a plan, with their activities, those that are not done first."""

    first: list[SubActivity]
    count: int
    done_count: int


def read_responsibilities(plan: Plan, agency: Agency) -> Responsibilities:
    """Return what `agency` is responsible for inside the activities in force of `plan`. One query."""
    found = _items(plan=plan.pk, agency=agency.pk)
    return Responsibilities(found[:MOST], len(found), sum(item.is_done for item in found))


@prepared
def _items() -> QuerySet[Any, Any]:
    items = SubActivity.objects.in_force().filter(agency=Param("agency"), activity__plan=Param("plan"))
    items = items.filter(activity__withdrawn_on=None).select_related("activity")
    return items.order_by("is_done", "activity__number", "position", "pk")
