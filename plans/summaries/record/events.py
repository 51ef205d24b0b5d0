"""What each change of an activity's rows was: one event each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localtime

from plans.models import Activity, Agreement, Barrier, EvidenceLink, StatusUpdate, SubActivity
from plans.summaries.record.changes import Change, compare_activities, compare_items, compare_links
from plans.summaries.record.words import day_in_words
from plans.web_links import links_in_words

if TYPE_CHECKING:
    from plans.summaries.record.history_rows import Rows

Compare = Callable[[Any, Any], list[Change]]

ONE_SAVE = timedelta(seconds=2)
OWN, REPORT, PART = "own", "report", "part"
NOT_KEPT = "changed the activity (earlier version not recorded)"


@dataclass(frozen=True)
class Event:
    """One change: when, by whom (None for the programme itself) and why (blank when nobody said)."""

    at: datetime
    by: object
    why: str
    change: Change
    source: str = REPORT


def tell_events(rows: "Rows") -> list[Event]:
    """Return the events that the `Rows` of an activity's record tell of, oldest first."""
    statuses = [(update.made_at, update.status) for update in rows.updates if update.status]
    events = [
        *_of_activity(rows.own, statuses),
        *_of_parts(rows.links, compare_links),
        *_of_parts(rows.items, compare_items),
        *_reports(rows.updates),
        *_of_barriers(rows.barriers),
        *_of_evidence(rows.evidence),
        *_of_agreements(rows.agreements),
    ]
    return sorted(events, key=lambda event: event.at)


def _of_activity(records: Iterable[Any], reported: list[tuple[datetime, str]]) -> Iterator[Event]:
    """Return the events of the activity's own row; a status that an update brought is told by the update."""
    before = None
    for record in records:
        for change in _changes_of_activity(before, record):
            if not (change.subject == "Status" and _is_reported(record, reported)):
                yield _event(record, change, OWN)
        before = record


def _changes_of_activity(before: Any, record: Any) -> list[Change]:
    if record.history_type == "+":
        verb = "loaded the activity from the published plan" if record.as_printed else "added the activity"
        return [Change("Activity", verb, None, Activity(number=record.number, title=record.title).name, is_whole=True)]
    return [Change("Activity", NOT_KEPT)] if before is None else compare_activities(before, record)


def _is_reported(record: Any, reported: list[tuple[datetime, str]]) -> bool:
    return any(status == record.status and abs(record.history_date - at) <= ONE_SAVE for at, status in reported)


def _of_parts(records: Iterable[Any], compare: Compare) -> Iterator[Event]:
    """Return the events of the agencies, or of the sub-activities, whose records these are, oldest first."""
    # Oldest first they come, and stay so within each.
    for _, of_part in groupby(sorted(records, key=lambda record: record.id), key=lambda record: record.id):
        before = None
        for record in of_part:
            for change in _changes_of_part(compare, before, record):
                yield _event(record, change, PART)
            before = record


def _changes_of_part(compare: Compare, before: Any, record: Any) -> list[Change]:
    if record.history_type == "-":
        return compare(record, None)
    if before is None and record.history_type != "+":
        # It was there before changes were kept, so all that can be told is what it became.
        name = record.text if record.instance_type is SubActivity else record.agency
        return [Change("Record", f"changed “{name}” (earlier version not recorded)")]
    return compare(before, record)


def _event(record: Any, change: Change, source: str) -> Event:
    return Event(record.history_date, record.history_user, record.history_change_reason or "", change, source)


def _reports(updates: Sequence[StatusUpdate]) -> Iterator[Event]:
    """Return the events of everything that was reported, and of what was taken back since."""
    corrected = {update.replaced_by_id: update for update in updates if update.is_replaced}
    for update in updates:
        yield Event(update.made_at, update.author, "", _report(update, corrected.get(update.pk)))
        if update.retracted_at and not update.is_replaced:
            yield Event(update.retracted_at, update.retracted_by, "", _retraction(update))


def _retraction(update: StatusUpdate) -> Change:
    told = update.get_status_display() or update.get_kind_display()
    agency = f" of {update.agency.label}" if update.agency else ""
    phrase = f"reversed the update “{told}”{agency} because {update.why_reversed}"
    return Change("Update reversed", phrase, is_whole=True)


def _report(update: StatusUpdate, corrected: StatusUpdate | None = None) -> Change:
    """Return the change that an update is; `corrected` is the one that it replaced, if it is a correction."""
    texts = {
        "What happened": update.what_happened,
        "Next steps": update.whats_next,
        "Barrier": update.barrier,
        "Escalated": "Yes" if update.needs_escalation else "",
        "No evidence available because": update.no_evidence_reason,
    }
    details = tuple((label, text) for label, text in texts.items() if text)
    agency = f" for {update.agency.label}" if update.agency else ""
    status = update.get_status_display() if update.status else ""
    phrases = {"report": f"added the update “{status}”{agency}", "note": f"added a note{agency}"}
    phrase = phrases.get(update.kind, f"set the status to “{status}”")
    if update.is_no_change:
        phrase += ", with no change since the last update"
    if update.by_link_id:
        phrase += ", by link"
    if corrected:
        day = day_in_words(localtime(corrected.made_at))
        phrase += f", correcting the update “{corrected.get_status_display()}” of {day}"
    return Change(update.get_kind_display(), phrase, None, status or None, details, is_whole=True)


def _of_barriers(barriers: Iterable[Barrier]) -> Iterator[Event]:
    for barrier in barriers:
        text = f"“{barrier.text}”"
        if barrier.escalated_at:
            details = (("Note", barrier.escalation_note),) if barrier.escalation_note else ()
            change = Change("Barrier", f"escalated the barrier {text}", None, "Escalated", details, is_whole=True)
            yield Event(barrier.escalated_at, barrier.escalated_by, "", change)
        if barrier.resolved_at:
            details = (("How", barrier.resolution_note),)
            change = Change("Barrier", f"resolved the barrier {text}", None, "Resolved", details, is_whole=True)
            yield Event(barrier.resolved_at, barrier.resolved_by, "", change)


def _of_evidence(links: Iterable[EvidenceLink]) -> Iterator[Event]:
    for link in links:
        text = links_in_words([link.link])
        added = Change("Evidence", f"added the link to evidence {text}", "", text, is_whole=True)
        yield Event(link.made_at, link.author, "", added)
        if link.retracted_at:
            removed = Change("Evidence", f"removed the link to evidence {text}", text, "", is_whole=True)
            yield Event(link.retracted_at, link.retracted_by, "", removed)


def _of_agreements(answers: Iterable[Agreement]) -> Iterator[Event]:
    for answer in answers:
        update = f"the update “{answer.update.get_status_display()}” of {answer.update.said_by}"
        details = (("In a sentence", answer.words),) if answer.words else ()
        what = f"agreed with {update}" if answer.agrees else f"saw {update} differently"
        given = Change("Answer", f"{what}, for {answer.agency.label}", None, None, details, is_whole=True)
        yield Event(answer.made_at, answer.author, "", given)
        if answer.retracted_at:
            taken = Change("Answer", f"withdrew the answer of {answer.agency.label} to {update}", is_whole=True)
            yield Event(answer.retracted_at, answer.retracted_by, "", taken)
