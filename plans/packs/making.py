"""Makes what a pack says of a plan, as at a moment: the plan is read once, and what it says is kept as values."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q
from django.utils.timezone import get_default_timezone, localdate

from plans.as_at import AsAt, now, plan_as_at, today
from plans.choices import Due, Freshness, PackState, Sort, Status
from plans.models import Activity, ActivityAgency, Barrier, Decision, Pack, PackAsk, Plan, StatusUpdate
from plans.packs import content as said
from plans.querysets import ActivitySelection
from plans.summaries.activity_row import is_past_due
from plans.summaries.comparison import compare_snapshots, snapshot_at
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


def read_plan(wanted: Wanted) -> tuple[said.PackContent, list[Asked]]:
    """Return what a pack says of a plan, without asks, and the asks that its barriers make. Some forty queries.

    Raises `PlanNotThere` for a moment at which the plan was not there.
    """
    plan = wanted.plan
    last = Pack.objects.last_of(plan)
    answers, corrections = _answers(plan, last), _corrections(plan, last)
    changes = _changes(wanted)
    with plan_as_at(plan.pk, wanted.at, may_see_drafts=True) if wanted.at else nullcontext():
        then = Plan.objects.with_open_round().get(pk=plan.pk)
        activities = _activities(then, wanted.selection)
        found = list(activities)
        barriers = _barriers(then, found)
        content = said.PackContent(
            plan=then.name,
            programme=then.programme,
            marking=then.get_marking_display(),
            title=wanted.title,
            at=now(),
            filters=wanted.filters,
            answers=answers,
            state=_state(found),
            changes=changes,
            exceptions=_exceptions(found, barriers),
            slipped=_slipped(then, activities),
            activities=tuple(_line(one) for one in found),
            corrections=corrections,
        )
    asked = [Asked(one.activity_id, one.pk, one.escalation_note or one.text) for one in barriers if one.is_escalated]
    return content, asked


def asks_of(asks: Iterable[PackAsk], number: int | None, at: datetime) -> tuple[said.Ask, ...]:
    """Return asks (with activity, barrier, and who raised it) as a pack of that number says them, in order.

    Activities have the numbers and titles that they had at that moment, as in the rest of the pack. One query.
    """
    shown = [one for one in asks if not one.is_left_out]
    named = _named_at([one.activity for one in shown if one.activity], at)
    found = []
    for place, one in enumerate(shown, start=1):
        barrier = one.barrier
        found.append(
            said.Ask(
                reference=f"{number or 'Draft'}.{place}",
                text=one.text,
                of_whom=one.of_whom,
                due_on=one.due_on,
                activity=named[one.activity.pk] if one.activity else None,
                barrier=barrier.text if barrier else "",
                raised_by=str(barrier.update.agency or barrier.update.author) if barrier else "",
                escalated_on=_day(barrier.escalated_at) if barrier and barrier.escalated_at else None,
            )
        )
    return tuple(found)


def _answers(plan: Plan, last: Pack | None) -> tuple[said.Answer, ...]:
    """Return what became of the asks of issued packs of `plan`, but what the last pack told as done. One query.

    By what that pack says, not by days: a decision may be said to be done on a day before the pack was made.
    """
    told = {(one["reference"], one.get("done_on")) for one in last.content.get("answers", ())} if last else set()
    asks = PackAsk.objects.filter(pack__plan=plan, pack__state=PackState.ISSUED, is_left_out=False)
    asks = asks.select_related("pack", "activity", "decision__agency").order_by("-pack__number", "position")
    answers = map(_answer, asks)
    return tuple(one for one in answers if not one.done_on or (one.reference, one.done_on.isoformat()) not in told)


def _answer(ask: PackAsk) -> said.Answer:
    decision: Decision | None = getattr(ask, "decision", None)
    activity = _named(ask.activity) if ask.activity else None
    told = said.Answer(ask.pack.number or 0, ask.reference, ask.text, ask.of_whom, activity)
    if decision is None:
        return told
    return replace(
        told,
        decision=decision.words,
        agency=str(decision.agency),
        due_on=decision.due_on,
        done_on=decision.done_on,
        note=decision.note,
        is_late=decision.done_on is None and decision.due_on < localdate(timezone=get_default_timezone()),
    )


def _activities(plan: Plan, selection: ActivitySelection) -> Any:
    activities = Activity.objects.filter(plan=plan).in_force().with_freshness(plan.open_round, today())
    left = activities.left_by(selection, today()).with_latest_update().with_agencies()
    return left.select_related("focus_area", "priority_area").sorted_by(Sort.NUMBER)


def _barriers(plan: Plan, activities: Sequence[Any]) -> list[Barrier]:
    ids = {one.pk for one in activities}
    return [one for one in Barrier.objects.of_plan(plan).open().for_list() if one.activity_id in ids]


def _day(moment: datetime) -> date:
    return localdate(moment, get_default_timezone())


def _named(activity: Any) -> said.ActivityNamed:
    return said.ActivityNamed(str(activity.number), activity.title)


def _named_at(activities: Iterable[Activity], at: datetime) -> dict[int, said.ActivityNamed]:
    """Return {id: what an activity was called at a moment}, as its history has it."""
    named = {one.pk: _named(one) for one in activities}
    earlier = Activity.history.filter(id__in=list(named), history_date__lte=at).order_by("history_date", "history_id")
    return named | {one.id: _named(one) for one in earlier.only("id", "number", "title")}


def _status(value: str) -> said.StatusShown:
    status = Status(value)
    return said.StatusShown(status.value, status.label)


def _agencies(links: Iterable[ActivityAgency]) -> str:
    return ", ".join(one.agency.label for one in links)


def _line(activity: Any) -> said.ActivityLine:
    return said.ActivityLine(
        activity=_named(activity),
        status=_status(activity.status),
        leads=_agencies(activity.lead_links),
        supports=_agencies(activity.support_links),
        due_on=activity.due_on,
        updated_on=_day(activity.last_update_at) if activity.last_update_at else None,
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
    updates = StatusUpdate.objects.latest_of(Activity.objects.filter(pk__in=[one.pk for one in chosen]))
    words = {one.activity_id: one for one in updates.select_related("agency", "author")}
    return tuple(
        said.ActivityException(
            activity=_named(one),
            status=_status(one.status),
            leads=_agencies(one.lead_links),
            reasons=told[one.pk],
            due_on=one.due_on,
            words=_words(words.get(one.pk)),
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


def _words(update: StatusUpdate | None) -> tuple[said.AgencyWords, ...]:
    if update is None or not (update.what_happened or update.whats_next):
        return ()
    words = "\n".join(filter(None, [update.what_happened, update.whats_next and f"Next: {update.whats_next}"]))
    agency = str(update.agency or update.author)
    return (said.AgencyWords(agency, _day(update.made_at), words, update.get_status_display()),)


def _slipped(plan: Plan, activities: Any) -> tuple[said.SlippedDate, ...]:
    named = {one.pk: _named(one) for one in activities}
    works = read_ledger(plan, Activity.objects.filter(pk__in=list(named)), today())
    return tuple(
        said.SlippedDate(
            activity=named[work.activity_id],
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


def _corrections(plan: Plan, last: Pack | None) -> tuple[said.Correction, ...]:
    """Return what was put right after its round had closed, or after the last pack was issued, in order."""
    corrected = StatusUpdate.objects.of_plan(plan).filter(replaces__isnull=False).select_related("replaces__round")
    late = Q(replaces__round__closed_at__lt=F("made_at"))
    if last and last.issued_at:
        corrected = corrected.filter(made_at__gt=last.at)
        late |= Q(replaces__made_at__lte=last.at)
    found = []
    for one in corrected.filter(late).order_by("made_at", "pk"):
        earlier = one.replaces
        is_of_round = earlier.round and earlier.round.closed_at and earlier.round.closed_at < one.made_at
        corrects = earlier.round.name if is_of_round else str(last)
        found.append(
            said.Correction(
                activity=_named(one.activity),
                corrects=corrects,
                agency=str(one.agency or one.author),
                day=_day(one.made_at),
                words=one.what_happened,
                status=one.get_status_display(),
            )
        )
    return tuple(found)
