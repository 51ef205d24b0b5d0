"""What each party of a plan has to do with it."""

from dataclasses import dataclass

from plans.choices import Role
from plans.models import Activity, ActivityAgency, Agency
from plans.summaries.parties import ActivityRow, Parties

ROWS_PER_SECTION = 50


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
    """Answer the parties of `plan`, by name, groups last, as [AgencySummary]. Three queries."""
    parties = Parties(plan)
    links = ActivityAgency.objects.filter(activity__plan=plan, activity__withdrawn_on=None)
    own, shared = {}, {}
    for activity, agency, role in links.values_list("activity", "agency", "role"):
        own.setdefault((agency, role), set()).add(activity)
        for other in parties.credited(agency) - {agency}:
            shared.setdefault(other, set()).add(activity)

    def summarise(agency):
        lead, support = (own.get((agency.pk, role), set()) for role in Role)
        return AgencySummary(agency, len(lead), len(support), len(shared.get(agency.pk, set()) - lead - support))

    return [summarise(agency) for agency in parties.ordered]


def list_agency_activities(plan, agency, on):
    """Answer what `agency` leads, supports and shares in `plan` as [AgencySection]. At most eleven queries.

    `on` is the day to judge freshness for.
    """
    parties = Parties(plan)
    activities = Activity.objects.filter(plan=plan).in_force().with_freshness(plan.open_round, on)
    leads, supports = (activities.filter(agency_links__agency=agency, agency_links__role=role) for role in Role)
    shared = activities.involving([agency.pk]).exclude(agency_links__agency=agency)
    sections = [
        ("Leads", "role=lead", leads),
        ("Supports", "role=support", supports),
        ("Shares with others", "", shared),
    ]
    return [
        AgencySection(
            title,
            query,
            found.count(),
            [
                ActivityRow(one, parties.involvements(one, [agency.code.lower()]))
                for one in found.for_list_page().order_by("number")[:ROWS_PER_SECTION]
            ],
        )
        for title, query, found in sections
    ]
