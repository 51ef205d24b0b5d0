"""What happened to an activity, in the order in which it happened, and grouped as people did it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from plans.models import Activity
from plans.summaries.record.changes import Change
from plans.summaries.record.events import ONE_SAVE, OWN, PART, REPORT, Event, tell_events
from plans.summaries.record.history_rows import ALL, Rows, fetch_rows, first_record
from plans.summaries.record.words import key_of

ONE_LOAD = timedelta(hours=1)
SAID_BY_THE_UPDATE = "Update by "
TOLD_FIRST = OWN, REPORT, PART
ROWS_AT_FIRST = 100


@dataclass(frozen=True)
class Entry:
    """What one person did at one moment. `at` is None for a beginning that is not on record."""

    at: datetime | None
    by: object
    why: str
    changes: tuple[Change, ...]
    until: datetime | None = field(default=None)
    """The moment of its last change: what the activity was then is the version that this entry made."""

    sources: frozenset[str] = frozenset()
    """Where its changes come from: the activity's own row, its parts (agencies, sub-activities), reports on it."""

    @property
    def makes_version(self) -> bool:
        """Whether it changed what the activity is, rather than report on it."""
        return bool(self.sources & {OWN, PART})

    @property
    def key(self) -> int | None:
        """The version that it made, as addresses name it: microseconds since 1970."""
        return key_of(self.until) if self.until else None


@dataclass(frozen=True)
class Record:
    """A part of an activity's record: entries, the newest first; `before` names what is older, None when nothing is."""

    entries: tuple[Entry, ...]
    before: int | None


def read_record(activity: Activity, before: int | None = None, most: int = 20) -> Record:
    """Return the newest `most` entries of an activity's record, or the newest older than the key `before`.

    The last entry of all says how it began. Nine to twelve queries, of about a hundred rows each however long the
    record is; more where that many changes make fewer entries.
    """
    limit = max(ROWS_AT_FIRST, 2 * most)
    while True:
        rows = fetch_rows(activity, limit, before)
        entries = _grouped(_whole(tell_events(rows), rows))[::-1]
        if end := _end_of_page(entries, most):
            return Record(tuple(entries[:end]), key_of(entries[end - 1].at))  # type: ignore[arg-type]  # only a beginning has none
        if rows.since is None:
            return Record((*entries, *_beginning(activity)), None)
        limit *= 4


def read_events(activity: Activity) -> list[Event]:
    """Return every event of an activity's record, oldest first. Seven queries."""
    return tell_events(fetch_rows(activity, ALL))


def _whole(events: list[Event], rows: Rows) -> list[Event]:
    """Leave out events that were not asked for, and the oldest, if they may belong with what was not fetched."""
    events = [event for event in events if rows.covers(event.at)]
    if rows.since is None:
        return events
    return next((events[place:] for place, pair in enumerate(pairwise(events), 1) if _are_apart(*pair)), [])


def _are_apart(event: Event, later: Event) -> bool:
    """Return whether two neighbours belong to two entries, whatever came before them."""
    longest = ONE_LOAD if event.by is None else ONE_SAVE
    return event.at < later.at and (event.by != later.by or later.at - event.at > longest)


def _end_of_page(entries: list[Entry], most: int) -> int | None:
    """Return after how many entries to break off, later where they are of the same moment; None where nowhere."""
    moments: list[tuple[Any, Any]] = [(entry.at, entry.until) for entry in entries]
    return next((place for place in range(most, len(entries)) if moments[place][1] < moments[place - 1][0]), None)


def _grouped(events: list[Event]) -> list[Entry]:
    groups: list[list[Event]] = []
    for event in events:
        if groups and _belongs(groups[-1][0], groups[-1][-1], event):
            groups[-1].append(event)
        else:
            groups.append([event])
    return [_entry(group) for group in groups]


def _belongs(first: Event, last: Event, event: Event) -> bool:
    if event.by != first.by:
        return False
    is_load = first.by is None and first.why == event.why
    is_near = event.at - first.at <= (ONE_LOAD if is_load else ONE_SAVE)
    return is_near and (event.why in (first.why, last.why) or REPORT in (event.source, last.source))


def _entry(group: list[Event]) -> Entry:
    whys = dict.fromkeys(event.why for event in group if event.why and not event.why.startswith(SAID_BY_THE_UPDATE))
    # A loaded plan's rows were recorded in no order that a reader would expect.
    changes = tuple(event.change for event in sorted(group, key=lambda event: TOLD_FIRST.index(event.source)))
    sources = frozenset(event.source for event in group)
    return Entry(group[0].at, group[0].by, "; ".join(whys), changes, group[-1].at, sources)


def _beginning(activity: Activity) -> tuple[Entry, ...]:
    """Return the entry that says how an activity began, where no record does: none, or one."""
    began = first_record(activity)
    if began and began.history_type == "+":
        return ()
    where = "loaded from the published plan" if activity.as_printed else "added"
    change = Change("Activity", f"It was {where} before changes were recorded, so the history begins later")
    return (Entry(None, None, "", (change,)),)
