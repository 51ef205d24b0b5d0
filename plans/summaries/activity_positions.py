"""What the page of an activity says of its leads: where each stands, and why the activity shows its status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plans.choices import Status, UpdateKind
from plans.models import ReportingRound, StatusUpdate
from plans.summaries.activity_row import AgencyName, SaidBy, name_of, say_positions
from plans.summaries.lead_positions import (
    LeadPositions,
    find_positions,
    latest_of_leads,
    read_counting,
    report_of,
)


@dataclass(frozen=True)
class LeadStand:
    """A lead and its latest report, None without any; `is_silent` says that it has not reported in the period."""

    lead: AgencyName
    update: StatusUpdate | None
    is_silent: bool

    @property
    def is_by_other(self) -> bool:
        """Whether another agency reported for it: a member of the group, or the agency that the unit is part of."""
        return self.update is not None and self.update.agency.label != self.lead.label  # type: ignore[union-attr]  # a report has one


@dataclass(frozen=True)
class ActivityPositions:
    """The positions of the leads of an activity, in order; `said` is who says what, the most serious first."""

    found: LeadPositions
    stands: tuple[LeadStand, ...]
    said: tuple[SaidBy, ...]
    shown: Status

    @property
    def is_joint(self) -> bool:
        """Whether several agencies lead."""
        return self.found.is_joint

    @property
    def why(self) -> str:
        """Why the activity shows its status although its leads differ, in a sentence."""
        if self.found.was_set:
            return "The programme has set the status since."
        if self.found.status != self.shown:
            return "The status is older than this comparison. The next update will show the most serious one."
        return "The most serious one is shown."


def read_activity_positions(
    activity: Any, updates: Sequence[StatusUpdate], open_round: ReportingRound | None
) -> ActivityPositions:
    """Return the positions on an activity fetched with its agencies.

    `updates` are its newest and the latest of each agency, newest first, with `closed_before`. No query, one where
    an agency reported that is not named as a lead.
    """
    of_reports = {one.pk: one for one in updates if one.kind != UpdateKind.NOTE and one.retracted_at is None}
    reports = [report_of(one) for one in of_reports.values()]
    leads = {link.agency_id: link.agency for link in activity.lead_links}
    is_by_others = any(one.agency_id and one.agency_id not in leads for one in reports)
    counting: Mapping[int, Any] = read_counting() if is_by_others and len(leads) > 1 else {}
    found = find_positions(leads, reports, counting)
    latest = latest_of_leads(leads, [one for one in reports if one.kind == UpdateKind.REPORT], counting)
    stands = tuple(
        LeadStand(
            name_of(leads[lead]),
            of_reports[report.pk] if report else None,
            is_silent=report is None or (report.round_id != open_round.pk if open_round else not found.by_lead[lead]),
        )
        for lead, report in latest.items()
    )
    return ActivityPositions(found, stands, say_positions(activity, found), activity.status_choice)
