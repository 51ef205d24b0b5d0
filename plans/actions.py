"""Writes that span models. Each is atomic, says who did it (`by`), and locks the row that it changes."""

from django.core.exceptions import ValidationError
from django.db import transaction

from plans.choices import DescriptionState, Status, UpdateKind
from plans.models import Activity, StatusUpdate


@transaction.atomic
def record_update(*, activity, by, status, what_happened="", agency=None):
    """Answer the new update on `activity`, which takes its status.

    `agency` is the one that reports; without it a programme admin sets the status, and `what_happened` holds
    the reason. Raises `ValidationError` for a status that nobody can report. About four queries.
    """
    if status == Status.NO_UPDATE:
        raise ValidationError(
            f"{activity.name}: “{Status.NO_UPDATE.label}” is how an activity begins. Choose another status."
        )
    update = StatusUpdate(activity=activity, agency=agency, author=by, status=status, what_happened=what_happened)
    update.kind = UpdateKind.REPORT if agency else UpdateKind.SET
    update.clean_fields()
    locked = _locked(activity)
    update.save()
    if locked.status != status:
        locked.status = status
        _save(locked, by, f"Update by {agency}" if agency else what_happened or "Status set", ["status"])
    activity.status = status
    return update


@transaction.atomic
def finalise_description(*, activity, by, description=None):
    """Mark the description of `activity` as agreed, with the new wording `description` if there is one.

    Raises `ValidationError`, naming the activity, for a blank one. Nothing is written when nothing changes.
    """
    locked = _locked(activity)
    wording = locked.description if description is None else description
    if not wording.strip():
        raise ValidationError(f"{locked.name}: a blank description cannot be finalised. Write it first.")
    if locked.is_to_be_finalised or wording != locked.description:
        locked.description, locked.description_state = wording, DescriptionState.FINALISED
        _save(locked, by, "Description finalised", ["description", "description_state", "search_text"])
    activity.description, activity.description_state = locked.description, locked.description_state


@transaction.atomic
def withdraw(*, activity, by, on):
    """Take `activity` out of lists from the day `on`; its record stays. One that is withdrawn keeps its day."""
    locked = _locked(activity)
    if locked.withdrawn_on is None:
        locked.withdrawn_on = on
        _save(locked, by, "Withdrawn", ["withdrawn_on"])
    activity.withdrawn_on = locked.withdrawn_on


def _locked(activity):
    return Activity.objects.select_for_update().get(pk=activity.pk)


def _save(activity, by, reason, fields):
    """Save some fields; the history says who and why, also where no web request tells it."""
    activity._history_user = by
    activity._change_reason = reason[:100]
    activity.save(update_fields=fields)
