"""What is due as events of a calendar, each with how often it changed and when, from the history.

An event begins when a due date is first set and is never forgotten: without its date, withdrawn or ended it is
cancelled, on the day on which it last was, so that programs that copied it know. What it says depends on the history
alone, so the same events are the same bytes each time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from plans.activity_number import Number
from plans.choices import Marking, Status
from plans.models import Activity, Plan, ReportingRound, SubActivity
from plans.models.activity import name_of_activity
from plans.text import one_line

LONGEST_TITLE = 150
"""Characters of an event's title, of which calendars show a few words; the whole text is in its description."""


@dataclass(frozen=True)
class DueEvent:
    """One all-day event. `sequence` counts its changes, `changed_at` is the last one; None before there was history."""

    uid: str
    day: date
    title: str
    text: str
    path: str
    sequence: int
    changed_at: datetime | None
    is_cancelled: bool
    is_confidential: bool


class _State(NamedTuple):
    """What an event says at a moment, apart from where it is."""

    due_on: date | None
    is_over: bool
    is_done: bool
    title: str


class _ActivityState(NamedTuple):
    due_on: date | None
    number: Number
    title: str
    status: str
    is_over: bool

    @property
    def event(self) -> _State:
        name = name_of_activity(self.number, self.title)
        title = f"{self.number}. {name}" if self.title else name
        return _State(self.due_on, self.is_over, self.status == Status.COMPLETE, title)


class _ItemState(NamedTuple):
    due_on: date | None
    text: str
    is_done: bool
    is_over: bool

    def event(self, activity: _ActivityState | None) -> _State:
        number, title, is_over = ("", "", False) if activity is None else (activity.number, activity.title, activity[4])
        where = f"{number}. {title}" if title else f"Activity {number}"
        return _State(self.due_on, self.is_over or is_over, self.is_done, f"{self.text} ({where})")


def read_due_events(activities: Iterable[int], items: QuerySet[SubActivity] | None = None) -> list[DueEvent]:
    """Return the events of `activities` (ids), of their sub-activities and of the sub-activities `items`, by day.

    Activities that were withdrawn or ended are among them, if asked for: their events are cancelled. Five queries.
    """
    whole = set(activities)
    extra = list(items.values_list("pk", "activity_id")) if items is not None else []
    alone = {pk for pk, activity in extra if activity not in whole}
    everything = whole | {activity for pk, activity in extra if pk in alone}
    found = Activity.objects.select_related("plan").in_bulk(everything)
    versions = _activity_versions(found)
    events = [
        _event(f"activity-{pk}", row.plan, row, ((at, one.event) for at, one in versions[pk]))
        for pk, row in found.items()
        if pk in whole
    ]
    rows = SubActivity.objects.filter(activity__in=everything)
    now = {row.pk: row for row in rows if row.activity_id in whole or row.pk in alone}
    for pk, (activity, states) in _item_versions(everything, now).items():
        if activity in whole or pk in alone:
            row = found[activity]
            mixed = _mixed(states, versions[activity])
            events.append(_event(f"sub-activity-{pk}", row.plan, row, mixed, now[pk].text if pk in now else ""))
    return sorted((one for one in events if one), key=_order)


def read_round_events(plans: Iterable[int]) -> list[DueEvent]:
    """Return the events of the rounds of `plans` (ids): when updates are due. By day. Two queries."""
    rounds = ReportingRound.objects.filter(plan__in=plans).select_related("plan").in_bulk()
    versions: dict[int, list] = defaultdict(list)
    fields = ("id", "history_date", "due_on", "name")
    for pk, at, due_on, name in _records(ReportingRound, {"id__in": rounds}).values_list(*fields):
        versions[pk].append((at, (due_on, name)))
    events = []
    for pk, row in rounds.items():
        states = _with_present(versions[pk], (row.due_on, row.name))
        said = ((at, _State(due_on, False, False, f"Updates due: {name}")) for at, (due_on, name) in states)
        events.append(_event(f"round-{pk}", row.plan, row, said))
    return sorted((one for one in events if one), key=_order)


def _order(event: DueEvent) -> tuple[date, str]:
    return event.day, event.uid


