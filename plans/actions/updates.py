"""Reports on activities. Each is atomic, says who made it (`by`), and locks the activity."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.barriers import barrier_named_by
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
    seen=NOT_COMPARED,
):
    """Answer the new update on `activity`, which takes its status. About ten queries.

    `agency` is the one that reports; without it a programme admin sets the status, and `what_happened` holds
    the reason. `done` are sub-activities that it ticks, [(id, day)]. `seen` is the id of the latest update that the
    person saw, None for none. Raises `NewerUpdate` when that is the latest no more, and `ValidationError` for a
    status that nobody can report or one that is set without a reason. The same report sent twice is saved once.
    """
    # Whether a bad status needs words is asked where they are typed: code that repeats a report has none to add.
    problems = report_problems(status=status, agency=agency, what_happened=what_happened, is_no_change=True)
    if problems:
        raise ValidationError([f"{activity.name}: {sentence}" for _, sentence in problems])
    update = StatusUpdate(
        activity=activity,
        kind=UpdateKind.REPORT if agency else UpdateKind.SET,
        agency=agency,
        author=by,
        status=status,
        is_no_change=is_no_change,
        what_happened=what_happened,
        whats_next=whats_next,
        barrier=barrier,
        needs_escalation=needs_escalation,
    )
    locked = lock(activity)
    update = _saved_already(locked, update, seen) or _save(update)
    reason = f"Update by {agency}" if agency else what_happened
    _tick(locked, by, reason, done)
    if locked.status != status:
        locked.status = status
        save_fields(locked, by=by, reason=reason, fields=["status"])
    activity.status = status
    return update


@transaction.atomic
def add_note(*, activity, by, agency, text):
    """Answer the new note of a supporting agency on `activity`, whose status stays as it is."""
    if not text.strip():
        raise ValidationError("Write the note.")
    note = StatusUpdate(activity=activity, kind=UpdateKind.NOTE, agency=agency, author=by, what_happened=text)
    lock(activity)
    return _save(note)


def _saved_already(activity, update, seen):
    """Answer what a button that was pressed twice has saved already; None when nobody reported since `seen`."""
    if seen is NOT_COMPARED:
        return None
    latest = activity.updates.with_status().first()
    if (latest.pk if latest else None) == seen:
        return None
    is_recent = latest is not None and timezone.now() - latest.made_at < PRESSED_TWICE
    if is_recent and all(getattr(latest, name) == getattr(update, name) for name in SAID):
        return latest
    raise NewerUpdate


def _save(update):
    """Save an update into the open round, open the barrier that it names, and answer the update."""
    rounds = ReportingRound.objects.open().filter(plan=update.activity.plan_id)
    # Locked, so that a round that is being closed either has this update in its report or leaves it to the next.
    update.round = rounds.select_for_update().first()
    update.full_clean()
    update.save()
    if update.barrier:
        barrier_named_by(update).save()
    return update


def _tick(activity, by, reason, done):
    days = dict(done)
    items = SubActivity.objects.in_force().select_for_update().filter(activity=activity, pk__in=days, is_done=False)
    for item in items:
        item.is_done, item.done_on = True, days[item.pk] or timezone.localdate()
        save_fields(item, by=by, reason=reason, fields=["is_done", "done_on"])
