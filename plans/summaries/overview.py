"""A plan on one page."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Q, Window

from plans.choices import DescriptionState, Role, Status
from plans.models import Activity, ActivityAgency, Barrier, FocusArea, StatusUpdate
from plans.summaries.rounds import RoundReport, summarise_progress
from plans.summaries.statuses import StatusCount, count_by_focus_area, count_statuses

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
    """Answer the overview of `plan` on the day `on` as a `PlanOverview`. Eight queries, however large the plan."""
    activities = Activity.objects.filter(plan=plan).in_force().with_freshness(plan.open_round, on)
    by_focus_area = count_by_focus_area(activities)
    progress = summarise_progress(plan.open_round) if plan.open_round else None
    is_late = plan.open_round is not None and on > plan.open_round.due_on
    return PlanOverview(
        statuses=count_statuses(sum(by_focus_area.values(), Counter())),
        focus_areas=_summarise_focus_areas(activities, by_focus_area),
        recent=list(StatusUpdate.objects.of_plan(plan)[:RECENT_ROWS]),
        attention=list(activities.wanting_attention(is_late=is_late).for_list_page()[:ATTENTION_ROWS]),
        progress=progress,
        # Whoever leads anything is in the progress, which saves a query.
        lead_count=progress.lead_count if progress else _count_leads(activities),
        late_count=progress.to_come_count if progress and is_late else 0,
        **_count_what_is_amiss(activities),
        **_summarise_barriers(plan),
    )


def _count_what_is_amiss(activities):
    return activities.with_has_lead().aggregate(
        without_lead_count=Count("pk", filter=Q(has_lead=False)),
        to_be_finalised_count=Count("pk", filter=Q(description_state=DescriptionState.TO_BE_FINALISED)),
        off_track_count=Count("pk", filter=Q(status=Status.OFF_TRACK)),
    )


def _count_leads(activities):
    leads = ActivityAgency.objects.filter(activity__in=activities.values("pk"), role=Role.LEAD)
    return leads.values("agency").distinct().count()


def _summarise_barriers(plan):
    """Count the open barriers, and fetch the escalated ones that have stood longest. One query."""
    counted = {"count": Window(Count("pk")), "escalated_count": Window(Count("escalated_at"))}
    found = list(Barrier.objects.of_plan(plan).open().for_list().annotate(**counted)[:BARRIER_ROWS])
    return {
        "barrier_count": found[0].count if found else 0,
        "escalated_count": found[0].escalated_count if found else 0,
        "escalated": [barrier for barrier in found if barrier.is_escalated],
    }


def _summarise_focus_areas(activities, by_focus_area):
    shown = activities.first_of_each_focus_area(ROWS_PER_FOCUS_AREA).for_list_page()
    return [
        FocusAreaSummary(focus_area, count_statuses(by_focus_area[focus_area.pk]), list(rows))
        for focus_area, rows in groupby(shown, key=lambda activity: activity.focus_area)
    ]
