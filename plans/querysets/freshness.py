"""How old what was reported on activities is, and what has become of the updates that are owed."""

from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Self

from django.db.models import Case, Exists, Expression, OuterRef, Q, QuerySet, Value, When

from plans.choices import Attention, DescriptionState, Freshness, LeadsDiffer, Role, RoundStatus, Status
from plans.querysets.due_dates import Day, due_state, is_past_due
from plans.querysets.endings import HAS_ENDED, OWES_UPDATES
from plans.querysets.plan_checks import CheckedQuerySet
from plans.querysets.ratings import rating_state
from plans.querysets.subqueries import ExistsOneByOne, linked, rows

if TYPE_CHECKING:
    from plans.fast.queries import Param
    from plans.models import ReportingRound


def escalated_barriers() -> QuerySet:
    """Return the open barriers of the outer activity that are escalated."""
    return rows("Barrier").open().filter(activity=OuterRef("pk"), is_escalated=True)


def reasons_for_attention(is_late: Q, on: Day) -> list[Q]:
    """Return why activities need attention, as conditions, the most urgent first. They want `freshness`.

    `is_late` is the condition that the open round is past its due date on the day `on`.
    """
    return [
        Q(status=Status.OFF_TRACK),
        Q(Exists(escalated_barriers())),
        is_past_due(on),
        is_late & ~Q(freshness=Freshness.CURRENT),
        ~Q(linked(role=Role.LEAD)),
        Q(description_state=DescriptionState.TO_BE_FINALISED),
    ]


class FreshnessQuerySet(CheckedQuerySet):
    """Activities, judged by the reports of those who lead them."""

    def with_freshness(self, current_round: "ReportingRound | None", on: date) -> Self:
        """Annotate `freshness`, a value of `Freshness`: how old what lead agencies reported is.

        Filters may ask for `attention` as well, a value of `Attention` or "", for `due_state`, one of `Due` or "",
        for `rating_state`, one of `Rating`, and for `leads_state`, one of `LeadsDiffer` or "".

        `current_round` is the open round of the plan, or None when there is none; `on` is the day to judge it for.
        Reports alone count: neither an edit nor a status that a programme admin sets makes an activity fresher.
        """
        is_late = current_round is not None and on > current_round.due_on
        return self.with_freshness_in(current_round, is_late=is_late, on=on)

    def with_freshness_in(self, current_round: "ReportingRound | Param | None", *, is_late: bool, on: Day) -> Self:
        """Annotate what `with_freshness()` does, where it is known whether the open round is past its due date."""
        is_open = current_round is not None
        received = self._reports().filter(round=current_round) if is_open else self._reports().none()
        return self._judged(Q(Value(is_open)), Q(Value(is_late)), received, on)

    def with_own_freshness(self, on: date) -> Self:
        """Annotate what `with_freshness()` does, each activity by the open round of its own plan."""
        rounds = self._own_rounds()
        is_late = Q(Exists(rounds.filter(due_on__lt=on)))
        return self._judged(Q(Exists(rounds)), is_late, self._received_in_own_round(), on)

    def owing_update(self) -> Self:
        """Return the activities that the open round of their plan waits for; none between rounds."""
        is_received = ExistsOneByOne(self._received_in_own_round())
        return self.filter(Exists(self._own_rounds()), ~is_received).owes_updates()

    def _own_rounds(self) -> QuerySet:
        return rows("ReportingRound").open().filter(plan=OuterRef("plan"))

    def _received_in_own_round(self) -> QuerySet:
        return self._reports().filter(round__isnull=False, round__closed_at=None)

    def _reports(self) -> QuerySet:
        return rows("StatusUpdate").reports().filter(activity=OuterRef("pk"))

    def _judged(self, is_asked: Q, is_late: Q, received: QuerySet, on: Day) -> Self:
        has_report = ExistsOneByOne(self._reports())
        needs_none = HAS_ENDED | ~OWES_UPDATES & is_asked
        is_current = needs_none | Q(ExistsOneByOne(received)) | ~is_asked & Q(has_report)
        judged = self.annotate(
            freshness=Case(
                When(is_current, then=Value(Freshness.CURRENT)),
                When(~has_report, then=Value(Freshness.NEVER)),
                When(is_late, then=Value(Freshness.OVERDUE)),
                default=Value(Freshness.DUE),
            )
        )
        needs_attention = reduce(or_, reasons_for_attention(is_late, on)) & ~HAS_ENDED
        # Not annotated, since they are worked out for each row only where someone asks for them.
        return judged.alias(
            attention=Case(When(needs_attention, then=Value(Attention.ANY)), default=Value("")),
            due_state=due_state(on),
            rating_state=rating_state(),
            leads_state=Case(When(leads_differ=True, then=Value(LeadsDiffer.YES)), default=Value("")),
        )

    def with_round_status(self, reporting_round: "ReportingRound | Expression") -> Self:
        """Annotate `round_status`, a value of `RoundStatus`: what has become of the update owed in that round."""
        reports = rows("StatusUpdate").reports().filter(activity=OuterRef("pk"), round=reporting_round)
        return self.annotate(
            round_status=Case(
                When(Exists(reports), then=Value(RoundStatus.RECEIVED)),
                When(~OWES_UPDATES, then=Value(RoundStatus.NOTHING_OWED)),
                default=Value(RoundStatus.TO_COME),
            )
        )
