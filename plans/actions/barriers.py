"""What becomes of barriers. Each action is atomic and says who did it (`by`) in the barrier itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as format_date

from plans.actions.deferring import for_update
from plans.models import Barrier, StatusUpdate, User
from plans.text import fold

HOW_RESOLVED = "Enter how it was resolved."


def barrier_named_by(update: StatusUpdate) -> Barrier:
    """Return the barrier that an update names, not saved yet; it is escalated if the update asks for that."""
    escalation = {"escalated_at": update.made_at, "escalated_by": update.author} if update.needs_escalation else {}
    return Barrier(
        activity_id=update.activity_id,
        update=update,
        text=update.barrier,
        is_escalated=update.needs_escalation,
        **escalation,
    )


def raise_barriers(updates: Iterable[StatusUpdate], barriers: Iterable[Barrier]) -> list[Barrier]:
    """Return the barriers to insert for `updates`, unsaved; those that name one that is open already open none.

    `barriers` are the open ones of their activities, locked, the longest-standing first. Words are the same without
    case, macrons and stray spaces. An update that asks for escalation escalates the open one.
    """
    known: dict[tuple[int, str], Barrier] = {}
    for barrier in barriers:
        known.setdefault((barrier.activity_id, fold(barrier.text)), barrier)
    raised = []
    for update in updates:
        if not update.barrier:
            continue
        key = update.activity_id, fold(update.barrier)
        if key not in known:
            known[key] = barrier_named_by(update)
            raised.append(known[key])
        elif update.needs_escalation:
            _escalate(known[key], by=update.author, at=update.made_at)
    return raised


def lock_open_barriers(**of: Any) -> list[Barrier]:
    """Return the open barriers that `of` filters, locked until the transaction ends, the longest-standing first.

    An import that works out its writes ahead asks again under its lock, which ones are open.
    """
    return list(for_update(Barrier.objects.open().filter(**of)).order_by("pk"))


def resolve_named(barriers: Iterable[Barrier], *, by: User, notes: Mapping[int, str]) -> list[Barrier]:
    """Resolve those of `barriers`, open and locked, that `notes` {id: how} names; return the others.

    One that someone else has resolved meanwhile is not among the open ones, and keeps what they wrote. Raises
    `ValidationError` for a blank note.
    """
    at, left = timezone.now(), []
    for barrier in barriers:
        if barrier.pk in notes:
            _resolve(barrier, by=by, at=at, note=notes[barrier.pk])
        else:
            left.append(barrier)
    return left


def carry_barrier(corrected: StatusUpdate, correction: StatusUpdate, barriers: Iterable[Barrier]) -> None:
    """Have what `corrected`, an update, says of a barrier follow its `correction`; `barriers` are open and locked.

    The barrier that it opened keeps its day: other words reword it, no words take it back, unless someone else has
    escalated it. One that was open before stays as it is.
    """
    key = fold(corrected.barrier)
    opened_by = _chain(corrected)
    opened = next((one for one in barriers if one.update_id in opened_by and fold(one.text) == key), None)
    if correction.barrier and fold(correction.barrier) == key:
        # As it was, resolved meanwhile or not.
        same = next((one for one in barriers if fold(one.text) == key), None)
        if same and correction.needs_escalation:
            _escalate(same, by=correction.author, at=correction.made_at)
        return
    others = [one for one in barriers if one is not opened]
    raised = raise_barriers([correction], others)
    if opened is None:
        for barrier in raised:
            barrier.save()
    elif raised:
        opened.text = correction.barrier
        opened.save(update_fields=["text"])
        if correction.needs_escalation:
            _escalate(opened, by=correction.author, at=correction.made_at)
    elif corrected.needs_escalation or not opened.is_escalated:
        note = f"Reversed: the update of {_day(corrected.made_at)} was corrected."
        _resolve(opened, by=correction.author, at=correction.made_at, note=note)


def _chain(update: StatusUpdate) -> list[int]:
    """Return the ids of an update and of those that it replaced, one after the other. One query for each."""
    found: list[int] = []
    one: StatusUpdate | None = update
    while one:
        found.append(one.pk)
        one = type(one).objects.filter(replaced_by=one).first()
    return found


@transaction.atomic
def escalate_barrier(*, barrier: Barrier, by: User, note: str) -> Barrier:
    """Ask for help from above with an open barrier; `note` says who is asked for what. Returns the barrier.

    Raises `ValidationError` for one that is escalated or resolved already, and for a blank note.
    """
    locked = _lock_open(barrier)
    if locked.is_escalated:
        raise ValidationError(f"Already escalated by {locked.escalated_by} on {_day(locked.escalated_at)}.")
    if not note.strip():
        raise ValidationError("Enter who needs to do what.")
    _escalate(locked, by=by, at=timezone.now(), note=note)
    return locked


@transaction.atomic
def resolve_barrier(*, barrier: Barrier, by: User, note: str) -> Barrier:
    """Resolve an open barrier; `note` says how. Returns the barrier.

    Raises `ValidationError` for one that is resolved already, and for a blank note.
    """
    locked = _lock_open(barrier)
    _resolve(locked, by=by, at=timezone.now(), note=note)
    return locked


def _escalate(barrier: Barrier, *, by: User, at: datetime, note: str = "") -> None:
    """Escalate an open barrier, unless it is escalated; one that is not saved yet is left unsaved."""
    if barrier.is_escalated:
        return
    barrier.is_escalated, barrier.escalation_note = True, note
    barrier.escalated_at, barrier.escalated_by = at, by
    if not barrier._state.adding:
        barrier.save(update_fields=["is_escalated", "escalation_note", "escalated_at", "escalated_by"])


def _resolve(barrier: Barrier, *, by: User, at: datetime, note: str) -> None:
    if not note.strip():
        raise ValidationError(HOW_RESOLVED)
    barrier.resolution_note, barrier.resolved_at, barrier.resolved_by = note, at, by
    barrier.save(update_fields=["resolution_note", "resolved_at", "resolved_by"])


def _lock_open(barrier: Barrier) -> Barrier:
    locked = Barrier.objects.select_for_update().get(pk=barrier.pk)
    if locked.resolved_at:
        raise ValidationError(
            f"Already resolved by {locked.resolved_by} on {_day(locked.resolved_at)}: “{locked.resolution_note}”"
        )
    return locked


def _day(moment: datetime | None) -> str:
    return format_date(timezone.localtime(moment), "j F Y")
