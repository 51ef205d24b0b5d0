"""Makes what a pack says of a plan, as at a moment: the plan is read once, and what it says is kept as values."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plans.as_at import AsAt, now, plan_as_at, today
from plans.choices import Due, Freshness, Sort, Status
from plans.models import Activity, ActivityAgency, Barrier, PackAsk, Plan, StatusUpdate
from plans.packs import content as said
from plans.packs.earlier import day_of, named, read_answers, read_corrections, read_earlier
from plans.querysets import ActivitySelection
from plans.summaries.activity_row import is_past_due
from plans.summaries.comparison import compare_snapshots, snapshot_at
from plans.summaries.lead_positions import read_positions
from plans.summaries.slip_ledger import read_ledger
from plans.text import count_of

NEEDS_ATTENTION = (Status.OFF_TRACK, Status.AT_RISK, Status.PAUSED)


@dataclass(frozen=True)
class Asked:
    """An escalated barrier, turned into an ask that no one has worded yet."""

    activity_id: int
    barrier_id: int
    text: str


@dataclass(frozen=True)
class Wanted:
    """What a pack is to be about. `since` is the earlier moment to compare with; None for nothing to compare."""

    plan: Plan
    selection: ActivitySelection
    title: str
    filters: str = ""
    at: AsAt | None = None
    since: AsAt | None = None
    since_in_words: str = ""


@dataclass(frozen=True)
class PlanRead:
    """What a pack says of a plan, without asks, and the asks that its barriers make.

    `follows` is the number of the last pack that was issued by then, 0 for none.
    """

    content: said.PackContent
    asked: tuple[Asked, ...]
    follows: int


def read_plan(wanted: Wanted) -> PlanRead:
    """Return what a pack is to say of a plan. Some forty queries.

    Raises `PlanNotThere` for a moment at which the plan was not there.
    """
    plan = wanted.plan
    earlier = read_earlier(plan)
    changes = _changes(wanted)
    with plan_as_at(plan.pk, wanted.at, may_see_drafts=True) if wanted.at else nullcontext():
        then = Plan.objects.with_open_round().get(pk=plan.pk)
        activities = _activities(then, wanted.selection)
        found = list(activities)
        barriers, moment = _barriers(then, found), now()
        content = said.PackContent(
            plan=then.name,
            programme=then.programme,
            marking=then.get_marking_display(),
            title=wanted.title,
            at=moment,
            filters=wanted.filters,
            answers=read_answers(plan, earlier),
            answers_at=moment,
            state=_state(found),
            changes=changes,
            exceptions=_exceptions(found, barriers),
            slipped=_slipped(then, activities),
            activities=tuple(_line(one) for one in found),
            corrections=read_corrections([one.pk for one in found], earlier),
        )
    asked = [Asked(one.activity_id, one.pk, one.escalation_note or one.text) for one in barriers if one.is_escalated]
    return PlanRead(content, tuple(asked), max((one.number for one in earlier), default=0))


def asks_of(asks: Iterable[PackAsk], number: int | None, at: datetime) -> tuple[said.Ask, ...]:
    """Return asks (with activity, barrier, and who raised it) as a pack of that number says them, in order.

    Activities have the numbers and titles that they had at that moment, as in the rest of the pack. One query.
    """
    shown = [one for one in asks if not one.is_left_out]
    names = _named_at([one.activity for one in shown if one.activity], at)
    found = []
    for place, one in enumerate(shown, start=1):
        barrier = one.barrier
        found.append(
            said.Ask(
                reference=f"{number or 'Draft'}.{place}",
                text=one.text,
                of_whom=one.of_whom,
                due_on=one.due_on,
                activity=names[one.activity.pk] if one.activity else None,
                barrier=barrier.text if barrier else "",
                raised_by=str(barrier.update.agency or barrier.update.author) if barrier else "",
                escalated_on=day_of(barrier.escalated_at) if barrier and barrier.escalated_at else None,
            )
        )
    return tuple(found)


def _activities(plan: Plan, selection: ActivitySelection) -> Any:
    activities = Activity.objects.filter(plan=plan).in_force().with_freshness(plan.open_round, today())
    left = activities.left_by(selection, today()).with_latest_update().with_agencies()
    return left.select_related("focus_area", "priority_area").sorted_by(Sort.NUMBER)


def _barriers(plan: Plan, activities: Sequence[Any]) -> list[Barrier]:
    ids = {one.pk for one in activities}
    return [one for one in Barrier.objects.of_plan(plan).open().for_list() if one.activity_id in ids]


def _named_at(activities: Iterable[Activity], at: datetime) -> dict[int, said.ActivityNamed]:
    """Return {id: what an activity was called at a moment}, as its history has it."""
    names = {one.pk: named(one) for one in activities}
    earlier = Activity.history.filter(id__in=list(names), history_date__lte=at).order_by("history_date", "history_id")
    return names | {one.id: named(one) for one in earlier.only("id", "number", "title")}


def _status(value: str) -> said.StatusShown:
    status = Status(value)
    return said.StatusShown(status.value, status.label)


def _agencies(links: Iterable[ActivityAgency]) -> str:
    return ", ".join(one.agency.label for one in links)


def _line(activity: Any) -> said.ActivityLine:
    return said.ActivityLine(
        activity=named(activity),
        status=_status(activity.status),
        leads=_agencies(activity.lead_links),
        supports=_agencies(activity.support_links),
        due_on=activity.due_on,
        updated_on=day_of(activity.last_update_at) if activity.last_update_at else None,
        area=activity.focus_area.label,
    )


def _state(activities: Sequence[Any]) -> said.State:
    statuses = [one for one in Status if any(activity.status == one for activity in activities)]
    areas = {one.focus_area_id: one.focus_area for one in activities}
    in_order = sorted(areas.values(), key=lambda area: (area.position, area.code))

    def counts(some: Sequence[Any]) -> tuple[int, ...]:
        return tuple(sum(one.status == status for one in some) for status in statuses)

    of_area = {area.pk: [one for one in activities if one.focus_area_id == area.pk] for area in in_order}
    late = sum(is_past_due(one, today()) for one in activities)
    overdue = sum(one.freshness == Freshness.OVERDUE for one in activities)
    ended = sum(bool(one.ending) for one in activities)
    facts = [
        f"{count_of(late, 'activity is,activities are')} past the due date." if late else "",
        f"{count_of(overdue, 'update is,updates are')} overdue." if overdue else "",
        f"{count_of(ended, 'activity has,activities have')} ended." if ended else "",
    ]
    return said.State(
        statuses=tuple(_status(one) for one in statuses),
        counts=counts(activities),
        total=len(activities),
        areas=tuple(said.AreaCounts(area.label, counts(of_area[area.pk]), len(of_area[area.pk])) for area in in_order),
        facts=tuple(filter(None, facts)),
    )


def _exceptions(activities: Sequence[Any], barriers: Sequence[Barrier]) -> tuple[said.ActivityException, ...]:
    of_activity = defaultdict(list)
    for barrier in barriers:
        of_activity[barrier.activity_id].append(barrier)
    told = {one.pk: _reasons(one, of_activity[one.pk]) for one in activities if not one.ending}
    chosen = [one for one in activities if told.get(one.pk)]
    words = _words_of([one.pk for one in chosen])
    return tuple(
        said.ActivityException(
            activity=named(one),
            status=_status(one.status),
            leads=_agencies(one.lead_links),
            reasons=told[one.pk],
            due_on=one.due_on,
            words=words[one.pk],
            barriers=tuple(barrier.text for barrier in of_activity[one.pk]),
        )
        for one in chosen
    )


def _reasons(activity: Any, barriers: Sequence[Barrier]) -> tuple[str, ...]:
    status = Status(activity.status)
    reasons = [
        status.label if status in NEEDS_ATTENTION else "",
        Due.LATE.label if is_past_due(activity, today()) else "",
        "Update overdue" if activity.freshness == Freshness.OVERDUE else "",
        "Barrier escalated" if any(one.is_escalated for one in barriers) else "",
    ]
    return tuple(filter(None, reasons))


def _words_of(activities: Sequence[int]) -> dict[int, tuple[said.AgencyWords, ...]]:
    """Return {id: what each lead of the activity said last in the period, in their order, and what was said last}.

    Up to five queries.
    """
    latest = StatusUpdate.objects.latest_of(Activity.objects.filter(pk__in=activities))
    last = dict(latest.values_list("activity", "pk"))
    wanted: dict[int, list[int]] = {}
    for activity, found in read_positions(activities).items():
        pks = [report.pk for report in found.reports]
        wanted[activity] = list(dict.fromkeys([*pks, last[activity]] if activity in last else pks))
    updates = StatusUpdate.objects.select_related("agency", "author").in_bulk(
        {pk for pks in wanted.values() for pk in pks}
    )
    return {
        activity: tuple(_words(updates[pk]) for pk in pks if len(pks) > 1 or _said_anything(updates[pk]))
        for activity, pks in wanted.items()
    }


def _said_anything(update: StatusUpdate) -> bool:
    return bool(update.what_happened or update.whats_next)


def _words(update: StatusUpdate) -> said.AgencyWords:
    words = "\n".join(filter(None, [update.what_happened, update.whats_next and f"Next: {update.whats_next}"]))
    agency = str(update.agency or update.author)
    return said.AgencyWords(agency, day_of(update.made_at), words, update.get_status_display())


def _slipped(plan: Plan, activities: Any) -> tuple[said.SlippedDate, ...]:
    names = {one.pk: named(one) for one in activities}
    works = read_ledger(plan, Activity.objects.filter(pk__in=list(names)), today())
    return tuple(
        said.SlippedDate(
            activity=names[work.activity_id],
            first_on=work.first_on,
            due_on=work.due_on,
            item=work.item,
            days=work.days,
            moves=len(work.moves),
            reason=work.moves[-1].why,
        )
        for work in works
        if work.first_on and work.moves and (work.days or 0) > 0
    )


def _changes(wanted: Wanted) -> said.Changes:
    if wanted.since is None:
        return said.Changes()
    moments = (wanted.since, wanted.at)
    before, after = (snapshot_at(wanted.plan, one, wanted.selection, may_see_drafts=True) for one in moments)
    comparison = compare_snapshots(before, after)
    return said.Changes(
        since=wanted.since_in_words or str(wanted.since),
        counts=tuple(said.Counted(kind.label, count) for kind, count in comparison.counts.items()),
        activities=tuple(
            said.ChangedActivity(
                said.ActivityNamed(str(one.number), one.then.value("title")),
                one.kind.label,
                ", ".join(one.leads),
                tuple(
                    said.Difference(
                        what.subject,
                        tuple(said.Part(kind, text) for kind, text in what.pieces),  # type: ignore[arg-type]  # one of three words
                        what.about,
                        what.note,
                    )
                    for what in one.differences
                ),
            )
            for one in comparison.activities
        ),
    )
