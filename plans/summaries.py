"""What a plan adds up to: counts per status, area and agency, ready to be shown."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Count, Q

from plans.choices import NO_LEAD, AgencyKind, DescriptionState, Role, Status
from plans.models import Activity, ActivityAgency, Agency, FocusArea, StatusUpdate

ROWS_PER_FOCUS_AREA = 10
ROWS_PER_SECTION = 50
ATTENTION_ROWS = 6
RECENT_ROWS = 5


@dataclass(frozen=True)
class StatusCount:
    """How many activities have a status; `start` is how many stand before it in a bar."""

    status: Status
    count: int
    start: int = 0


@dataclass(frozen=True)
class Involvement:
    """How an agency comes to be found on an activity that does not name it."""

    agency: Agency
    role: Role
    through: Agency

    @property
    def text(self):
        """Said in words: "Police supports as one of all agencies"."""
        verb = "leads" if self.role == Role.LEAD else "supports"
        if not self.through.is_group:
            return f"{self.agency} {verb} through the {self.through}"
        return f"{self.agency} {verb} as one of {self.through.name_en.lower() or self.through}"


@dataclass(frozen=True)
class ActivityRow:
    """An activity in a list, with how the agencies that were asked for come to be on it."""

    activity: Activity
    involvements: list[Involvement] = field(default_factory=list)


class Parties:
    """The parties of a plan, and for whom each stands. Two queries."""

    def __init__(self, plan, also=()):
        """Load the parties of `plan` and those whose codes are in `also`."""
        agencies = Agency.objects.filter(Q(pk__in=Agency.objects.in_plan(plan).values("pk")) | Q(code__in=also))
        self.by_code = {agency.code: agency for agency in agencies.select_related("parent")}
        self.by_id = {agency.pk: agency for agency in self.by_code.values()}
        groups = Agency.members.through.objects.filter(from_agency__in=self.by_id)
        self._members = {}
        for group, member in groups.values_list("from_agency", "to_agency"):
            self._members.setdefault(group, set()).add(member)

    def credited(self, agency_id):
        """Ids of the parties that a link with this agency counts for: itself, its parent, its members."""
        parents = [agency.parent_id for agency in [self.by_id.get(agency_id)] if agency and agency.parent_id]
        return {agency_id, *self._members.get(agency_id, ()), *parents}

    def involvements(self, activity, codes):
        """How each agency of `codes` is on `activity` without being named there. No query after a prefetch."""
        links = activity.agency_links.all()
        named = {link.agency_id for link in links}
        agencies = [self.by_code[code] for code in codes if code in self.by_code]
        return [
            Involvement(agency, Role(link.role), link.agency)
            for agency in agencies
            if agency.pk not in named
            for link in links
            if agency.pk in self.credited(link.agency_id)
        ]


@dataclass(frozen=True)
class FacetCounts:
    """How many activities each value of each filter would leave, given the other filters.

    `by_value` is {(filter, value): count}; a value that is not there would leave none.
    """

    in_plan: int
    matching: int
    by_value: Counter


@dataclass(frozen=True)
class FocusAreaSummary:
    """A focus area in a plan: its counts by status and its first activities."""

    focus_area: FocusArea
    statuses: list[StatusCount]
    activities: list[Activity]

    @property
    def count(self):
        """How many activities it has."""
        return sum(one.count for one in self.statuses)


@dataclass(frozen=True)
class PlanOverview:
    """A plan on one page. `attention` holds the activities that want it, worst first."""

    statuses: list[StatusCount]
    focus_areas: list[FocusAreaSummary]
    lead_count: int
    to_be_finalised_count: int
    without_lead_count: int
    off_track_count: int
    attention: list[Activity]
    recent: list[StatusUpdate]

    @property
    def count(self):
        """How many activities the plan has."""
        return sum(one.count for one in self.statuses)


def count_statuses(counts):
    """Answer the statuses that occur in {status: count}, in their order, as [StatusCount]."""
    found, start = [], 0
    for status in Status:
        if counts.get(status):
            found.append(StatusCount(status, counts[status], start))
            start += counts[status]
    return found


def tally_statuses(activities):
    """Answer how many of `activities` have each status, as [StatusCount]. One query."""
    rows = activities.order_by().values_list("status").annotate(count=Count("pk"))
    return count_statuses(dict(rows))


def summarise_plan(plan):
    """Answer the overview of `plan` as a `PlanOverview`. Seven queries, however large the plan."""
    activities = Activity.objects.filter(plan=plan).in_force()
    by_focus_area = {}
    for focus_id, status, count in activities.order_by().values_list("focus_area", "status").annotate(Count("pk")):
        by_focus_area.setdefault(focus_id, Counter())[status] += count
    leads = ActivityAgency.objects.filter(activity__in=activities, role=Role.LEAD)
    return PlanOverview(
        statuses=count_statuses(sum(by_focus_area.values(), Counter())),
        focus_areas=_summarise_focus_areas(activities, by_focus_area),
        recent=list(StatusUpdate.objects.of_plan(plan)[:RECENT_ROWS]),
        attention=list(_attention(activities).for_list_page()[:ATTENTION_ROWS]),
        **activities.with_has_lead().aggregate(
            without_lead_count=Count("pk", filter=Q(has_lead=False)),
            to_be_finalised_count=Count("pk", filter=Q(description_state=DescriptionState.TO_BE_FINALISED)),
            off_track_count=Count("pk", filter=Q(status=Status.OFF_TRACK)),
        ),
        lead_count=leads.values("agency").distinct().count(),
    )


def _summarise_focus_areas(activities, by_focus_area):
    shown = activities.first_of_each_focus_area(ROWS_PER_FOCUS_AREA).for_list_page()
    return [
        FocusAreaSummary(focus_area, count_statuses(by_focus_area[focus_area.pk]), list(rows))
        for focus_area, rows in groupby(shown, key=lambda activity: activity.focus_area)
    ]


def _attention(activities):
    wanted = activities.off_track() | activities.without_lead() | activities.to_be_finalised()
    return wanted.off_track_first()


def count_facets(searched, parties, chosen):
    """Answer the counts behind the filters as `FacetCounts`. Two queries.

    `searched` holds the plan's activities that have the words; `chosen` is what people chose, by filter:
    {"focus": {id}, "priority": {id}, "status": {…}, "description": {…}, "agency": {code}, "role": role or ""}.
    """
    agencies, role = _chosen_agencies(parties, chosen)
    tallied = searched.with_involvement(agencies, role, or_nobody=NO_LEAD in chosen["agency"])
    cube = tallied.order_by().values_list(*CUBE, "is_involved").annotate(count=Count("pk"))
    by_value, matching, in_plan, without_agency = Counter(), 0, 0, 0
    for *values, is_involved, count in cube:
        misses = [name for name, value in zip(CUBE_FILTERS, values, strict=True) if not _is_chosen(chosen[name], value)]
        in_plan += count
        without_agency += 0 if misses else count
        if not is_involved:
            continue
        matching += 0 if misses else count
        for name, value in zip(CUBE_FILTERS, values, strict=True):
            by_value[name, value] += count if misses in ([], [name]) else 0
    by_value.update(_count_agencies(_narrowed(searched, chosen), without_agency, parties, chosen))
    return FacetCounts(in_plan, matching, by_value)


CUBE = ["focus_area", "priority_area", "status", "description_state"]
CUBE_FILTERS = ["focus", "priority", "status", "description"]


def _is_chosen(chosen, value):
    return not chosen or value in chosen


def _chosen_agencies(parties, chosen):
    ids = [parties.by_code[code].pk for code in chosen["agency"] if code != NO_LEAD]
    return (ids if chosen["agency"] else None), chosen["role"]


def _narrowed(searched, chosen):
    """Leave what every filter but agency and role lets through."""
    conditions = {
        f"{column}__in": chosen[name] for column, name in zip(CUBE, CUBE_FILTERS, strict=True) if chosen[name]
    }
    return searched.filter(**conditions)


def _count_agencies(narrowed, narrowed_count, parties, chosen):
    """Count the agency and role filters over the links of `narrowed`. One query."""
    links = ActivityAgency.objects.filter(activity__in=narrowed.order_by().values("pk"))
    of_agency, of_role = {}, {}
    wanted = {parties.by_code[code].pk for code in chosen["agency"] if code != NO_LEAD}
    linked = {role: set() for role in Role}
    for activity, agency, role in links.values_list("activity", "agency", "role"):
        linked[role].add(activity)
        credited = parties.credited(agency)
        if chosen["role"] in ("", role):
            for one in credited:
                of_agency.setdefault(one, set()).add(activity)
        if not chosen["agency"] or credited & wanted:
            of_role.setdefault(role, set()).add(activity)
    counts = Counter({("agency", agency): len(found) for agency, found in of_agency.items()})
    counts["agency", NO_LEAD] = narrowed_count - len(linked[chosen["role"] or Role.LEAD])
    for role in Role:
        nobody = narrowed_count - len(linked[role]) if NO_LEAD in chosen["agency"] else 0
        counts["role", role] = len(of_role.get(role, ())) + nobody
    return counts


@dataclass(frozen=True)
class AgencySummary:
    """An agency in a plan: how many activities it leads and supports, and shares as a member or parent."""

    agency: Agency
    lead_count: int
    support_count: int
    shared_count: int


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

    ordered = sorted(parties.by_id.values(), key=lambda agency: (agency.kind == AgencyKind.GROUP, agency.name_key))
    return [summarise(agency) for agency in ordered]


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


def list_agency_activities(plan, agency):
    """Answer what `agency` leads, supports and shares in `plan` as [AgencySection]. At most eleven queries."""
    parties = Parties(plan)
    activities = Activity.objects.filter(plan=plan).in_force()
    leads, supports = (activities.filter(agency_links__agency=agency, agency_links__role=role) for role in Role)
    shared = activities.involving([agency.pk]).exclude(agency_links__agency=agency)
    sections = [("Leads", "role=lead", leads), ("Supports", "role=support", supports), ("Shares with others", "", shared)]
    return [
        AgencySection(
            title,
            query,
            found.count(),
            [
                ActivityRow(one, parties.involvements(one, [agency.code]))
                for one in found.for_list_page().order_by("number")[:ROWS_PER_SECTION]
            ],
        )
        for title, query, found in sections
    ]
