"""What boards decided, as the pages of what it is about tell it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from plans.models import Activity, Decision, Plan


@dataclass(frozen=True)
class Duty:
    """A decision that is not done yet, with its agency, ask and pack, and whether its date has passed."""

    decision: Decision
    is_late: bool


def read_decisions(activity: Activity) -> list[Decision]:
    """Return the decisions on asks about an activity, with ask, pack and agency: open first, by due date. One query."""
    found = _with_packs(Decision.objects.filter(ask__activity=activity))
    return sorted(found, key=lambda one: (one.done_on is not None, one.due_on))


def read_duties(
    plan: Plan, on: date, *, agencies: Collection[int] = (), activities: QuerySet[Activity] | None = None
) -> list[Duty]:
    """Return what boards decided about `plan` and is not done on the day `on`, by due date. One query.

    Of `agencies` (ids), if any are given, also by the names of those that were merged into them; on asks about
    `activities`, if given.
    """
    found = Decision.objects.filter(ask__pack__plan=plan, done_on=None)
    if agencies:
        found = found.of_agencies(agencies)
    if activities is not None:
        found = found.filter(ask__activity__in=activities.order_by().values("pk"))
    return [Duty(one, one.due_on < on) for one in _with_packs(found)]


def _with_packs(found: QuerySet[Decision]) -> QuerySet[Decision]:
    related = ("agency", "ask__activity", "ask__pack__plan")
    return found.select_related(*related).defer("ask__pack__content")
