"""The slip ledger: when the work of a plan is due, when it was first planned for, and every move in between.

The first date is never lost, since the history is what says it: no edit, import, undo or restore removes an entry.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet

from plans.activity_number import Number
from plans.choices import DateSort, Due
from plans.fast.queries import Param, ParamList, prepared
from plans.models import Activity, SubActivity
from plans.querysets.due_dates import NEVER, changes_of_due_date, how_near
from plans.querysets.endings import owes_updates

if TYPE_CHECKING:
    from plans.models import Plan

MOST_MONTHS, MOST_QUARTERS = 18, 24
STATES = (Due.LATE, Due.SOON, Due.LATER)


class Move(NamedTuple):
    """A change of a due date that was set: `after` is None where it was removed; `by` is blank for no one known."""

    at: datetime
    by: str
    why: str
    before: date
    after: date | None

    @property
    def days(self) -> int | None:
        """By how many days it moved, earlier ones negative; None where it was removed."""
        return (self.after - self.before).days if self.after else None


@dataclass(frozen=True)
class DueWork:
    """An activity, or the sub-activity `item` of it, with its due date of now and of first, and the moves between.

    `number` is the activity's; `state` is how near the date is, "" for what is done. `first_on` is None where no date
    was ever set.
    """

    activity_id: int
    number: Number
    item: str
    due_on: date | None
    first_on: date | None
    moves: tuple[Move, ...]
    state: str

    @property
    def days(self) -> int | None:
        """By how many days it is later than first planned; None unless there are both dates."""
        return (self.due_on - self.first_on).days if self.due_on and self.first_on else None


class Piece(NamedTuple):
    """How much of a bar is in a state, and where it begins."""

    state: str
    start: int
    size: int


class Bar(NamedTuple):
    """A stretch of the timeline: what it is called, how much is due in it by state, and the largest sum of any bar."""

    label: str
    pieces: tuple[Piece, ...]
    widest: int


def read_ledger(plan: "Plan", chosen: QuerySet, on: date) -> list[DueWork]:
    """Return `chosen`, activities of `plan`, and their sub-activities in force that are or were due; by number.

    `on` is the day to judge them for. Four queries.
    """
    activities = list(chosen.order_by("number", "pk").values_list("pk", "number", "due_on", "status", "ending"))
    ids = [pk for pk, *_ in activities]
    moves = _by_id(_activity_changes(plan=plan.pk))
    item_moves = _by_id(_item_changes(ids=ids)) if ids else {}
    items = defaultdict(list)
    for pk, activity, text, due_on, is_done in _items(ids=ids) if ids else ():
        if due_on or pk in item_moves:
            items[activity].append((pk, text, due_on, is_done))
    ledger = []
    for pk, number, due_on, status, ending in activities:
        state = how_near(due_on, on) if not due_on or owes_updates(status, ending) else ""
        ledger.append(_work(pk, number, "", due_on, moves.get(pk, ()), state))
        for item, text, item_due, is_done in items[pk]:
            state = "" if is_done or (ending and item_due) else how_near(item_due, on)
            ledger.append(_work(pk, number, text, item_due, item_moves.get(item, ()), state))
    return ledger


def sort_ledger(ledger: list[DueWork], sort: str) -> list[DueWork]:
    """Return `ledger` in the order of a value of `DateSort`, equals by number. What has no date comes last."""
    orders = {
        DateSort.NUMBER: lambda one: 0,
        DateSort.DUE: lambda one: one.due_on or date.max,
        DateSort.FIRST: lambda one: one.first_on or date.max,
        DateSort.MOVES: lambda one: -len(one.moves),
        DateSort.DAYS: lambda one: -one.days if one.days is not None else 1_000_000,
    }
    return sorted(ledger, key=orders[DateSort(sort)])


def timeline(ledger: list[DueWork]) -> list[Bar]:
    """Return how much of what is open is due when: by month, by quarter or by year, none left out between."""
    dated = [(one.due_on, one.state) for one in ledger if one.due_on and one.state]
    if not dated:
        return []
    months = [_month(day) for day, _ in dated]
    spread = max(months) - min(months) + 1
    size = 1 if spread <= MOST_MONTHS else 3 if spread <= 3 * MOST_QUARTERS else 12
    counts: defaultdict[int, Counter] = defaultdict(Counter)
    for day, state in dated:
        counts[_month(day) // size][state] += 1
    widest = max(found.total() for found in counts.values())
    places = range(min(months) // size, max(months) // size + 1)
    return [Bar(_bar_label(place, size), _pieces(counts[place]), widest) for place in places]


def _pieces(counts: Counter) -> tuple[Piece, ...]:
    starts = accumulate((counts[state] for state in STATES), initial=0)
    return tuple(Piece(state.value, start, counts[state]) for state, start in zip(STATES, starts, strict=False))


@prepared
def _items() -> QuerySet:
    found = SubActivity.objects.in_force().filter(activity__in=ParamList("ids")).order_by("position", "pk")
    return found.values_list("pk", "activity_id", "text", "due_on", "is_done")


@prepared
def _activity_changes() -> QuerySet:
    return _changes(Activity.history.filter(plan=Param("plan")))


@prepared
def _item_changes() -> QuerySet:
    return _changes(SubActivity.history.filter(activity__in=ParamList("ids")))


def _changes(records: QuerySet) -> QuerySet:
    """Return (id, at, by, why, before, after) of the records whose due date differs from before, oldest first."""
    return (
        changes_of_due_date(records)
        .order_by("history_id")
        .values_list(*("id", "history_date", "history_user__name", "history_change_reason", "then", "due_on"))
    )


def _by_id(rows: list[tuple]) -> dict[int, list[tuple]]:
    found = defaultdict(list)
    for pk, at, by, why, then, due_on in rows:
        found[pk].append((at, by or "", why or "", None if then == NEVER else then, due_on))
    return dict(found)


def _work(
    activity_id: int, number: Number, item: str, due_on: date | None, changes: Sequence[tuple], state: str
) -> DueWork:
    first_on = next((after or before for *_, before, after in changes), due_on)
    moves = []
    # What is set again after it was removed has moved from where it was.
    last = None
    for at, by, why, before, after in changes:
        was = before or last
        if was:
            moves.append(Move(at, by, why, was, after))
        last = after or was
    return DueWork(activity_id, number, item, due_on, first_on, tuple(moves), state)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _bar_label(place: int, size: int) -> str:
    year, month = divmod(place * size, 12)
    if size == 12:
        return str(year)
    first = date(year, month + 1, 1)
    return f"{first:%b} {year}" if size == 1 else f"{first:%b}–{date(year, month + 3, 1):%b} {year}"


def with_activities(works: Iterable[DueWork]) -> list[tuple[DueWork, Activity]]:
    """Return each of `works` with its activity, which has its agencies, in the same order. Two queries."""
    found = list(works)
    activities = Activity.objects.with_agencies().in_bulk({one.activity_id for one in found})
    return [(one, activities[one.activity_id]) for one in found]
