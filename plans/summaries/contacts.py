"""Whom to ask at the agencies of a plan, and which lead agency has no one to ask."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from plans.fast.queries import Param, prepared
from plans.models import Agency, AgencyContact, Plan


def contacts_in(plan: Plan) -> dict[int, AgencyContact]:
    """Return {id of an agency: its contact for `plan`}. One query. Visitors must not see it."""
    return {contact.agency_id: contact for contact in _contacts(plan=plan.pk)}


def contact_of(plan: Plan, agency: Agency) -> AgencyContact | None:
    """Return the contact of `agency` for `plan`, None where it has none. One query. Visitors must not see it."""
    return next(iter(_contact(plan=plan.pk, agency=agency.pk)), None)


def is_contact_missing(agency: Agency, lead_count: int, contact: AgencyContact | None, on: date) -> bool:
    """Return whether an agency that leads so many activities should have a contact on the day `on`, and has none.

    A group has none of its own: its members do.
    """
    return contact is None and lead_count > 0 and not agency.is_group and not agency.has_ended(on)


@prepared
def _contacts() -> QuerySet[Any, Any]:
    return AgencyContact.objects.filter(plan=Param("plan")).order_by()


@prepared
def _contact() -> QuerySet[Any, Any]:
    return AgencyContact.objects.filter(plan=Param("plan"), agency=Param("agency")).order_by()
