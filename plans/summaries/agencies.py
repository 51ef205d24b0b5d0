"""What each party of a plan has to do with it."""

from dataclasses import dataclass

from django.db.models import Count, Subquery

from plans.choices import Role
from plans.models import Activity, ActivityAgency, Agency
from plans.querysets import Asked, AskedAmong, prepared, put_agencies_on
from plans.summaries.parties import Parties
from plans.summaries.rows import ActivityRow, row_of

ROWS_PER_SECTION = 50
SHARED = "shared"
# {role, or what is shared: its heading, and what the filters of the list call it}
PARTS = {
    Role.LEAD: ("Leads", "role=lead"),
    Role.SUPPORT: ("Supports", "role=support"),
    SHARED: ("Shares with others", ""),
}


@dataclass(frozen=True)
class AgencySummary:
    """An agency in a plan: how many activities it leads and supports, and shares as a member or parent."""

    agency: Agency
    lead_count: int
    support_count: int
    shared_count: int

    def count_of(self, role):
        """How many activities name it in that role."""
        return self.lead_count if role == Role.LEAD else self.support_count


@dataclass(frozen=True)
class AgencySection:
    """Part of an agency's page: the first activities that it is on in one way, and how many there are."""

    title: str
    query: str
    count: int
    rows: list[ActivityRow]

    @property
    def anchor(self):
        """What addresses call it: leads, supports or shares."""
        return self.title.split()[0].lower()


def summarise_agencies(plan):
    """Answer the parties of `plan`, by name, groups last, as [AgencySummary]. Two queries."""
    parties = Parties(plan)
    own, shared = {}, {}
    for activity, agency, role in _links(plan=plan.pk):
        own.setdefault((agency, role), set()).add(activity)
        for other in parties.credited(agency) - {agency}:
            shared.setdefault(other, set()).add(activity)

    def summarise(agency):
        lead, support = (own.get((agency.pk, role), set()) for role in Role)
        return AgencySummary(agency, len(lead), len(support), len(shared.get(agency.pk, set()) - lead - support))

    return [summarise(agency) for agency in parties.ordered]


def list_agency_activities(plan, agency, on):
    """Answer what `agency` leads, supports and shares in `plan` as [AgencySection]. Five queries.

    `on` is the day to judge freshness for.
    """
    parties, current = Parties(plan), plan.open_round
    is_late = current is not None and on > current.due_on
    values = {"plan": plan.pk, "agency": agency.pk, "agencies": [agency.pk], "round": current and current.pk}
    found = [_shown(part, current is not None, is_late, **values) for part in PARTS]
    put_agencies_on([activity for rows in found for activity in rows])

    def row(activity):
        involvements = parties.involvements(activity, [agency.code.lower()])
        return row_of(activity, open_round=current, on=on, involvements=involvements)

    return [
        AgencySection(title, query, rows[0].count if rows else 0, [*map(row, rows)])
        for (title, query), rows in zip(PARTS.values(), found, strict=True)
    ]


@prepared
def _shown(part, is_open, is_late):
    """The first activities of a part of an agency's page, each with the `count` of all of them."""
    activities = Activity.objects.filter(plan=Asked("plan")).in_force()
    if part == SHARED:
        named = activities.naming(Asked("agency")).values("pk")
        found = activities.involving(AskedAmong("agencies")).exclude(pk__in=named)
    else:
        found = activities.naming(Asked("agency"), role=part)
    count = Subquery(found.order_by().values("plan").annotate(count=Count("pk")).values("count"))
    shown = found.with_freshness_in(Asked("round") if is_open else None, is_late=is_late).with_what_rows_show()
    return shown.annotate(count=count).order_by("number")[:ROWS_PER_SECTION]


@prepared
def _links():
    links = ActivityAgency.objects.filter(activity__plan=Asked("plan"), activity__withdrawn_on=None)
    return links.order_by().values_list("activity", "agency", "role")
