"""What has changed in a plan since a day, in a few lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, DateField, DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import get_default_timezone

from plans.activity_number import Number
from plans.choices import BY_URGENCY, DescriptionState, Status
from plans.fast.queries import Param, prepared
from plans.models import Activity, Barrier, Plan, StatusUpdate
from plans.models.activity import name_of_activity
from plans.querysets import status_before
from plans.querysets.subqueries import ExistsOneByOne
from plans.text import count_of

FIRST_SHOWN = 6
NAMED = 3
"""Activities that a line names; of more, it says how many."""


class SinceLink(NamedTuple):
    """Words that lead somewhere; `path` goes on from the overview's address."""

    words: str
    path: str


class SinceLine(NamedTuple):
    """One line: what happened in words, and where it leads; a status that moved says what it is now and was."""

    words: str
    links: tuple[SinceLink, ...]
    status: Status | None = None
    was: Status | None = None


@dataclass(frozen=True)
class SinceSummary:
    """What has changed since the beginning of `day`, the most urgent first; `is_visit` if the person was here then."""

    day: date
    is_visit: bool
    lines: tuple[SinceLine, ...]

    @property
    def day_before(self) -> date:
        """The day at whose end it begins."""
        return self.day - timedelta(days=1)

    @property
    def first(self) -> tuple[SinceLine, ...]:
        """The lines that are always in sight."""
        return self.lines[:FIRST_SHOWN]

    @property
    def others(self) -> tuple[SinceLine, ...]:
        """The lines that "Show all" brings."""
        return self.lines[FIRST_SHOWN:]


class _Changed(NamedTuple):
    """An activity on which something happened; `status_then` is None where nothing had been said of it."""

    number: Number
    title: str
    withdrawn_on: date | None
    status: str
    description_state: str
    ending: str
    is_added: bool
    status_then: str | None
    description_then: str | None
    ending_then: str | None
    update_count: int
    raised_count: int
    escalated_count: int
    resolved_count: int

    @property
    def label(self) -> str:
        """Its number and name."""
        return f"{self.number}. {name_of_activity(self.number, self.title)}"

    @property
    def link(self) -> SinceLink:
        """Where it is; what was withdrawn is in its history."""
        page = f"activities/{self.number}/"
        return SinceLink(self.label, f"{page}history/" if self.withdrawn_on else page)


def summarise_since(plan: Plan, day: date, *, is_visit: bool) -> SinceSummary:
    """Return what has changed in `plan` since the beginning of `day` as a `SinceSummary`. One query."""
    moment = datetime.combine(day, time(), get_default_timezone())
    adapted = connection.ops.adapt_datetimefield_value(moment)
    found = [
        _Changed(*row) for row in _changed(plan=plan.pk, since=adapted, day=connection.ops.adapt_datefield_value(day))
    ]
    in_force = [one for one in found if not one.withdrawn_on]
    lines = [
        *_moves(in_force),
        *_counted(in_force, "escalated_count", "barrier escalated,barriers escalated", "barriers/"),
        *_counted(in_force, "raised_count", "barrier raised,barriers raised", "barriers/"),
        *_counted(in_force, "resolved_count", "barrier resolved,barriers resolved", "barriers/?state=resolved"),
        *_counted(in_force, "update_count", "update,updates", "activities/?group=none&sort=-updated"),
        *_named([one for one in in_force if _is_finalised(one)], "Description finalised", "descriptions finalised"),
        *_named([one for one in in_force if one.is_added], "Added", "activities added"),
        *_named([one for one in in_force if one.ending and not one.ending_then], "Ended", "activities ended"),
        *_named([one for one in found if one.withdrawn_on], "Withdrawn", "activities withdrawn"),
    ]
    return SinceSummary(day, is_visit, tuple(lines))


def _moves(changed: Sequence[_Changed]) -> list[SinceLine]:
    """Return a line for each activity whose status is another, the most urgent first."""
    moved = [
        SinceLine("", (one.link,), Status(one.status), Status(one.status_then or Status.NO_UPDATE))
        for one in changed
        if not one.is_added and one.status != (one.status_then or Status.NO_UPDATE)
    ]
    return sorted(moved, key=lambda line: BY_URGENCY.index(line.status))


def _is_finalised(one: _Changed) -> bool:
    is_final = one.description_state == DescriptionState.FINALISED
    return is_final and one.description_then == DescriptionState.TO_BE_FINALISED


def _counted(changed: Sequence[_Changed], name: str, noun: str, path: str) -> list[SinceLine]:
    count = sum(getattr(one, name) for one in changed)
    return [SinceLine("", (SinceLink(count_of(count, noun), path),))] if count else []


def _named(changed: Sequence[_Changed], words: str, many: str) -> list[SinceLine]:
    if len(changed) > NAMED:
        return [SinceLine(f"{len(changed)} {many}, first:", tuple(one.link for one in changed[:NAMED]))]
    return [SinceLine(f"{words}:", tuple(one.link for one in changed))] if changed else []


@prepared
def _changed() -> QuerySet[Any, Any]:
    since = Param("since", DateTimeField())
    history = Activity.history.filter(id=OuterRef("pk"))
    updates = StatusUpdate.objects.filter(activity=OuterRef("pk"), made_at__gte=since, retracted_at=None).order_by()
    barriers = Barrier.objects.filter(activity=OuterRef("pk")).order_by()
    raised = barriers.filter(update__made_at__gte=since)
    escalated, resolved = barriers.filter(escalated_at__gte=since), barriers.filter(resolved_at__gte=since)
    of_plan = Activity.objects.filter(plan=Param("plan"))
    happened = (updates, raised, escalated, resolved, history.filter(history_date__gte=since))
    touched = Q(withdrawn_on=None) & reduce(or_, (Q(ExistsOneByOne(one)) for one in happened))
    before = history.filter(history_date__lt=since).order_by("-history_date", "-history_id")
    withdrawn = Q(withdrawn_on__gte=Param("day", DateField()))
    found = of_plan.filter(withdrawn | touched).annotate(
        is_added=Exists(history.filter(history_type="+", history_date__gte=since)),
        status_then=status_before(since),
        description_then=Subquery(before.values("description_state")[:1]),
        ending_then=Subquery(before.values("ending")[:1]),
        update_count=_count(updates),
        raised_count=_count(raised),
        escalated_count=_count(escalated),
        resolved_count=_count(resolved),
    )
    return found.order_by("number").values_list(*_Changed._fields)


def _count(queryset: QuerySet[Any, Any]) -> Coalesce:
    counted = queryset.values("activity").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), Value(0))
