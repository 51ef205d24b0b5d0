"""The week of a plan, for the weekly digest: what is newly off track, escalated, resolved, moved, and updates in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from plans.activity_number import Number
from plans.as_at import PlanNotThere, as_at_end_of
from plans.choices import Status
from plans.models import Plan, StatusUpdate
from plans.models.activity import name_of_activity
from plans.querysets import ActivitySelection
from plans.summaries.comparison import Snapshot, snapshot_at
from plans.summaries.comparison.snapshot import ActivityThen

Fits = Callable[[ActivityThen | None, ActivityThen], bool]
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class DigestLine:
    """An activity in a digest; `days` are its due date before and after, where that was moved."""

    number: Number
    name: str
    days: tuple[date, date | None] | None = None


@dataclass(frozen=True)
class PlanWeek:
    """What happened in a plan between the ends of two Sundays."""

    plan: Plan
    first: date
    last: date
    off_track: tuple[DigestLine, ...]
    escalated: tuple[DigestLine, ...]
    resolved: tuple[DigestLine, ...]
    moved: tuple[DigestLine, ...]
    update_count: int

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say of it."""
        return not (self.off_track or self.escalated or self.resolved or self.moved or self.update_count)

    @property
    def query(self) -> str:
        """What the compare page of the week is asked for."""
        return f"from={self.first:%Y-%m-%d}&to={self.last:%Y-%m-%d}"


def monday_of(day: date) -> date:
    """Return the Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def weeks_before(monday: date) -> list[PlanWeek]:
    """Return the week before `monday` of each published plan in which anything happened, the current plan first.

    Queries for each published plan, however many people are told.
    """
    plans = Plan.objects.filter(is_published=True).order_by("-is_current", "name")
    weeks = (_week(plan, monday) for plan in plans)
    return [one for one in weeks if one is not None and not one.is_quiet]


def _week(plan: Plan, monday: date) -> PlanWeek | None:
    """Return what happened; None where there was no such plan to look at on one of the days."""
    first, last = monday - WEEK - timedelta(days=1), monday - timedelta(days=1)
    begins, ends = as_at_end_of(first), as_at_end_of(last)
    try:
        before, after = (snapshot_at(plan, one, ActivitySelection()) for one in (begins, ends))
    except PlanNotThere:
        return None
    made = StatusUpdate.objects.filter(activity__plan=plan, made_at__gt=begins.moment, made_at__lte=ends.moment)
    return PlanWeek(
        plan=plan,
        first=first,
        last=last,
        off_track=_lines(before, after, _is_newly_off_track),
        escalated=_lines(before, after, _is_escalated),
        resolved=_lines(before, after, _is_resolved),
        moved=_lines(before, after, _is_moved, with_days=True),
        update_count=made.reports().count(),
    )


def _lines(before: Snapshot, after: Snapshot, fits: Fits, *, with_days: bool = False) -> tuple[DigestLine, ...]:
    found = []
    for pk in after.left:
        was, now = before.activities.get(pk), after.activities[pk]
        if fits(was, now):
            number = now.value("number")
            days = (was.value("due_on"), now.value("due_on")) if with_days and was else None
            found.append(DigestLine(number, name_of_activity(number, now.value("title")), days))
    return tuple(sorted(found, key=lambda one: one.number))


def _is_newly_off_track(was: ActivityThen | None, now: ActivityThen) -> bool:
    return now.value("status") == Status.OFF_TRACK and (was is None or was.value("status") != Status.OFF_TRACK)


def _is_moved(was: ActivityThen | None, now: ActivityThen) -> bool:
    return was is not None and was.value("due_on") is not None and was.value("due_on") != now.value("due_on")


def _is_escalated(was: ActivityThen | None, now: ActivityThen) -> bool:
    return bool(_barriers(now, "is_escalated") - _barriers(was, "is_escalated"))


def _is_resolved(was: ActivityThen | None, now: ActivityThen) -> bool:
    return bool(_barriers(now, "is_resolved") - _barriers(was, "is_resolved"))


def _barriers(activity: ActivityThen | None, column: str) -> set[int]:
    return {one.id for one in activity.barriers if getattr(one, column)} if activity else set()
