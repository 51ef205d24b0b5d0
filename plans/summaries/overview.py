"""A plan on one page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, F, Min, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import get_default_timezone, localdate

from plans.activity_number import Number
from plans.choices import Attention, DescriptionState, Due, Rating, Role, Status
from plans.fast.queries import Param, prepared
from plans.models import Activity, ActivityAgency, Barrier, FocusArea, Plan, StatusUpdate
from plans.querysets import put_agencies_on
from plans.querysets.due_dates import ASKED_DAY, asked_days
from plans.summaries.activity_row import ActivityRow, row_of
from plans.summaries.briefing import NextDate, count_fitting, next_dates
from plans.summaries.headline import Tile, headline_of, tiles_of
from plans.summaries.rounds import RoundProgress, summarise_progress
from plans.summaries.statuses import StatusCount, count_statuses
from plans.summaries.trend import TrendColumn, closed_columns

ROWS_PER_FOCUS_AREA = 10
ATTENTION_ROWS = 6
ATTENTION_ROWS_ON_PAPER = 12
RECENT_ROWS = 5


@dataclass(frozen=True)
class FocusAreaSummary:
    """A focus area in a plan: its counts by status and its first activities."""

    focus_area: FocusArea
    statuses: tuple[StatusCount, ...]
    rows: list[ActivityRow]

    @property
    def count(self) -> int:
        """How many activities it has."""
        return sum(one.count for one in self.statuses)


class RecentUpdate(NamedTuple):
    """An update in a word, who made it ("" for a programme admin), when, and on which activity."""

    number: Number
    title: str
    status: str
    agency: str
    made_on: date
    # With a default, for what an earlier version has put into a cache.
    is_by_link: bool = False


@dataclass(frozen=True)
class AttentionRow:
    """An activity that needs attention: its escalated barrier with the day, and what its latest update said."""

    activity: ActivityRow
    barrier: str
    escalated_on: date | None
    words: str


@dataclass(frozen=True)
class AttentionSummary:
    """What needs attention in a plan: how many activities, how much of what, and the first `rows`, worst first.

    `past_due_count` counts activities that are past their own due dates; `late_count` the updates that the open round
    still waits for after its due date, None between rounds; `rated_otherwise_count` the activities that the programme
    rates otherwise than their status says; `escalated_on` is the day on which the first of the
    escalated barriers was, None without one. `on_paper` is how many of the rows fit on the printed page.
    """

    count: int
    to_be_finalised_count: int
    without_lead_count: int
    off_track_count: int
    past_due_count: int
    rated_otherwise_count: int
    late_count: int | None
    barrier_count: int
    escalated_count: int
    escalated_on: date | None
    rows: tuple[AttentionRow, ...]
    on_paper: int

    @property
    def on_screen(self) -> int:
        """How many of the rows the page on a screen shows."""
        return min(len(self.rows), ATTENTION_ROWS)

    @property
    def not_on_paper(self) -> int:
        """How many activities that need attention the printed page has no room for."""
        return self.count - self.on_paper


@dataclass(frozen=True)
class PlanOverview:
    """A plan on one page. `progress` is who gave an update in the open round and who owes one, None between rounds.

    `trend` has the last closed rounds and now, the earliest first, and is empty before any round was closed.
    """

    statuses: tuple[StatusCount, ...]
    focus_areas: list[FocusAreaSummary]
    lead_count: int
    headline: str
    tiles: tuple[Tile, ...]
    attention: AttentionSummary
    trend: tuple[TrendColumn, ...]
    recent: tuple[RecentUpdate, ...]
    progress: RoundProgress | None
    next_dates: tuple[NextDate, ...]

    @property
    def count(self) -> int:
        """How many activities the plan has."""
        return sum(one.count for one in self.statuses)

    @property
    def is_new(self) -> bool:
        """Whether no agency has reported on anything, and nothing is waited for."""
        return bool(self.count) and not self.recent and not self.trend and self.progress is None


def summarise_plan(plan: Plan, on: date) -> PlanOverview:
    """Return the overview of `plan` on the day `on` as a `PlanOverview`. Eight queries, however large the plan."""
    current = plan.open_round
    is_open, is_late = current is not None, current is not None and on > current.due_on
    values = {"plan": plan.pk, "round": current and current.pk, **asked_days(on)}
    tally = [_Tally(*row) for row in _tally(is_open, is_late, **values)]
    statuses = _count_by("status", tally)
    progress = summarise_progress(current, _count_by("round_status", tally)) if current else None
    shown = _of_each_focus_area(is_open, is_late, **values)
    worst = _needing_attention(is_open, is_late, **values)
    put_agencies_on([*shown, *worst])
    closed, dates = closed_columns(plan), next_dates(plan, on)

    def row(activity: Activity) -> ActivityRow:
        return row_of(activity, open_round=current, on=on)

    attention = AttentionSummary(
        count=_count_by("attention", tally)[Attention.ANY],
        to_be_finalised_count=sum(
            one.count for one in tally if one.description_state == DescriptionState.TO_BE_FINALISED
        ),
        without_lead_count=sum(one.count for one in tally if not one.has_lead),
        off_track_count=statuses[Status.OFF_TRACK],
        past_due_count=_count_by("due_state", tally)[Due.LATE],
        rated_otherwise_count=_count_by("rating_state", tally)[Rating.DIFFERS],
        late_count=(progress.to_come_count if is_late else 0) if progress else None,
        **_rows_of_attention([_attention_row(activity, row(activity)) for activity in worst], dates),
        **_summarise_barriers(tally),
    )
    about: dict[str, Any] = {
        "statuses": statuses,
        "attention": attention,
        "progress": progress,
        "reporting_round": current,
    }
    now = (TrendColumn("Now", count_statuses(statuses)),)
    return PlanOverview(
        statuses=count_statuses(statuses),
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
        headline=headline_of(**about, on=on),
        tiles=tiles_of(**about, on=on, before=closed[-1] if closed else None),
        attention=attention,
        trend=closed and closed + now,
        recent=tuple(map(_recent_update, _recent(plan=plan.pk))),
        progress=progress,
        next_dates=dates,
    )


class _Tally(NamedTuple):
    """How many activities of a focus area (its id) are alike in what counts; `round_status` is blank between rounds.

    Each says of the whole plan how many barriers are open and escalated, and when the first of them was.
    """

    focus_area: int
    status: str
    description_state: str
    has_lead: bool
    attention: str
    due_state: str
    rating_state: str
    round_status: str
    barrier_count: int
    escalated_count: int
    first_escalated_at: datetime | None
    count: int  # type: ignore[assignment]  # in place of how often a tuple holds something


def _activities() -> QuerySet[Any, Any]:
    return Activity.objects.filter(plan=Param("plan")).in_force()


@prepared
def _tally(is_open: bool, is_late: bool) -> QuerySet[Any, Any]:
    activities = Activity.objects.of_asked_plan(is_open, is_late).with_has_lead().order_by()
    counted = activities.annotate(attention=F("attention"), due_state=F("due_state"), rating_state=F("rating_state"))
    judged = counted.with_round_status(Param("round")) if is_open else counted.annotate(round_status=Value(""))
    # They depend on no activity, so that they are counted once, and save a query.
    with_barriers = judged.annotate(
        barrier_count=Coalesce(_of_barriers(Count("pk")), 0),
        escalated_count=Coalesce(_of_barriers(Count("escalated_at")), 0),
        first_escalated_at=_of_barriers(Min("escalated_at")),
    )
    return with_barriers.values_list(*_Tally._fields[:-1]).annotate(count=Count("pk"))


def _of_barriers(found: Any) -> Subquery:
    barriers = Barrier.objects.of_plan(Param("plan")).open().order_by()
    # One group, so that there is one value; none without barriers.
    return Subquery(barriers.values("resolved_at").annotate(found=found).values("found"))


@prepared
def _of_each_focus_area(is_open: bool, is_late: bool) -> QuerySet[Any, Any]:
    activities = Activity.objects.of_asked_plan(is_open, is_late)
    shown = activities.first_of_each_focus_area(ROWS_PER_FOCUS_AREA).with_what_rows_show()
    return shown.with_status_at_close(Param("plan"))


@prepared
def _needing_attention(is_open: bool, is_late: bool) -> QuerySet[Any, Any]:
    activities = Activity.objects.of_asked_plan(is_open, is_late)
    worst = activities.needing_attention(ATTENTION_ROWS_ON_PAPER, is_late=is_late, on=ASKED_DAY).with_what_rows_show()
    return worst.with_status_at_close(Param("plan")).with_reasons()


@prepared
def _recent() -> QuerySet[Any, Any]:
    return StatusUpdate.objects.of_plan(Param("plan"))[:RECENT_ROWS]


@prepared
def _leads() -> QuerySet[Any, Any]:
    leads = ActivityAgency.objects.filter(activity__in=_activities().values("pk"), role=Role.LEAD)
    return leads.order_by().values("role").annotate(count=Count("agency", distinct=True)).values_list("count")


def _summarise_barriers(tally: list[_Tally]) -> dict[str, Any]:
    """Return the open barriers and the escalated ones, counted."""
    one = tally[0] if tally else None
    first = one and one.first_escalated_at
    return {
        "barrier_count": one.barrier_count if one else 0,
        "escalated_count": one.escalated_count if one else 0,
        "escalated_on": _day(first) if first else None,
    }


def _rows_of_attention(rows: list[AttentionRow], dates: Sequence[NextDate]) -> dict[str, Any]:
    on_paper = count_fitting(rows, dates)
    return {"rows": tuple(rows[: max(on_paper, ATTENTION_ROWS)]), "on_paper": on_paper}


def _attention_row(activity: Any, row: ActivityRow) -> AttentionRow:
    escalated_on = _day(activity.escalated_at) if activity.escalated_at else None
    return AttentionRow(row, activity.escalated_text or "", escalated_on, activity.last_words or "")


def _count_by(name: str, tally: Iterable[_Tally]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in tally:
        found[getattr(one, name)] += one.count
    return found


def _recent_update(update: StatusUpdate) -> RecentUpdate:
    agency = update.agency.name if update.agency else ""
    status, by_link = update.get_status_display(), update.by_link_id is not None
    return RecentUpdate(update.activity.number, str(update.activity), status, agency, _day(update.made_at), by_link)


def _day(moment: datetime) -> date:
    return localdate(moment, get_default_timezone())
