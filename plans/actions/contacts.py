"""The contact of an agency for a plan. Each action is atomic and says who did it (`by`)."""

from django.db import transaction

from plans.actions.agency_links import refuse_merged
from plans.actions.row_changes import remove_row, save_row
from plans.models import AgencyContact, User


@transaction.atomic
def save_contact(*, contact: AgencyContact, by: User) -> AgencyContact:
    """Save `contact`, new or locked; returns it.

    Raises `ValidationError`, with nothing saved, for what cannot be, and for an agency that was merged meanwhile.
    """
    reason = "Contact added" if contact.pk is None else "Contact edited"
    refuse_merged([contact.agency_id])
    contact.full_clean()
    save_row(contact, by=by, reason=reason)
    return contact


@transaction.atomic
def remove_contact(*, contact: AgencyContact, by: User) -> None:
    """Remove `contact`, a locked one; its history keeps it as it was saved."""
    remove_row(AgencyContact.objects.get(pk=contact.pk), by=by, reason="Contact removed")
