"""Reports on activities. Each is atomic, says who made it (`by`), and locks the activity."""

from django.core.exceptions import ValidationError
from django.db import transaction

from plans.actions.saving import lock, save_fields
from plans.choices import Status, UpdateKind
from plans.models import StatusUpdate


@transaction.atomic
def record_update(*, activity, by, status, what_happened="", agency=None):
    """Answer the new update on `activity`, which takes its status.

    `agency` is the one that reports; without it a programme admin sets the status, and `what_happened` holds
    the reason. Raises `ValidationError` for a status that nobody can report. About four queries.
    """
    if status in ("", Status.NO_UPDATE):
        raise ValidationError(
            f"{activity.name}: “{Status.NO_UPDATE.label}” is how an activity begins. Choose another status."
        )
    update = StatusUpdate(activity=activity, agency=agency, author=by, status=status, what_happened=what_happened)
    update.kind = UpdateKind.REPORT if agency else UpdateKind.SET
    update.clean_fields()
    locked = lock(activity)
    update.save()
    if locked.status != status:
        locked.status = status
        save_fields(
            locked, by=by, reason=f"Update by {agency}" if agency else what_happened or "Status set", fields=["status"]
        )
    activity.status = status
    return update
