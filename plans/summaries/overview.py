"""A plan on one page."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Value, Window
from django.utils.timezone import localtime

from plans.choices import DescriptionState, Role, Status
from plans.fast.queries import Param, prepared
from plans.models import Activity, ActivityAgency, Barrier, FocusArea, StatusUpdate
from plans.querysets import put_agencies_on
from plans.summaries.rounds import RoundProgress, summarise_progress
from plans.summaries.rows import ActivityRow, row_of
from plans.summaries.statuses import StatusCount, count_statuses

ROWS_PER_FOCUS_AREA = 10
ATTENTION_ROWS = 6
RECENT_ROWS = 5
BARRIER_ROWS = 3


@dataclass(frozen=True)
class FocusAreaSummary:
    """A focus area in a plan: its counts by status and its first activities."""

    focus_area: FocusArea
    statuses: tuple[StatusCount, ...]
    rows: list[ActivityRow]

    @property
    def count(self):
        """How many activities it has."""
        return sum(one.count for one in self.statuses)


class EscalatedBarrier(NamedTuple):
    """A barrier that an agency cannot remove by itself, since when, and the activity in whose way it stands."""

    text: str
    escalated_on: date
    number: int
    title: str


class RecentUpdate(NamedTuple):
    """An update in a word, who made it ("" for a programme admin), when, and on which activity."""

    number: int
    title: str
    status: str
    agency: str
    made_on: date


@dataclass(frozen=True)
class Attention:
    """What wants attention in a plan: how much of what, and the first `rows`, worst first.

    `late_count` counts the updates that the open round still waits for after its due date, None between rounds;
    `escalated` are the longest-standing escalated barriers.
    """

    to_be_finalised_count: int
    without_lead_count: int
    off_track_count: int
    late_count: int | None
    barrier_count: int
    escalated_count: int
    escalated: tuple[EscalatedBarrier, ...]
    rows: tuple[ActivityRow, ...]


@dataclass(frozen=True)
class PlanOverview:
    """A plan on one page. `progress` is who gave an update in the open round and who owes one, None between rounds."""

    statuses: tuple[StatusCount, ...]
    focus_areas: list[FocusAreaSummary]
    lead_count: int
    attention: Attention
    recent: tuple[RecentUpdate, ...]
    progress: RoundProgress | None

    @property
    def count(self):
        """How many activities the plan has."""
        return sum(one.count for one in self.statuses)


def summarise_plan(plan, on):
    """Return the overview of `plan` on the day `on` as a `PlanOverview`. Seven queries, however large the plan."""
    is_open = plan.open_round is not None
    is_late = is_open and on > plan.open_round.due_on
    values = {"plan": plan.pk, "round": plan.open_round.pk if is_open else None}
    tally = [_Tally(*row) for row in _tally(is_open, **values)]
    progress = summarise_progress(plan.open_round, _count_by("round_status", tally)) if is_open else None
    shown = _of_each_focus_area(is_open, is_late, **values)
    worst = _wanting_attention(is_open, is_late, **values)
    put_agencies_on([*shown, *worst])

    def row(activity):
        return row_of(activity, open_round=plan.open_round, on=on)

    return PlanOverview(
        statuses=count_statuses(_count_by("status", tally)),
        focus_areas=[
            FocusAreaSummary(
                focus_area=area,
                statuses=count_statuses(_count_by("status", [one for one in tally if one.focus_area == area.pk])),
                rows=[*map(row, found)],
            )
            for area, found in groupby(shown, key=lambda activity: activity.focus_area)
        ],
        # Whoever leads anything is in the progress, which saves a query.
        lead_count=progress.lead_count if progress else sum(count for (count,) in _leads(plan=plan.pk)),
        attention=Attention(
            to_be_finalised_count=sum(
                one.count for one in tally if one.description_state == DescriptionState.TO_BE_FINALISED
            ),
            without_lead_count=sum(one.count for one in tally if not one.has_lead),
            off_track_count=_count_by("status", tally)[Status.OFF_TRACK],
            late_count=progress and (progress.to_come_count if is_late else 0),
            rows=tuple(map(row, worst)),
            **_summarise_barriers(plan),
        ),
        recent=tuple(map(_recent_update, _recent(plan=plan.pk))),
        progress=progress,
    )


class _Tally(NamedTuple):
    """How many activities of a focus area (its id) the overview counts alike; blank `round_status` in no round."""

    focus_area: int
    status: str
    description_state: str
    has_lead: bool
    round_status: str
    count: int


def _activities():
    return Activity.objects.filter(plan=Param("plan")).in_force()


@prepared
def _tally(is_open):
    activities = _activities().with_has_lead().order_by()
    judged = activities.with_round_status(Param("round")) if is_open else activities.annotate(round_status=Value(""))
    return judged.values_list(*_Tally._fields[:-1]).annotate(count=Count("pk"))


@prepared
def _of_each_focus_area(is_open, is_late):
    activities = _activities().with_freshness_in(Param("round") if is_open else None, is_late=is_late)
    return activities.first_of_each_focus_area(ROWS_PER_FOCUS_AREA).with_what_rows_show()


@prepared
def _wanting_attention(is_open, is_late):
    activities = _activities().with_freshness_in(Param("round") if is_open else None, is_late=is_late)
    return activities.wanting_attention(ATTENTION_ROWS, is_late=is_late).with_what_rows_show()


@prepared
def _recent():
    return StatusUpdate.objects.of_plan(Param("plan"))[:RECENT_ROWS]


@prepared
def _leads():
    leads = ActivityAgency.objects.filter(activity__in=_activities().values("pk"), role=Role.LEAD)
    return leads.order_by().values("role").annotate(count=Count("agency", distinct=True)).values_list("count")


@prepared
def _barriers():
    counted = {"count": Window(Count("pk")), "escalated_count": Window(Count("escalated_at"))}
    return Barrier.objects.of_plan(Param("plan")).open().for_list().annotate(**counted)[:BARRIER_ROWS]


def _summarise_barriers(plan):
    """Count the open barriers, and fetch the escalated ones that have stood longest. One query."""
    found = _barriers(plan=plan.pk)
    return {
        "barrier_count": found[0].count if found else 0,
        "escalated_count": found[0].escalated_count if found else 0,
        "escalated": tuple(
            EscalatedBarrier(
                barrier.text, localtime(barrier.escalated_at).date(), barrier.activity.number, str(barrier.activity)
            )
            for barrier in found
            if barrier.is_escalated
        ),
    }


def _count_by(name, tally):
    found = Counter()
    for one in tally:
        found[getattr(one, name)] += one.count
    return found


def _recent_update(update):
    agency = update.agency.name if update.agency else ""
    made_on = localtime(update.made_at).date()
    return RecentUpdate(update.activity.number, str(update.activity), update.get_status_display(), agency, made_on)
