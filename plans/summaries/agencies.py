"""What each party of a plan has to do with it."""

from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from plans.activity_number import Stored, stored
from plans.choices import Role
from plans.fast.queries import Param, ParamList, prepared
from plans.models import Activity, ActivityAgency, Agency, AgencyContact, Plan
from plans.querysets import JSONList, put_agencies_on
from plans.summaries.activity_row import ActivityRow, row_of
from plans.summaries.contacts import contacts_in, is_contact_missing
from plans.summaries.lead_positions import put_positions_on
from plans.summaries.parties import Parties

ROWS_PER_SECTION = 50
SHARED = "shared"
# {role, or what is shared: its heading, what addresses call it, and what the filters of the list call it}
PARTS = {
    Role.LEAD: ("Leads", "leads", "role=lead"),
    Role.SUPPORT: ("Supports", "supports", "role=support"),
    SHARED: ("Shared (through a group or unit)", "shares", ""),
}


@dataclass(frozen=True)
class AgencySummary:
    """An agency in a plan: how many activities it leads and supports, and shares as a member or parent.

    `contact` is for people who are signed in: None where there is none, and where no one asked for it.
    """

    agency: Agency
    lead_count: int
    support_count: int
    shared_count: int
    contact: AgencyContact | None = None

    def lacks_contact(self, on: date) -> bool:
        """Return whether it should have a contact on the day `on`, and has none; ask where contacts were asked for."""
        return is_contact_missing(self.agency, self.lead_count, self.contact, on)

    def count_of(self, role: str) -> int:
        """Return how many activities name it in that role."""
        return self.lead_count if role == Role.LEAD else self.support_count


@dataclass(frozen=True)
class AgencySection:
    """Part of an agency's page: the first activities that it is on in one way, and how many there are.

    `anchor` is what addresses call it.
    """

    title: str
    anchor: str
    query: str
    count: int
    rows: list[ActivityRow]


def summarise_agencies(plan: Plan, *, with_contacts: bool = False) -> list[AgencySummary]:
    """Return the parties of `plan`, by name, groups last, as [AgencySummary]. Two queries, three with contacts."""
    parties = Parties(plan)
    contacts = contacts_in(plan) if with_contacts else {}
    own: dict[tuple[int, str], set[int]] = {}
    shared: dict[int, set[int]] = {}
    for agency, role, activities in _activities_by_agency(plan=plan.pk):
        own[agency, role] = set(activities)
        for other in parties.credited(agency) - {agency}:
            shared.setdefault(other, set()).update(activities)

    def summarise(agency: Agency) -> AgencySummary:
        lead, support = (own.get((agency.pk, role), set()) for role in Role)
        shared_count = len(shared.get(agency.pk, set()) - lead - support)
        return AgencySummary(agency, len(lead), len(support), shared_count, contacts.get(agency.pk))

    return [summarise(agency) for agency in parties.ordered]


def list_agency_activities(plan: Plan, agency: Agency, on: date) -> list[AgencySection]:
    """Return what `agency` leads, supports and shares in `plan` as [AgencySection]. Four queries.

    And up to three where leads differ. `on` is the day to judge freshness for.
    """
    parties, current = Parties(plan), plan.open_round
    is_late = current is not None and on > current.due_on
    # As the database keeps them, they are in order.
    found = {part: sorted(numbers) for part, numbers in _numbers(plan=plan.pk, agency=agency.pk, agencies=[agency.pk])}
    first = {part: found.get(part, [])[:ROWS_PER_SECTION] for part in PARTS}
    values = {"plan": plan.pk, "round": current and current.pk, "numbers": [*chain.from_iterable(first.values())]}
    shown = put_positions_on(put_agencies_on(_shown(current is not None, is_late, **values)))
    activities = {stored(one.number): one for one in shown}

    def row(number: Stored) -> ActivityRow:
        involvements = parties.involvements(activities[number], [agency.code.lower()])
        return row_of(activities[number], open_round=current, on=on, involvements=involvements)

    return [
        AgencySection(title, anchor, query, len(found.get(part, [])), [*map(row, first[part])])
        for part, (title, anchor, query) in PARTS.items()
    ]


@prepared
def _numbers() -> QuerySet[Any, Any]:
    """Return the numbers of all activities of each part of an agency's page, as the database keeps them."""
    found = Activity.objects.filter(plan=Param("plan")).in_force().involving(ParamList("agencies"))  # type: ignore[arg-type]  # which stands for ids
    role = ActivityAgency.objects.filter(activity=OuterRef("pk"), agency=Param("agency")).values("role")
    parts = found.annotate(part=Coalesce(Subquery(role), Value(SHARED))).order_by()
    return parts.values_list("part").annotate(numbers=JSONList("number"))


@prepared
def _shown(is_open: bool, is_late: bool) -> QuerySet[Any, Any]:
    activities = Activity.objects.of_asked_plan(is_open, is_late)
    return activities.filter(number__in=ParamList("numbers", TextField())).with_what_rows_show()


@prepared
def _activities_by_agency() -> QuerySet[Any, Any]:
    links = ActivityAgency.objects.filter(activity__plan=Param("plan"), activity__withdrawn_on=None).order_by()
    return links.values_list("agency", "role").annotate(activities=JSONList("activity_id"))
