"""A plan on one page."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Q

from plans.choices import DescriptionState, Role, Status
from plans.models import Activity, ActivityAgency, FocusArea, StatusUpdate
from plans.summaries.statuses import StatusCount, count_by_focus_area, count_statuses

ROWS_PER_FOCUS_AREA = 10
ATTENTION_ROWS = 6
RECENT_ROWS = 5


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


def summarise_plan(plan):
    """Answer the overview of `plan` as a `PlanOverview`. Seven queries, however large the plan."""
    activities = Activity.objects.filter(plan=plan).in_force()
    by_focus_area = count_by_focus_area(activities)
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
