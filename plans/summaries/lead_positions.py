"""Where each lead of an activity stands, and which status the activity shows for that: the rule, and what it asks.

A lead's position is its latest report. A report counts for the lead that made it; one by someone else, for each lead
that it may report for (`plans.responsibility`): a member for its group, an agency for its unit. So an activity with one
lead shows what was reported last.

Positions are those of one period: of the round in which the latest report was made, or of the time between two rounds.
So a new round changes nothing before someone reports in it. The activity shows the most serious of them, unless a
programme admin has set the status since: that is shown until the next report.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, Self

from plans import responsibility
from plans.choices import Role, Status, UpdateKind, most_serious
from plans.models import Activity, ActivityAgency, Agency, Plan, ReportingRound, StatusUpdate

JOINT = 2
"""So many leads make an activity a joint one."""
NEWEST = 2**63 - 1
"""What stands in for the id of a report that has none yet: above all others."""


class Report(NamedTuple):
    """An update with a status. `closed_before` is when the last round closed before it, for one outside of rounds."""

    activity_id: int
    pk: int
    made_at: datetime
    agency_id: int | None
    status: str
    round_id: int | None
    closed_before: datetime | None
    kind: str

    @property
    def period(self) -> "Period":
        """The round in which it was made, or the time between two rounds."""
        return Period(self.round_id, None if self.round_id else self.closed_before)


class Period(NamedTuple):
    """A round, by its id, or the time since the last round was closed at a moment, None where none was."""

    round_id: int | None
    closed_before: datetime | None


OUTSIDE = Period(None, None)
"""The period of a status that a programme admin sets, which is no one's position."""


@dataclass(frozen=True)
class LeadPositions:
    """What each lead reported last in the period, None for one that did not: {id of the agency: `Report`}, in order.

    `was_set` is the status that a programme admin has set since, None when no one has.
    """

    by_lead: dict[int, Report | None]
    was_set: Report | None = None

    @property
    def reports(self) -> list[Report]:
        """What the leads that reported said, in their order."""
        return [report for report in self.by_lead.values() if report]

    @property
    def is_joint(self) -> bool:
        """Whether several agencies lead."""
        return len(self.by_lead) >= JOINT

    @property
    def status(self) -> Status | None:
        """The status that the activity shows; None when nothing was said that counts, so that it keeps its own."""
        return Status(self.was_set.status) if self.was_set else most_serious(one.status for one in self.reports)

    @property
    def leads_differ(self) -> bool:
        """Whether two leads report different statuses."""
        return len({report.status for report in self.reports}) > 1

    @property
    def silent(self) -> list[int]:
        """The ids of the leads that did not report."""
        return [lead for lead, report in self.by_lead.items() if report is None]

    @property
    def decisive(self) -> list[int]:
        """The ids of the leads whose report is the status that the activity shows."""
        return [lead for lead, report in self.by_lead.items() if report and report.status == self.status]


def find_positions(
    leads: Iterable[int], reports: Iterable[Report], counting: Mapping[int, Collection[int]]
) -> LeadPositions:
    """Return where the `leads` of an activity (ids in order) stand, by its `reports` in any order. No query.

    `counting` is {id of a lead: ids of those whose reports count for it, too}. Reports that were taken back are not
    among the `reports`; what programme admins set is.
    """
    newest_first = sorted(reports, key=lambda one: (one.made_at, one.pk), reverse=True)
    reported = [one for one in newest_first if one.kind == UpdateKind.REPORT]
    of_period = [one for one in reported if one.period == reported[0].period]
    is_set = bool(newest_first) and newest_first[0].kind == UpdateKind.SET
    return LeadPositions(latest_of_leads(leads, of_period, counting), newest_first[0] if is_set else None)


def latest_of_leads(
    leads: Iterable[int], newest_first: Iterable[Report], counting: Mapping[int, Collection[int]]
) -> dict[int, Report | None]:
    """Return {lead: its latest report, None without any} in the order of the `leads`. No query."""
    found: dict[int, Report | None] = dict.fromkeys(leads)
    for report in newest_first:
        for lead in speaks_for(report.agency_id, found, counting):
            found[lead] = found[lead] or report
    return found


def speaks_for(
    agency_id: int | None, leads: Collection[int], counting: Mapping[int, Collection[int]]
) -> Collection[int]:
    """Return the leads whose position a report of an agency is: its own where it leads, else of all it reports for."""
    if agency_id in leads:
        return [agency_id]  # type: ignore[list-item]  # not None, which leads nothing
    return [lead for lead in leads if agency_id in counting.get(lead, ())]


