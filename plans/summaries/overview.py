"""A plan on one page."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Window

from plans.choices import DescriptionState, Role, Status
from plans.models import Activity, ActivityAgency, Barrier, FocusArea, StatusUpdate
from plans.querysets import Asked, prepared, put_agencies_on
from plans.summaries.rounds import RoundReport, summarise_progress
from plans.summaries.statuses import StatusCount, count_statuses

ROWS_PER_FOCUS_AREA = 10
ATTENTION_ROWS = 6
RECENT_ROWS = 5
BARRIER_ROWS = 3


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
    """A plan on one page. `attention` holds the activities that want it, worst first.

    `late_count` counts the updates that the open round still waits for after its due date; `progress` is who gave
    one and who owes one (a `RoundReport`), None between rounds. `escalated` holds the longest-standing escalated
    barriers.
    """

    statuses: list[StatusCount]
    focus_areas: list[FocusAreaSummary]
    lead_count: int
    to_be_finalised_count: int
    without_lead_count: int
    off_track_count: int
    late_count: int
    barrier_count: int
    escalated_count: int
    escalated: list[Barrier]
    attention: list[Activity]
    recent: list[StatusUpdate]
    progress: RoundReport | None

    @property
    def count(self):
        """How many activities the plan has."""
        return sum(one.count for one in self.statuses)


def summarise_plan(plan, on):
    """Answer the overview of `plan` on the day `on` as a `PlanOverview`. Seven queries, however large the plan."""
    progress = summarise_progress(plan.open_round) if plan.open_round else None
    is_late = plan.open_round is not None and on > plan.open_round.due_on
    tally = [_Tally(*row) for row in _tally(plan=plan.pk)]
    values = {"plan": plan.pk, "round": plan.open_round and plan.open_round.pk}
    shown = _of_each_focus_area(progress is not None, is_late, **values)
    attention = _wanting_attention(progress is not None, is_late, **values)
    put_agencies_on([*shown, *attention])
    by_status = Counter()
    for one in tally:
        by_status[one.status] += one.count
    return PlanOverview(
        statuses=count_statuses(by_status),
        focus_areas=_summarise_focus_areas(shown, tally),
        recent=_recent(plan=plan.pk),
        attention=attention,
        progress=progress,
        # Whoever leads anything is in the progress, which saves a query.
        lead_count=progress.lead_count if progress else sum(count for (count,) in _leads(plan=plan.pk)),
        late_count=progress.to_come_count if progress and is_late else 0,
        without_lead_count=sum(one.count for one in tally if not one.has_lead),
        to_be_finalised_count=sum(one.count for one in tally if one.state == DescriptionState.TO_BE_FINALISED),
        off_track_count=by_status[Status.OFF_TRACK],
        **_summarise_barriers(plan),
    )


class _Tally(NamedTuple):
    """How many activities of a focus area (its id) are alike in what the overview counts."""

    focus_area: int
    status: str
    state: str
    has_lead: bool
    count: int


def _activities():
    return Activity.objects.filter(plan=Asked("plan")).in_force()


@prepared
def _tally():
    alike = (
        _activities().with_has_lead().order_by().values_list("focus_area", "status", "description_state", "has_lead")
    )
    return alike.annotate(count=Count("pk"))


@prepared
def _of_each_focus_area(is_open, is_late):
    activities = _activities().with_freshness_in(Asked("round") if is_open else None, is_late=is_late)
    return activities.first_of_each_focus_area(ROWS_PER_FOCUS_AREA).with_what_rows_show()


@prepared
def _wanting_attention(is_open, is_late):
    activities = _activities().with_freshness_in(Asked("round") if is_open else None, is_late=is_late)
    return activities.wanting_attention(ATTENTION_ROWS, is_late=is_late).with_what_rows_show()


@prepared
def _recent():
    return StatusUpdate.objects.of_plan(Asked("plan"))[:RECENT_ROWS]


@prepared
def _leads():
    leads = ActivityAgency.objects.filter(activity__in=_activities().values("pk"), role=Role.LEAD)
    return leads.order_by().values("role").annotate(count=Count("agency", distinct=True)).values_list("count")


@prepared
def _barriers():
    counted = {"count": Window(Count("pk")), "escalated_count": Window(Count("escalated_at"))}
    return Barrier.objects.of_plan(Asked("plan")).open().for_list().annotate(**counted)[:BARRIER_ROWS]


def _summarise_barriers(plan):
    """Count the open barriers, and fetch the escalated ones that have stood longest. One query."""
    found = _barriers(plan=plan.pk)
    return {
        "barrier_count": found[0].count if found else 0,
        "escalated_count": found[0].escalated_count if found else 0,
        "escalated": [barrier for barrier in found if barrier.is_escalated],
    }


def _summarise_focus_areas(shown, tally):
    def counts(area):
        found = Counter()
        for one in tally:
            found[one.status] += one.count if one.focus_area == area.pk else 0
        return count_statuses(found)

    return [
        FocusAreaSummary(focus_area, counts(focus_area), list(rows))
        for focus_area, rows in groupby(shown, key=lambda activity: activity.focus_area)
    ]