def _records(model: Any, condition: Any) -> QuerySet[Any, Any]:
    return model.history.filter(**condition).order_by("id", "history_id")


def _activity_versions(found: dict[int, Activity]) -> dict[int, list]:
    versions: dict[int, list] = defaultdict(list)
    fields = ("id", "history_date", "due_on", "number", "title", "status", "ending", "withdrawn_on")
    for pk, at, due_on, number, title, status, ending, withdrawn in _records(Activity, {"id__in": found}).values_list(
        *fields
    ):
        versions[pk].append((at, _ActivityState(due_on, number, title, status, bool(ending or withdrawn))))
    for pk, row in found.items():
        is_over = bool(row.ending or row.withdrawn_on)
        now = _ActivityState(row.due_on, row.number, row.title, row.status, is_over)
        versions[pk] = _with_present(versions[pk], now)
    return versions


def _item_versions(activities: Iterable[int], now: dict[int, SubActivity]) -> dict[int, tuple[int, list]]:
    """Return {id: (its activity, [(when, _ItemState)])}, of those that are gone, too."""
    versions: dict[int, tuple[int, list]] = {}
    fields = ("id", "activity", "history_date", "history_type", "due_on", "text", "is_done", "withdrawn_on")
    records = _records(SubActivity, {"activity__in": activities}).values_list(*fields)
    for pk, activity, at, kind, due_on, text, is_done, withdrawn in records:
        state = _ItemState(due_on, text, is_done, bool(withdrawn) or kind == "-")
        versions.setdefault(pk, (activity, []))[1].append((at, state))
    for pk, row in now.items():
        present = _ItemState(row.due_on, row.text, row.is_done, bool(row.withdrawn_on))
        _, states = versions.get(pk, (row.activity_id, []))
        versions[pk] = (row.activity_id, _with_present(states, present))
    return versions


def _with_present(versions: list, now: Any) -> list:
    """Return `versions` with what is there now, where that was saved past the history."""
    if versions and versions[-1][1] == now:
        return versions
    return [*versions, (versions[-1][0] if versions else None, now)]


def _mixed(item: list, activity: list) -> Iterator[tuple[datetime | None, _State]]:
    """Give the states of the event of a sub-activity, which says of its activity which it is, in the order of time."""
    both = [(at, 0, one) for at, one in activity] + [(at, 1, one) for at, one in item]
    whole: _ActivityState | None = None
    part: _ItemState | None = None
    for at, is_item, one in sorted(both, key=lambda found: (found[0] is not None, found[0], found[1])):
        whole, part = (whole, one) if is_item else (one, part)
        if part:
            yield at, part.event(whole)


def _event(
    uid: str,
    plan: Plan,
    page: Activity | ReportingRound,
    states: Iterable[tuple[datetime | None, _State]],
    text: str = "",
) -> DueEvent | None:
    """Return the event that came of `states`, oldest first; None for what never had a due date."""
    day, sequence, changed_at, last = None, -1, None, None
    for at, state in states:
        day = state.due_on or day
        if day and state != last:
            sequence, changed_at, last = sequence + 1, at, state
    if day is None or last is None:
        return None
    is_cancelled = last.is_over or last.due_on is None
    prefix = "Cancelled: " if is_cancelled else "Done: " if last.is_done else ""
    is_round = isinstance(page, ReportingRound)
    place = reverse("plans:round", args=[plan.slug, page.pk]) if is_round else _page_of(plan, page)
    return DueEvent(
        uid=f"{uid}.{plan.slug}@rocc-tracker",
        day=day,
        title=_shortened(f"{prefix}{'' if is_round else 'Due: '}{one_line(last.title)}"),
        text="\n".join(filter(None, [text, plan.name, Marking(plan.marking).label])),
        path=place,
        sequence=sequence,
        changed_at=changed_at,
        is_cancelled=is_cancelled,
        is_confidential=plan.marking != Marking.UNCLASSIFIED,
    )


def _page_of(plan: Plan, activity: Any) -> str:
    return reverse("plans:activity", args=[plan.slug, activity.number])


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1].rstrip()}…"
