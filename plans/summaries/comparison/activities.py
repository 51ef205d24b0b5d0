"""What is different between two snapshots of a plan, by activity."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

from plans.activity_number import Number
from plans.choices import Compared, Role, Status
from plans.models import Agency
from plans.models.activity import name_of_activity
from plans.summaries.comparison.difference import Difference, agencies_differ
from plans.summaries.comparison.snapshot import COLUMNS, ITEM_COLUMNS, ActivityThen, BarrierThen, ItemThen, Snapshot
from plans.summaries.record.changes import ACTIVITY, Change, compare_activities, compare_items
from plans.summaries.reference_names import Names

TEXTS = ("title", "description", "programme_rating_reason", "ending_note")
"""Columns of words that people wrote, which are compared word by word."""
WORDED = {*(one.label.capitalize() for one in ACTIVITY if one.name in TEXTS), "Sub-activity", "Footnote"}


@dataclass(frozen=True)
class ComparedActivity:
    """An activity that is not as it was. `then` is the later of its two states, the earlier one where it is gone.

    `leads` are labels of the agencies that lead it in that state.
    """

    kind: Compared
    then: ActivityThen
    leads: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    is_entered: bool = False
    is_left: bool = False

    @property
    def number(self) -> Number:
        """Its number."""
        return self.then.value("number")

    @property
    def name(self) -> str:
        """Its title, or what stands for it."""
        return name_of_activity(self.number, self.then.value("title"))

    @property
    def status(self) -> Status:
        """Its status."""
        return Status(self.then.value("status"))

    @property
    def path(self) -> str:
        """Where it is, below the address of the plan; what was withdrawn is in its history."""
        page = f"activities/{self.number}/"
        return f"{page}history/" if self.kind == Compared.WITHDRAWN else page


@dataclass(frozen=True)
class Comparison:
    """What became of the activities of a plan, by number. `same_count` counts those that are as they were."""

    activities: tuple[ComparedActivity, ...]
    same_count: int

    @cached_property
    def counts(self) -> dict[Compared, int]:
        """How many there are of each kind that there is any of, in order."""
        counted = Counter(one.kind for one in self.activities)
        return {kind: counted[kind] for kind in Compared if counted[kind]}

    @cached_property
    def subjects(self) -> list[tuple[str, int]]:
        """What is different, in how many activities: [("Status", 4)], the most frequent first."""
        counted = Counter(
            subject for one in self.activities for subject in dict.fromkeys(what.subject for what in one.differences)
        )
        return sorted(counted.items(), key=lambda item: -item[1])

    def of_kind(self, kind: str) -> Sequence[ComparedActivity]:
        """Return the activities of a kind; all of them for none."""
        return [one for one in self.activities if one.kind == kind] if kind else self.activities


def compare_snapshots(before: Snapshot, after: Snapshot) -> Comparison:
    """Return what became of the activities that are left in either snapshot. No query."""
    found, same_count = [], 0
    for pk in before.left | after.left:
        if compared := _compare(before, after, pk):
            found.append(compared)
        else:
            same_count += 1
    return Comparison(tuple(sorted(found, key=lambda one: (one.number, one.then.pk))), same_count)


def _compare(before: Snapshot, after: Snapshot, pk: int) -> ComparedActivity | None:
    """Return what became of an activity; None where nothing did."""
    was, now = before.activities.get(pk), after.activities.get(pk)
    is_entered, is_left = pk not in before.left, pk not in after.left
    if was == now and not (is_entered or is_left):
        return None
    if was is None or now is None or _is_withdrawn(was) or _is_withdrawn(now):
        return _come_or_gone(before, after, was, now)
    differences = tuple(_differences(was, now, before.names, after.names))
    if was.value("ending") != now.value("ending") and now.value("ending"):
        kind = Compared.ENDED
    elif is_entered or is_left:
        kind = Compared.ENTERED if is_entered else Compared.LEFT
    elif differences:
        kind = Compared.CHANGED
    else:
        return None
    return ComparedActivity(kind, now, _leads(now, after.names), differences, is_entered, is_left)


def _come_or_gone(
    before: Snapshot, after: Snapshot, was: ActivityThen | None, now: ActivityThen | None
) -> ComparedActivity | None:
    """Return what became of an activity that is not in the plan at both moments."""
    if was is None or _is_withdrawn(was):
        # What is neither then nor now in the plan is in neither snapshot.
        kind, then, names = (Compared.NEW if was is None else Compared.BACK), now, after.names
    else:
        kind, then, names = Compared.WITHDRAWN, was, before.names
    differences: tuple[Difference, ...] = ()
    if was and now:
        differences = tuple(_differences(was, now, before.names, after.names))
    return ComparedActivity(kind, then, _leads(then, names), differences) if then else None


def _is_withdrawn(activity: ActivityThen) -> bool:
    return activity.value("withdrawn_on") is not None


def _leads(activity: ActivityThen, names: Names) -> tuple[str, ...]:
    return tuple(one.label for one in _agencies(activity.leads, names))


def _agencies(ids: Sequence[int], names: Names) -> list[Agency]:
    return [names.agencies[pk] for pk in ids if pk in names.agencies]


def _differences(was: ActivityThen, now: ActivityThen, before: Names, after: Names) -> Iterator[Difference]:
    for change in compare_activities(_row(was, before), _row(now, after)):
        yield _told(change)
    for role, ids in ((Role.LEAD, (was.leads, now.leads)), (Role.SUPPORT, (was.supports, now.supports))):
        if ids[0] != ids[1]:
            yield agencies_differ(f"{role.label} agencies", _agencies(ids[0], before), _agencies(ids[1], after))
    yield from _of_items(was.items, now.items, before, after)
    yield from _of_barriers(was.barriers, now.barriers)


def _row(activity: ActivityThen, names: Names) -> SimpleNamespace:
    row = SimpleNamespace(**dict(zip(COLUMNS, activity.columns, strict=True)))
    row.focus_area, row.priority_area = (
        names.focus_areas.get(row.focus_area_id),
        names.priority_areas.get(row.priority_area_id),
    )
    return row


def _told(change: Change) -> Difference:
    is_text = change.subject in WORDED
    return Difference(change.subject, change.before or "", change.after or "", change.about, is_text=is_text)


def _of_items(
    was: Sequence[ItemThen], now: Sequence[ItemThen], names: Names, later_names: Names
) -> Iterator[Difference]:
    before = {one.pk: one for one in was if one.value("withdrawn_on") is None}
    after = {one.pk: one for one in now if one.value("withdrawn_on") is None}
    for pk in {**before, **after}:
        if pk not in after:
            yield Difference("Sub-activity withdrawn", before=before[pk].value("text"))
        elif pk not in before:
            yield Difference("Sub-activity added", after=after[pk].value("text"))
        elif before[pk] != after[pk]:
            for change in compare_items(_item_row(before[pk], names), _item_row(after[pk], later_names)):
                yield _told(change)


def _item_row(item: ItemThen, names: Names) -> SimpleNamespace:
    row = SimpleNamespace(**dict(zip(ITEM_COLUMNS, item.columns, strict=True)), position=0)
    row.agency = names.agencies.get(row.agency_id)
    return row


def _of_barriers(was: Sequence[BarrierThen], now: Sequence[BarrierThen]) -> Iterator[Difference]:
    before, after = {one.id: one for one in was}, {one.id: one for one in now}
    for pk in {**before, **after}:
        yield from _of_barrier(before.get(pk), after.get(pk))


def _of_barrier(was: BarrierThen | None, now: BarrierThen | None) -> Iterator[Difference]:
    if now is None:
        yield Difference("Barrier removed", before=was.text if was else "")
    elif was is None:
        yield Difference("Barrier raised", after=now.text)
    elif was.text != now.text:
        yield Difference("Barrier", was.text, now.text, is_text=True)
    if now and now.is_escalated and not (was and was.is_escalated):
        yield Difference("Barrier escalated", about=now.text, note=now.escalation_note)
    if now and now.is_resolved and not (was and was.is_resolved):
        yield Difference("Barrier resolved", before=now.text, note=now.resolution_note)
    if now and was and was.is_resolved and not now.is_resolved:
        yield Difference("Barrier open again", after=now.text)
