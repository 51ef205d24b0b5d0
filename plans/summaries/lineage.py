"""What an activity continues, and what continues it, in plans that the person sees."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from plans.activity_number import Number
from plans.as_at import current
from plans.models import Activity, Lineage, Plan
from plans.models.activity import name_of_activity


@dataclass(frozen=True)
class Relative:
    """An activity of another plan that an activity continues, or that continues it."""

    plan_slug: str
    plan_name: str
    number: Number
    name: str


@dataclass(frozen=True)
class Relatives:
    """The earlier and the later ones, each by plan and number."""

    earlier: tuple[Relative, ...] = ()
    later: tuple[Relative, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.earlier or self.later)


def read_relatives(activity: Activity, plans: QuerySet[Plan]) -> Relatives:
    """Return the `Relatives` of an activity in `plans`, those that the person sees. One query, two where it has any."""
    return read_relatives_of([activity.pk], plans).get(activity.pk, Relatives())


def read_relatives_of(activities: Iterable[int], plans: QuerySet[Plan]) -> dict[int, Relatives]:
    """Return {id: its `Relatives`} of those activities that have any. Two queries, however many there are."""
    own = set(activities)
    links = Lineage.objects.filter(Q(earlier__in=own) | Q(later__in=own)).order_by("pk")
    pairs = list(links.values_list("earlier_id", "later_id"))
    if not pairs:
        return {}
    found = _find({pk for pair in pairs for pk in pair}, plans)
    related: dict[int, tuple[list[Relative], list[Relative]]] = {}
    for earlier, later in pairs:
        for one, other, place in ((earlier, later, 1), (later, earlier, 0)):
            if one in own and other in found:
                related.setdefault(one, ([], []))[place].append(found[other])
    by_number = {pk: tuple(_sorted(each) for each in both) for pk, both in related.items()}
    return {pk: Relatives(earlier, later) for pk, (earlier, later) in by_number.items()}


def _sorted(relatives: Iterable[Relative]) -> tuple[Relative, ...]:
    return tuple(sorted(relatives, key=lambda one: (one.plan_name, one.number)))


def _find(ids: set[int], plans: QuerySet[Plan]) -> dict[int, Relative]:
    """Return {id: the activity}. At an earlier moment only the history has those of other plans."""
    columns = ("plan", "number", "title", "withdrawn_on")
    visible = {plan.pk: plan for plan in plans} if current() else None
    if visible is None:
        seen = Activity.objects.filter(pk__in=ids, plan__in=plans, withdrawn_on=None).select_related("plan")
        return {one.pk: _relative(one.plan, one.number, one.title) for one in seen}
    found: dict[int, Relative] = {}
    for pk, plan, number, title, withdrawn_on in (
        Activity.history.filter(id__in=ids).order_by("history_date", "history_id").values_list("id", *columns)
    ):
        # The latest entry counts.
        found.pop(pk, None)
        if plan in visible and withdrawn_on is None:
            found[pk] = _relative(visible[plan], number, title)
    return found


def _relative(plan: Plan, number: Number, title: str) -> Relative:
    return Relative(plan.slug, plan.short_name, number, name_of_activity(number, title))
