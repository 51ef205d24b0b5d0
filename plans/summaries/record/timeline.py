"""What happened to an activity, in the order in which it happened, and grouped as people did it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from plans.models import Activity, ActivityAgency, Barrier, SubActivity
from plans.summaries.record.changes import Change, compare_activities, compare_items, compare_links
from plans.summaries.record.words import key_of

ONE_SAVE = timedelta(seconds=2)
ONE_LOAD = timedelta(hours=1)
SAID_BY_THE_UPDATE = "Update by "
TOLD_FIRST = OWN, REPORT, PART = "own", "report", "part"
NOT_KEPT = "changed the activity; what it was before is not on record"


@dataclass(frozen=True)
class Event:
    """One change: when, by whom (None for the programme itself) and why (blank when nobody said)."""

    at: datetime
    by: object
    why: str
    change: Change
    source: str = REPORT


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
    def makes_version(self):
        """Whether it changed what the activity is, rather than report on it."""
        return bool(self.sources & {OWN, PART})

    @property
    def has_values(self):
        """Whether it says what the activity's own values were."""
        return OWN in self.sources

    @property
    def key(self):
        """The version that it made, as addresses name it: microseconds since 1970."""
        return self.until and key_of(self.until)


def read_record(activity):
    """Answer the entries of an activity's record, newest first; the last one says how it began. Five queries."""
    events = read_events(activity)
    entries = _grouped(events)
    if not any(event.change.subject == "Activity" and event.change.phrase != NOT_KEPT for event in events):
        entries.insert(0, Entry(None, None, "", (_unrecorded_beginning(activity),)))
    return entries[::-1]


def read_events(activity):
    """Answer every event of an activity's record, oldest first. Five queries."""
    updates = activity.updates.select_related("agency", "author", "round", "retracted_by")
    statuses = [(update.made_at, update.status) for update in updates if update.status]
    events = [
        *_of_activity(activity, statuses),
        *_of_rows(ActivityAgency, activity, compare_links, "agency"),
        *_of_rows(SubActivity, activity, compare_items),
        *_reports(updates),
        *_of_barriers(activity),
    ]
    return sorted(events, key=lambda event: event.at)


def _grouped(events):
    groups = []
    for event in events:
        if groups and _belongs(groups[-1][0], groups[-1][-1], event):
            groups[-1].append(event)
        else:
            groups.append([event])
    return [_entry(group) for group in groups]


def _belongs(first, last, event):
    if event.by != first.by:
        return False
    is_load = first.by is None and first.why == event.why
    is_near = event.at - first.at <= (ONE_LOAD if is_load else ONE_SAVE)
    return is_near and (event.why in (first.why, last.why) or REPORT in (event.source, last.source))


def _entry(group):
    whys = dict.fromkeys(event.why for event in group if event.why and not event.why.startswith(SAID_BY_THE_UPDATE))
    # A loaded plan's rows were recorded in no order that a reader would expect.
    changes = tuple(event.change for event in sorted(group, key=lambda event: TOLD_FIRST.index(event.source)))
    sources = frozenset(event.source for event in group)
    return Entry(group[0].at, group[0].by, "; ".join(whys), changes, group[-1].at, sources)


def _of_activity(activity, reported):
    """Answer the events of the activity's own row; a status that an update brought is told by the update."""
    records = activity.history.select_related("focus_area", "priority_area", "history_user")
    before = None
    for record in records.order_by("history_date", "history_id"):
        for change in _changes_of_activity(before, record):
            if not (change.subject == "Status" and _is_reported(record, reported)):
                yield _event(record, change, OWN)
        before = record


def _changes_of_activity(before, record):
    if record.history_type == "+":
        verb = "loaded the activity from the published plan" if record.as_printed else "added the activity"
        return [Change("Activity", verb, None, Activity(number=record.number, title=record.title).name, is_whole=True)]
    return [Change("Activity", NOT_KEPT)] if before is None else compare_activities(before, record)


def _is_reported(record, reported):
    return any(status == record.status and abs(record.history_date - at) <= ONE_SAVE for at, status in reported)


def _of_rows(model, activity, compare, *related):
    """Answer the events of the rows of `model` that belong to the activity."""
    records = model.history.filter(activity=activity.pk).select_related("history_user", *related)
    for _, of_row in groupby(records.order_by("id", "history_date", "history_id"), key=lambda record: record.id):
        before = None
        for record in of_row:
            for change in _changes_of_row(model, compare, before, record):
                yield _event(record, change, PART)
            before = record


def _changes_of_row(model, compare, before, record):
    if record.history_type == "-":
        return compare(record, None)
    if before is None and record.history_type != "+":
        # It was there before changes were kept, so all that can be told is what it became.
        name = record.text if model is SubActivity else record.agency
        return [Change("Record", f"changed “{name}”; what it was before is not on record")]
    return compare(before, record)


def _event(record, change, source):
    return Event(record.history_date, record.history_user, record.history_change_reason or "", change, source)


def _reports(updates):
    """Answer the events of everything that was reported, and of what was taken back since."""
    for update in updates:
        yield Event(update.made_at, update.author, "", _report(update))
        if update.retracted_at:
            yield Event(update.retracted_at, update.retracted_by, "", _retraction(update))


def _retraction(update):
    told = update.get_status_display() or update.get_kind_display()
    agency = f" of {update.agency.label}" if update.agency else ""
    phrase = f"took back the update “{told}”{agency}, which came with an import"
    return Change("Update taken back", phrase, is_whole=True)


def _report(update):
    texts = {
        "What happened": update.what_happened,
        "What is next": update.whats_next,
        "What stands in the way": update.barrier,
        "Needs escalation": "Yes" if update.needs_escalation else "",
    }
    details = tuple((label, text) for label, text in texts.items() if text)
    agency = f" for {update.agency.label}" if update.agency else ""
    status = update.get_status_display() if update.status else ""
    phrases = {"report": f"reported “{status}”{agency}", "note": f"added a note{agency}"}
    phrase = phrases.get(update.kind, f"set the status to “{status}”")
    if update.is_no_change:
        phrase += ", with no change since the last update"
    return Change(update.get_kind_display(), phrase, None, status or None, details, is_whole=True)


def _of_barriers(activity):
    people = ("escalated_by", "resolved_by")
    for barrier in Barrier.objects.filter(activity=activity).select_related(*people):
        text = f"“{barrier.text}”"
        if barrier.escalated_at:
            details = (("Note", barrier.escalation_note),) if barrier.escalation_note else ()
            change = Change("Barrier", f"escalated the barrier {text}", None, "Escalated", details, is_whole=True)
            yield Event(barrier.escalated_at, barrier.escalated_by, "", change)
        if barrier.resolved_at:
            details = (("How", barrier.resolution_note),)
            change = Change("Barrier", f"resolved the barrier {text}", None, "Resolved", details, is_whole=True)
            yield Event(barrier.resolved_at, barrier.resolved_by, "", change)


def _unrecorded_beginning(activity):
    where = "loaded from the published plan" if activity.as_printed else "added"
    return Change("Activity", f"It was {where} before changes were kept, so how it began is not on record")
