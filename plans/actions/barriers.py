"""What becomes of the things that stand in the way. Each is atomic and says who did it (`by`) in the barrier itself."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as format_date

from plans.models import Barrier


def barrier_named_by(update):
    """Answer the barrier that an update names, not saved yet; it is escalated if the update asks for that."""
    escalation = {"escalated_at": update.made_at, "escalated_by": update.author} if update.needs_escalation else {}
    return Barrier(
        activity_id=update.activity_id,
        update=update,
        text=update.barrier,
        is_escalated=update.needs_escalation,
        **escalation,
    )


@transaction.atomic
def escalate_barrier(*, barrier, by, note):
    """Ask for help from above with an open barrier; `note` says who is asked for what. Answers the barrier.

    Raises `ValidationError` for one that is escalated or resolved already, and for a blank note.
    """
    locked = _lock_open(barrier)
    if locked.is_escalated:
        raise ValidationError(f"{locked.escalated_by} escalated it on {_day(locked.escalated_at)} already.")
    if not note.strip():
        raise ValidationError("Say who is asked for what.")
    locked.is_escalated, locked.escalation_note = True, note
    locked.escalated_at, locked.escalated_by = timezone.now(), by
    locked.save(update_fields=["is_escalated", "escalation_note", "escalated_at", "escalated_by"])
    return locked


@transaction.atomic
def resolve_barrier(*, barrier, by, note):
    """Say of an open barrier that it stands in the way no more; `note` says how. Answers the barrier.

    Raises `ValidationError` for one that is resolved already, and for a blank note.
    """
    locked = _lock_open(barrier)
    if not note.strip():
        raise ValidationError("Say how it was resolved.")
    locked.resolution_note, locked.resolved_at, locked.resolved_by = note, timezone.now(), by
    locked.save(update_fields=["resolution_note", "resolved_at", "resolved_by"])
    return locked


def _lock_open(barrier):
    locked = Barrier.objects.select_for_update().get(pk=barrier.pk)
    if locked.resolved_at:
        raise ValidationError(
            f"{locked.resolved_by} resolved it on {_day(locked.resolved_at)} already: “{locked.resolution_note}”"
        )
    return locked


def _day(moment):
    return format_date(timezone.localtime(moment), "j F Y")
