"""One activity, with all that its page shows of it."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, TextField

from plans.activity_number import Number, stored
from plans.choices import Status
from plans.fast.queries import Param, prepared
from plans.models import Activity, Agreement, Barrier, EvidenceLink, Plan, StatusUpdate
from plans.querysets import put_agencies_on, put_sub_activities_on
from plans.querysets.due_dates import ASKED_DAY, asked_days
from plans.summaries.activity_positions import ActivityPositions, read_activity_positions
from plans.summaries.activity_row import Party, is_past_due, moved_from, party_of
from plans.summaries.plan_checks import Finding, read_findings_of

UPDATE_ROWS = 50


class Item(NamedTuple):
    """A sub-activity: what it is, whether it is done, the day on which it was or is due, and who is responsible."""

    text: str
    footnote: str
    is_done: bool
    day: date | None
    agency: Party | None


@dataclass(frozen=True)
class ActivityPage:
    """An activity and its neighbours in force, None where the plan ends; `updates` are the newest and the positions.

    `barriers` are those that stand in its way now, `was` is its status at the close of the last round where it was
    another; `is_past_due` says whether its own due date has passed before it was complete; `findings` are the plan
    checks that it fails.
    """

    activity: Activity
    previous: Activity | None
    next: Activity | None
    updates: list[StatusUpdate]
    barriers: list[Barrier]
    was: Status | None
    is_past_due: bool
    links: list[EvidenceLink]
    """Its links to evidence that were not removed, oldest first, those of updates that no longer count too."""
    joint: ActivityPositions
    """Where each of its leads stands."""
    findings: tuple[Finding, ...] = ()
    answers: tuple[Agreement, ...] = ()
    """What other agencies answered to the latest update, where an agency gave it."""

    @property
    def latest(self) -> StatusUpdate | None:
        """The newest update with a status that was not taken back; None without any."""
        return next((one for one in self.updates if one.status and one.retracted_at is None), None)

    @property
    def others(self) -> list[StatusUpdate]:
        """All updates and notes but the latest, newest first."""
        return [one for one in self.updates if one is not self.latest]

    @property
    def is_latest_newest(self) -> bool:
        """Whether the latest update is newer than all others, notes and those taken back included."""
        return bool(self.updates) and self.updates[0] is self.latest

    @property
    def is_barrier_listed(self) -> bool:
        """Whether the barrier of the latest update is among those that stand in its way."""
        return self.latest is not None and any(one.update_id == self.latest.pk for one in self.barriers)

    @property
    def evidence(self) -> list[EvidenceLink]:
        """The links that count, oldest first."""
        return [one for one in self.links if one.reversed_at is None]  # type: ignore[attr-defined]  # annotated by the query

    @property
    def done_count(self) -> int:
        """How many of its sub-activities are done."""
        return sum(one.is_done for one in self.items)

    @property
    def leads(self) -> tuple[Party, ...]:
        """The agencies that lead it, in printed order, as a tuple of `Party`."""
        return tuple(party_of(link.agency) for link in self.activity.lead_links)

    @property
    def supports(self) -> tuple[Party, ...]:
        """The agencies that support it, likewise."""
        return tuple(party_of(link.agency) for link in self.activity.support_links)

    @property
    def items(self) -> tuple[Item, ...]:
        """Its sub-activities in order, as a tuple of `Item`."""
        return tuple(
            Item(
                one.text,
                one.footnote,
                one.is_done,
                one.done_on if one.is_done else one.due_on,
                party_of(one.agency) if one.agency else None,
            )
            for one in self.activity.sub_activities.all()
        )

    @property
    def printed_cells(self) -> tuple[tuple[str, str], ...]:
        """The published row as ((heading, text), …); empty when there was none."""
        return tuple(self.activity.printed_cells)

    @property
    def positions(self) -> list[StatusUpdate]:
        """The latest report of each agency, newest first: where that agency stands."""
        return [one for one in self.updates if one.is_report and one.place_of_agency == 1]  # type: ignore[attr-defined]  # annotated by the query


def read_activity(plan: Plan, number: Number, on: date, *, with_checks: bool = False) -> ActivityPage | None:
    """Return the activity `number` of `plan` on the day `on` as an `ActivityPage`; None where there is none.

    Four queries, one more when something stands in its way, one when it has links to evidence, one when several
    agencies lead it and another one reported for them, and one when other agencies answered the latest update.
    `with_checks`, one more when it fails a check.
    """
    current = plan.open_round
    is_late = current is not None and on > current.due_on
    values = {"plan": plan.pk, "number": stored(number), "round": current and current.pk, **asked_days(on)}
    around = {one.number: one for one in _with_neighbours(current is not None, is_late, with_checks, **values)}
    if number not in around:
        return None
    found: Any
    [found] = put_sub_activities_on(put_agencies_on([around[number]]))
    updates = _updates(activity=found.pk)
    page = ActivityPage(
        activity=found,
        previous=next((one for place, one in around.items() if place < number), None),
        next=next((one for place, one in around.items() if place > number), None),
        updates=updates,
        barriers=_barriers(activity=found.pk) if found.has_barriers else [],
        was=moved_from(found),
        is_past_due=is_past_due(found, on),
        links=_put_evidence_on(updates, _links(activity=found.pk) if found.has_evidence else []),
        joint=read_activity_positions(found, updates, current),
        findings=read_findings_of(found, on) if with_checks and found.withdrawn_on is None else (),
    )
    return replace(page, answers=_answers_to(page.latest))


def _answers_to(latest: StatusUpdate | None) -> tuple[Agreement, ...]:
    if latest is None or not (latest.is_report and latest.has_answers):  # type: ignore[attr-defined]  # annotated by the query
        return ()
    return tuple(Agreement.objects.by_update([latest.pk])[latest.pk])


@prepared
def _with_neighbours(is_open: bool, is_late: bool, with_checks: bool) -> QuerySet[Any, Any]:
    activities = Activity.objects.filter(plan=Param("plan")).with_neighbours(Param("number", TextField()))
    shown = (
        activities.with_what_rows_show()
        .defer(None)
        .with_has_barriers()
        .with_has_evidence()
        .with_has_lineage()
        .with_has_decisions()
        .with_first_due_on()
        .with_rated_at()
        .with_status_at_close(Param("plan"))
    )
    shown = shown.with_failed_checks(ASKED_DAY) if with_checks else shown
    return shown.with_freshness_in(Param("round") if is_open else None, is_late=is_late, on=ASKED_DAY)


@prepared
def _updates() -> QuerySet[Any, Any]:
    return StatusUpdate.objects.of_activity_page(Param("activity"), UPDATE_ROWS)


@prepared
def _barriers() -> QuerySet[Any, Any]:
    return Barrier.objects.open().for_list().filter(activity=Param("activity"))


@prepared
def _links() -> QuerySet[Any, Any]:
    links = EvidenceLink.objects.filter(activity=Param("activity"), retracted_at=None)
    return links.annotate(reversed_at=F("update__retracted_at")).order_by("made_at", "pk")


def _put_evidence_on(updates: list[StatusUpdate], links: list[EvidenceLink]) -> list[EvidenceLink]:
    """Put `evidence` on fetched updates as a prefetch would do, and return the links."""
    of_updates: dict[int | None, list[EvidenceLink]] = {}
    for link in links:
        of_updates.setdefault(link.update_id, []).append(link)
    for update in updates:
        kept = update.__dict__.setdefault("_prefetched_objects_cache", {})
        kept["evidence"] = of_updates.get(update.pk, [])
    return links
