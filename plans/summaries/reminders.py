"""Reminders: whom to ask for the updates of a round that are outstanding."""

from dataclasses import dataclass

from plans.models import Membership
from plans.summaries.parties import Parties
from plans.summaries.rounds import Lead, RoundRow


@dataclass(frozen=True)
class Reminder:
    """An agency that owes updates: for which activities, and the addresses of those who can report for it."""

    lead: Lead
    rows: list[RoundRow]
    addresses: list[str]


def list_reminders(plan, report):
    """Return whom to ask for what is still to come in `report` (a `RoundReport`), as [Reminder]. Three queries.

    Those who can report for an agency belong to it, to its parent, or to one of its members.
    """
    parties = Parties(plan)
    people = {}
    memberships = Membership.objects.active().filter(user__is_active=True).order_by("user__email")
    for agency_id, email in memberships.values_list("agency", "user__email"):
        people.setdefault(agency_id, []).append(email)

    def addresses(lead):
        agency = parties.by_code.get(lead.code.lower())
        credited = parties.credited(agency.pk) if agency else ()
        return sorted({email for one in credited for email in people.get(one, [])})

    return [Reminder(one.lead, one.to_come, addresses(one.lead)) for one in report.leads if one.to_come]
