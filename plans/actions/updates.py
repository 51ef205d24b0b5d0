"""Reports on activities. Each is atomic, says who made it (`by`), and locks the activity."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.barriers import carry_barrier, lock_open_barriers, raise_barriers, resolve_named
from plans.actions.reporting_rules import report_problems
from plans.actions.saving import lock, save_fields
from plans.choices import UpdateKind
from plans.models import ReportingRound, StatusUpdate, SubActivity

NOT_COMPARED = object()
PRESSED_TWICE = timedelta(minutes=10)
SAID = (
    *("kind", "agency_id", "author_id", "status", "is_no_change"),
    *("what_happened", "whats_next", "barrier", "needs_escalation"),
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
    activity,
    by,
    status,
    agency=None,
    what_happened="",
    whats_next="",
    barrier="",
    needs_escalation=False,
    is_no_change=False,
    done=(),
    resolved=(),
    seen=NOT_COMPARED,
):
    """Return the new update on `activity`, which takes its status. About ten queries.

    `agency` is the one that reports; without it a programme admin sets the status, and `what_happened` holds
    the reason. `done` are sub-activities that it ticks, [(id, day)]; `resolved` are barriers of the activity that it
    resolves, [(id, how)]. A barrier that is open already, in the same words, is not opened again. `seen` is the id of
    the latest update that the person saw, None for none. Raises `NewerUpdate` when that is the latest no more, and
    `ValidationError` for a status that nobody can report or one that is set without a reason. The same report sent
    twice is saved once.
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
    )
    update.is_no_change = is_no_change
    locked = lock(activity)
    update = _saved_already(locked, update, seen) or _save(update, resolved)
    _follow(locked, update, done)
    activity.status = status
    return update


@transaction.atomic
def correct_update(  # noqa: PLR0913 - each is a part of the report, given by name
    *,
    update,
    by,
    status,
    agency=None,
    what_happened="",
    whats_next="",
    barrier="",
    needs_escalation=False,
    done=(),
    resolved=(),
):
    """Return the update that replaces `update`, which stays in the record and no longer counts.

    The parameters are those of `record_update`. The barrier that it opened follows the correction. Raises
    `NotCorrectable` when it cannot be corrected any more.
    """
    locked = lock(update.activity)
    update = StatusUpdate.objects.get(pk=update.pk)
    reporting_round = _lock_open_round(locked)
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
    )
    _insert(correction, reporting_round)
    StatusUpdate.objects.filter(pk=update.pk).retract(by=by, at=correction.made_at, replaced_by=correction)
    barriers = resolve_named(lock_open_barriers(activity=locked), by=by, notes=dict(resolved))
    carry_barrier(update, correction, barriers)
    _follow(locked, correction, done)
    return correction


def _build_update(*, activity, by, status, agency, what_happened, **said):
    """Return the update that a report comes to, not saved yet. Raise `ValidationError` for one that nobody can make."""
    # Whether a bad status needs words is asked where they are typed: code that repeats a report has none to add.
    problems = report_problems(status=status, agency=agency, what_happened=what_happened, is_no_change=True)
    if problems:
        raise ValidationError([f"{activity.name}: {sentence}" for _, sentence in problems])
    kind = UpdateKind.REPORT if agency else UpdateKind.SET
    return StatusUpdate(
        activity=activity, kind=kind, agency=agency, author=by, status=status, what_happened=what_happened, **said
    )


def refuse_correction(update, activity, open_round):
    """Raise `NotCorrectable`, with a sentence that says why, for an update that cannot be corrected any more.

    It can while it is the newest report on its `activity` and its round is open. One query.
    """
    latest = activity.updates.with_status().first()
    if update.is_replaced:
        raise NotCorrectable("This update has already been corrected.")
    if latest is None or latest.pk != update.pk:
        raise NotCorrectable("There is a newer update.")
    if update.round_id != (open_round.pk if open_round else None):
        raise NotCorrectable(
            "Its reporting round is closed, so its results no longer change." if update.round_id else ROUND_SINCE
        )


def _follow(activity, update, done):
    """Give the locked `activity` the status of its `update`, and tick the sub-activities that are `done`."""
    reason = f"Update by {update.agency}" if update.agency else update.what_happened
    _tick(activity, update.author, reason, done)
    if activity.status != update.status:
        activity.status = update.status
        save_fields(activity, by=update.author, reason=reason, fields=["status"])


@transaction.atomic
def add_note(*, activity, by, agency, text):
    """Return the new note of a supporting agency on `activity`, whose status stays as it is.

    The same note by the same person within ten minutes, as after going back, is saved once.
    """
    if not text.strip():
        raise ValidationError("Enter a note.")
    note = StatusUpdate(activity=activity, kind=UpdateKind.NOTE, agency=agency, author=by, what_happened=text)
    locked = lock(activity)
    return _noted_already(locked, note) or _save(note)


def _noted_already(activity, note):
    same = {"agency": note.agency, "author": note.author, "what_happened": note.what_happened}
    recent = activity.updates.filter(kind=UpdateKind.NOTE, made_at__gt=timezone.now() - PRESSED_TWICE)
    return recent.filter(**same).first()


def _saved_already(activity, update, seen):
    """Return what a button that was pressed twice has saved already; None when nobody reported since `seen`."""
    if seen is NOT_COMPARED:
        return None
    latest = activity.updates.with_status().first()
    if (latest.pk if latest else None) == seen:
        return None
    is_recent = latest is not None and timezone.now() - latest.made_at < PRESSED_TWICE
    if is_recent and all(getattr(latest, name) == getattr(update, name) for name in SAID):
        return latest
    raise NewerUpdate


def _save(update, resolved=()):
    """Save an update into the open round, resolve and open the barriers that it names, and return the update."""
    _insert(update, _lock_open_round(update.activity))
    if update.barrier or resolved:
        barriers = lock_open_barriers(activity=update.activity)
        for barrier in raise_barriers([update], resolve_named(barriers, by=update.author, notes=dict(resolved))):
            barrier.save()
    return update


def _insert(update, reporting_round):
    """Save a new update into `reporting_round`, a locked one or None, dated after all that is on its activity."""
    update.round = reporting_round
    update.made_at = update.activity.updates.next_moment()
    update.full_clean()
    update.save()


def _lock_open_round(activity):
    """Return the open round of the plan of `activity`, or None.

    Locked, so that a round that is being closed either has an update in its report or leaves it to the next.
    """
    return ReportingRound.objects.open().filter(plan=activity.plan_id).select_for_update().first()


def _tick(activity, by, reason, done):
    days = dict(done)
    items = SubActivity.objects.in_force().select_for_update().filter(activity=activity, pk__in=days, is_done=False)
    for item in items:
        item.is_done, item.done_on = True, days[item.pk] or timezone.localdate()
        save_fields(item, by=by, reason=reason, fields=["is_done", "done_on"])
