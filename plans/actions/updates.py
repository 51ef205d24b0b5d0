"""Reports on activities. Each is atomic, says who made it (`by`), and locks the activity."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.barriers import carry_barrier, lock_open_barriers, raise_barriers, resolve_named
from plans.actions.bulk import ROWS_AT_A_TIME, insert_rows
from plans.actions.deferring import for_update
from plans.actions.evidence import links_of, refuse_without_evidence
from plans.actions.reporting_rules import report_problems
from plans.actions.row_changes import lock, save_fields
from plans.actions.shown_status import follow_update
from plans.choices import UpdateKind
from plans.models import (
    Activity,
    Agency,
    Barrier,
    EvidenceLink,
    Plan,
    ReportingRound,
    StatusUpdate,
    SubActivity,
    UpdateLink,
    User,
)
from plans.web_links import Link

NOT_COMPARED = object()
POINTERS = ("activity", "agency", "author", "round", "retracted_by", "replaced_by", "by_link")
PRESSED_TWICE = timedelta(minutes=10)
COMPARED = (
    *("kind", "agency_id", "author_id", "status", "is_no_change"),
    *("what_happened", "whats_next", "barrier", "needs_escalation", "no_evidence_reason"),
)


ROUND_CLOSED = "Its reporting round is closed, so its results no longer change."
ROUND_SINCE = "A reporting round has been opened since. Add a new update for it."


class NotCorrectable(Exception):
    """An update cannot be corrected any more, for the reason that it says; nothing was saved."""


class NewerUpdate(Exception):
    """Somebody reported on the activity after the form was opened; nothing was saved."""


@transaction.atomic
def record_update(  # noqa: PLR0913 - each is a part of the report, given by name
    *,
    activity: Activity,
    by: User,
    status: str,
    agency: Agency | None = None,
    what_happened: str = "",
    whats_next: str = "",
    barrier: str = "",
    needs_escalation: bool = False,
    is_no_change: bool = False,
    evidence: Sequence[Link] = (),
    no_evidence_reason: str = "",
    done: Iterable[tuple[int, date]] = (),
    resolved: Iterable[tuple[int, str]] = (),
    seen: Any = NOT_COMPARED,
    by_link: UpdateLink | None = None,
) -> StatusUpdate:
    """Return the new update on `activity`, which shows what follows from its leads' positions. About ten queries.

    `agency` is the one that reports; without it a programme admin sets the status, and `what_happened` holds
    the reason. `evidence` are links to it; an agency that says complete gives one, or `no_evidence_reason`, unless the
    activity has a link already. `done` are sub-activities that it ticks, [(id, day)]; `resolved` are barriers of the
    activity that it resolves, [(id, how)]. A barrier that is open already, in the same words, is not opened again.
    `seen` is the id of the latest update that the person saw, None for none; `by_link` the link by which it came
    without signing in. Raises `NewerUpdate` when that is the latest no more, and `ValidationError` for a status that
    no one can report or one that is set without a reason. The same report sent twice is saved once.
    """
    update = _build_update(
        activity=activity,
        by=by,
        status=status,
        agency=agency,
        what_happened=what_happened,
        whats_next=whats_next,
        barrier=barrier,
        needs_escalation=needs_escalation,
        no_evidence_reason=no_evidence_reason,
    )
    update.is_no_change, update.by_link = is_no_change, by_link
    locked = lock(activity)
    if saved := _saved_already(locked, update, evidence, seen):
        update = saved
    else:
        reporting_round = _lock_open_round(activity.plan_id)
        update.made_at = locked.updates.next_moment()
        links = links_of(update, evidence)
        refuse_without_evidence(update, links)
        # Whether a bad status needs words is asked where they are typed: code that repeats a report has none to add.
        _save([update], reporting_round, resolved, links=links, is_explained=True)
    _follow(locked, update, done)
    activity.status, activity.leads_differ = locked.status, locked.leads_differ
    return update


def record_updates(updates: Sequence[StatusUpdate], *, plan: Plan | int, links: Sequence[EvidenceLink] = ()) -> None:
    """Save `updates`, unsaved and in order, into the open round of `plan`, and open the barriers that they name.

    `links` are those to their evidence, for which no one is asked here: files of earlier versions have no room for it.

    A barrier that is open already on its activity, in the same words, is not opened a second time. Each update says
    when it was made. Call it in a transaction: the activities are locked by whoever calls, who also gives them their
    status. Raises `ValidationError` for a report that the form would refuse.
    """
    if updates:
        _save(updates, _lock_open_round(plan), links=links)


def retract_updates(pks: Sequence[int], *, by: User, at: datetime, note: str) -> None:
    """Take the updates `pks` back, and resolve with `note` the barriers that they opened; an escalated one stays open.

    Two statements for each 500. Call it in a transaction.
    """
    for start in range(0, len(pks), ROWS_AT_A_TIME):
        some = pks[start : start + ROWS_AT_A_TIME]
        standing = StatusUpdate.objects.filter(pk__in=some, retracted_at=None)
        # First, while those that were corrected meanwhile, whose barriers their corrections name, can be told apart.
        untouched = Barrier.objects.open().filter(update__in=standing.order_by().values("pk"), is_escalated=False)
        untouched.update(resolution_note=note, resolved_at=at, resolved_by=by)
        standing.retract(by=by, at=at)


@transaction.atomic
def correct_update(  # noqa: PLR0913 - each is a part of the report, given by name
    *,
    update: StatusUpdate,
    by: User,
    status: str,
    agency: Agency | None = None,
    what_happened: str = "",
    whats_next: str = "",
    barrier: str = "",
    needs_escalation: bool = False,
    evidence: Sequence[Link] = (),
    no_evidence_reason: str = "",
    done: Iterable[tuple[int, date]] = (),
    resolved: Iterable[tuple[int, str]] = (),
) -> StatusUpdate:
    """Return the update that replaces `update`, which stays in the record and no longer counts.

    The parameters are those of `record_update`. The barrier that it opened follows the correction. Raises
    `NotCorrectable` when it cannot be corrected any more.
    """
    locked = lock(update.activity)
    update = StatusUpdate.objects.get(pk=update.pk)
    reporting_round = _lock_open_round(locked.plan_id)
    refuse_correction(update, locked, reporting_round)
    correction = _build_update(
        activity=locked,
        by=by,
        status=status,
        agency=agency,
        what_happened=what_happened,
        whats_next=whats_next,
        barrier=barrier,
        needs_escalation=needs_escalation,
        no_evidence_reason=no_evidence_reason,
    )
    correction.made_at = locked.updates.next_moment()
    links = links_of(correction, evidence)
    refuse_without_evidence(correction, links, corrected=update)
    _refuse_nonsense(correction, is_explained=True)
    _insert([correction], reporting_round, links)
    StatusUpdate.objects.filter(pk=update.pk).retract(by=by, at=correction.made_at, replaced_by=correction)
    barriers = resolve_named(lock_open_barriers(activity=locked), by=by, notes=dict(resolved))
    carry_barrier(update, correction, barriers)
    _follow(locked, correction, done)
    return correction


def _build_update(*, activity: Activity, by: User, agency: Agency | None, **parts: Any) -> StatusUpdate:
    """Return the update that a report comes to, not saved yet."""
    kind = UpdateKind.REPORT if agency else UpdateKind.SET
    return StatusUpdate(activity=activity, kind=kind, agency=agency, author=by, **parts)


def refuse_correction(update: StatusUpdate, activity: Activity, open_round: ReportingRound | None) -> None:
    """Raise `NotCorrectable`, with a sentence that says why, for an update that cannot be corrected any more.

    It can while it is the newest report on its `activity` and its round is open. One query.
    """
    latest = activity.updates.with_status().first()
    if update.is_replaced:
        raise NotCorrectable("This update has already been corrected.")
    if latest is None or latest.pk != update.pk:
        raise NotCorrectable("There is a newer update.")
    if update.round_id != (open_round.pk if open_round else None):
        raise NotCorrectable(ROUND_CLOSED if update.round_id else ROUND_SINCE)


def _follow(activity: Activity, update: StatusUpdate, done: Iterable[tuple[int, date]]) -> None:
    """Give the locked `activity` the status that its `update` makes it show, and tick the sub-activities `done`."""
    reason = f"Update by {update.agency}" if update.agency else update.what_happened
    _tick(activity, update.author, reason, done)
    follow_update(activity, update, reason=reason)


@transaction.atomic
def add_note(*, activity: Activity, by: User, agency: Agency, text: str) -> StatusUpdate:
    """Return the new note of a supporting agency on `activity`, whose status stays as it is.

    The same note by the same person within ten minutes, as after going back, is saved once.
    """
    if not text.strip():
        raise ValidationError("Enter a note.")
    note = StatusUpdate(activity=activity, kind=UpdateKind.NOTE, agency=agency, author=by, what_happened=text)
    locked = lock(activity)
    if noted := _noted_already(locked, note):
        return noted
    reporting_round = _lock_open_round(activity.plan_id)
    note.made_at = locked.updates.next_moment()
    _insert([note], reporting_round)
    return note


def _noted_already(activity: Activity, note: StatusUpdate) -> StatusUpdate | None:
    same = {"agency": note.agency, "author": note.author, "what_happened": note.what_happened}
    recent = activity.updates.filter(kind=UpdateKind.NOTE, made_at__gt=timezone.now() - PRESSED_TWICE)
    return recent.filter(**same).first()


def _saved_already(
    activity: Activity, update: StatusUpdate, evidence: Sequence[Link], seen: Any
) -> StatusUpdate | None:
    """Return what a button that was pressed twice has saved already; None when nobody reported since `seen`."""
    if seen is NOT_COMPARED:
        return None
    latest = activity.updates.with_status().first()
    if (latest.pk if latest else None) == seen:
        return None
    is_recent = latest is not None and timezone.now() - latest.made_at < PRESSED_TWICE
    is_same = is_recent and all(getattr(latest, name) == getattr(update, name) for name in COMPARED)
    if latest and is_same and [one.link for one in latest.evidence.all()] == list(evidence):
        return latest
    raise NewerUpdate


def _save(
    updates: Sequence[StatusUpdate],
    reporting_round: ReportingRound | None,
    resolved: Iterable[tuple[int, str]] = (),
    *,
    links: Sequence[EvidenceLink] = (),
    is_explained: bool = False,
) -> None:
    """Save updates with a status, resolve and open the barriers that they name.

    `resolved` are open barriers, [(id, how)], that the author of the first update resolves.
    """
    for update in updates:
        _refuse_nonsense(update, is_explained)
    _insert(updates, reporting_round, links)
    if resolved or any(update.barrier for update in updates):
        barriers = lock_open_barriers(activity__in={update.activity_id for update in updates})
        left = resolve_named(barriers, by=updates[0].author, notes=dict(resolved))
        insert_rows(Barrier, raise_barriers(updates, left))


def _refuse_nonsense(update: StatusUpdate, is_explained: bool) -> None:
    """Raise `ValidationError` for an update that nobody can make; one that `is_explained` need not say why."""
    problems = report_problems(
        status=update.status,
        agency=update.agency_id,
        what_happened=update.what_happened,
        barrier=update.barrier,
        needs_escalation=update.needs_escalation,
        is_no_change=update.is_no_change or is_explained,
    )
    if problems:
        raise ValidationError([f"{update.activity.name}: {sentence}" for _, sentence in problems])


def _insert(
    updates: Sequence[StatusUpdate], reporting_round: ReportingRound | None, links: Sequence[EvidenceLink] = ()
) -> None:
    """Save new updates, reports or notes, into `reporting_round`, a locked one or None; and links to their evidence."""
    for update in updates:
        update.round = reporting_round
        update.clean_fields(exclude=POINTERS)
    insert_rows(StatusUpdate, updates)
    insert_rows(EvidenceLink, links)


def _lock_open_round(plan: Plan | int) -> ReportingRound | None:
    """Return the open round of `plan` (itself, or its id), locked; None when there is none.

    A round that is being closed either has an update in its report then, or leaves it to the next.
    """
    return for_update(ReportingRound.objects.open().filter(plan=plan)).first()


def _tick(activity: Activity, by: User, reason: str, done: Iterable[tuple[int, date]]) -> None:
    days = dict(done)
    items = SubActivity.objects.in_force().select_for_update().filter(activity=activity, pk__in=days, is_done=False)
    for item in items:
        item.is_done, item.done_on = True, days[item.pk] or timezone.localdate()
        save_fields(item, by=by, reason=reason, fields=["is_done", "done_on"])