class ReportsOfLeads:
    """What the positions on some activities follow from: their leads in order, and their reports.

    Two queries, and one more where someone reported who is not named as a lead.
    """

    def __init__(self, leads: Mapping[int, Sequence[int]], reports: Iterable[Report]) -> None:
        """`leads` are {id of an activity: ids of its leads}."""
        self.leads = leads
        self._reports: dict[int, list[Report]] = {}
        for report in reports:
            self._reports.setdefault(report.activity_id, []).append(report)

    @classmethod
    def load(cls, activities: Collection[int], *, if_joint: Collection[int] = ()) -> Self:
        """Return those of the `activities` (ids), and of those `if_joint` that are led jointly."""
        leads: dict[int, list[int]] = {activity: [] for activity in activities}
        links = ActivityAgency.objects.filter(activity__in=[*activities, *if_joint], role=Role.LEAD)
        for activity, agency in links.order_by("position", "pk").values_list("activity", "agency"):
            leads.setdefault(activity, []).append(agency)
        wanted = {one: led_by for one, led_by in leads.items() if one in activities or len(led_by) >= JOINT}
        return cls(wanted, read_reports(wanted))

    @classmethod
    def of(cls, activities: Iterable[Activity]) -> Self:
        """Return those of the joint ones of `activities`, fetched with their agencies. A query where there are any."""
        leads = {one.pk: [link.agency_id for link in one.lead_links] for one in activities}
        joint = {activity: led_by for activity, led_by in leads.items() if len(led_by) >= JOINT}
        return cls(joint, read_reports(joint))

    def positions(
        self,
        activity: int,
        *,
        leads: Sequence[int] | None = None,
        new: Iterable[Report] = (),
        without: Collection[int] = (),
    ) -> LeadPositions:
        """Return the positions on an activity.

        With other `leads`, with `new` reports that are not saved yet and `without` those of some ids, if asked so.
        """
        agencies = self.leads.get(activity, ()) if leads is None else leads
        reports = [*(one for one in self._reports.get(activity, ()) if one.pk not in without), *new]
        is_by_others = any(one.agency_id and one.agency_id not in agencies for one in reports)
        return find_positions(agencies, reports, self._counting if is_by_others else {})

    def own(self, activity: int, agency: int) -> Report | None:
        """Return the report that is the position of an agency on a joint activity: that of the lead it speaks for.

        None where it has not reported in the period, and where the programme has set the status since.
        """
        found = self.positions(activity)
        said = [report for lead in self.leads_of(activity, agency) if (report := found.by_lead[lead])]
        return max(said, key=lambda one: (one.made_at, one.pk)) if said and not found.was_set else None

    def leads_of(self, activity: int, agency: int) -> Collection[int]:
        """Return the leads of an activity whose position a report of an agency would be."""
        leads = self.leads.get(activity, ())
        return speaks_for(agency, leads, {} if agency in leads else self._counting)

    @cached_property
    def _counting(self) -> Mapping[int, Collection[int]]:
        return read_counting()


def read_counting() -> Mapping[int, Collection[int]]:
    """Return {id of an agency: ids of those whose reports count for it, too}. One query."""
    return responsibility.who_counts(Agency.objects.only("pk", "parent").with_groups())


def read_reports(activities: Iterable[int]) -> list[Report]:
    """Return all reports that count on the `activities` (ids), in no order. One query, none without activities."""
    pks = list(activities)
    return [Report(*row) for row in StatusUpdate.objects.filter(activity__in=pks).as_reports()] if pks else []


def read_period(plan: Plan | int) -> Period:
    """Return the period in which a report on `plan` would be made now. One query."""
    rounds = dict(ReportingRound.objects.filter(plan=plan).order_by().values_list("pk", "closed_at"))
    is_open = [pk for pk, closed_at in rounds.items() if closed_at is None]
    return Period(is_open[0], None) if is_open else Period(None, max(filter(None, rounds.values()), default=None))


def report_to_be(update: StatusUpdate, period: Period) -> Report:
    """Return the `Report` that an `update` will be, not saved yet: newer than those of its moment. No query."""
    said = (update.made_at, update.agency_id, update.status)
    return Report(update.activity_id, NEWEST, *said, *period, update.kind)


def report_of(update: Any) -> Report:
    """Return the `Report` that a saved `update` is, fetched with its agency and, where that counts, `closed_before`."""
    agency_id = (update.agency.merged_into_id or update.agency_id) if update.agency else None
    said = (agency_id, update.status, update.round_id, getattr(update, "closed_before", None))
    return Report(update.activity_id, update.pk, update.made_at, *said, update.kind)


def read_positions(activities: Collection[int]) -> dict[int, LeadPositions]:
    """Return {id: positions} of the `activities` (ids). Up to three queries."""
    found = ReportsOfLeads.load(activities)
    return {activity: found.positions(activity) for activity in activities}


def read_own_updates(found: ReportsOfLeads, agencies: Mapping[int, Iterable[Agency]]) -> dict[int, dict[int, Any]]:
    """Return {id of a joint activity: {id of an agency: the update that is its position there}}. Two queries at most.

    `agencies` are {id of an activity: those for whom a person reports on it}.
    """
    own = {
        (activity, one.pk): report.pk
        for activity, parties in agencies.items()
        for one in parties
        if activity in found.leads and (report := found.own(activity, one.pk))
    }
    updates = StatusUpdate.objects.select_related("agency").in_bulk(set(own.values())) if own else {}
    by_activity: dict[int, dict[int, Any]] = {}
    for (activity, agency), pk in own.items():
        by_activity.setdefault(activity, {})[agency] = updates[pk]
    return by_activity


def put_positions_on(activities: list[Activity]) -> list[Activity]:
    """Put `positions` on the activities whose leads differ, for rows that say who says what, and return them all.

    Two or three queries, none where no leads differ.
    """
    differing = [activity.pk for activity in activities if activity.leads_differ]
    found = read_positions(differing) if differing else {}
    for activity in activities:
        if activity.pk in found:
            activity.positions = found[activity.pk]  # type: ignore[attr-defined]  # for `row_of`
    return activities
