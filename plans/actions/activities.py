"""Changes to what an activity is. Each is atomic, says who did it (`by`), and locks the row that it changes."""

from django.core.exceptions import ValidationError
from django.db import transaction

from plans.actions.saving import lock, save_fields
from plans.choices import DescriptionState


@transaction.atomic
def finalise_description(*, activity, by, description=None):
    """Mark the description of `activity` as agreed, with the new wording `description` if there is one.

    Raises `ValidationError`, naming the activity, for a blank one. Nothing is written when nothing changes.
    """
    locked = lock(activity)
    wording = locked.description if description is None else description
    if not wording.strip():
        raise ValidationError(f"{locked.name}: a blank description cannot be finalised. Write it first.")
    if locked.is_to_be_finalised or wording != locked.description:
        locked.description, locked.description_state = wording, DescriptionState.FINALISED
        save_fields(
            locked, by=by, reason="Description finalised", fields=["description", "description_state", "search_text"]
        )
    activity.description, activity.description_state = locked.description, locked.description_state


@transaction.atomic
def withdraw(*, activity, by, on):
    """Take `activity` out of lists from the day `on`; its record stays. One that is withdrawn keeps its day."""
    locked = lock(activity)
    if locked.withdrawn_on is None:
        locked.withdrawn_on = on
        save_fields(locked, by=by, reason="Withdrawn", fields=["withdrawn_on"])
    activity.withdrawn_on = locked.withdrawn_on
