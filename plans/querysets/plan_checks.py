"""Plan checks: where a plan does not add up. Each is one function that returns the condition on an activity.

They are conditions and not columns, so that all checks of all activities of a plan are one query.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Self

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from plans.choices import Ending, PlanCheck, Role, Status
from plans.querysets.due_dates import ANSWER, ASKED_ANSWER, Day, changes_of_due_date, is_past_due
from plans.querysets.endings import HAS_ENDED, OWES_UPDATES, EndingQuerySet
from plans.querysets.ratings import is_rated_otherwise
from plans.querysets.subqueries import EachOf, ExistsOneByOne, linked, rows

MOVES = 3
ROUNDS = 3
GOES_ON, IS_DONE = ~HAS_ENDED, Q(ending=Ending.DELIVERED) | Q(ending="", status=Status.COMPLETE)
Condition = Callable[[Day], Q]


def past_due(on: Day) -> Q:
    """Return whether an activity is on track though it, or an item of it that is not done, was due before `on`."""
    late_item = rows("SubActivity").in_force().filter(activity=OuterRef("pk"), is_done=False, due_on__lt=on)
    return GOES_ON & Q(status=Status.ON_TRACK) & (is_past_due(on) | Q(ExistsOneByOne(late_item)))


def undone(on: Day) -> Q:
    """Return whether an activity is complete, or ended as delivered, though an item of it is not done."""
    open_item = rows("SubActivity").in_force().filter(activity=OuterRef("pk"), is_done=False)
    return IS_DONE & Q(ExistsOneByOne(open_item))


def no_evidence(on: Day) -> Q:
    """Return whether what is complete, or ended as delivered, has no evidence, nor an update that says why."""
    links = rows("EvidenceLink").standing().filter(activity=OuterRef("pk"))
    explained = rows("StatusUpdate").with_status().filter(activity=OuterRef("pk"), status=Status.COMPLETE)
    explained = explained.exclude(no_evidence_reason="").order_by()
    return IS_DONE & ~Q(ExistsOneByOne(links.order_by())) & ~Q(ExistsOneByOne(explained))


def same_words(on: Day) -> Q:
    """Return whether all reports say the same, or no change, in the last three rounds in which there were any.

    Where nothing is to be told, on what owes no updates or has not started, it is not asked.
    """
    reports = rows("StatusUpdate").reports().filter(round__isnull=False)
    of_rounds = reports.filter(activity=OuterRef(OuterRef("pk"))).order_by().values("round")
    latest = of_rounds.annotate(latest=Max("made_at")).order_by("-latest").values("round")[:ROUNDS]
    has_words, nothing = Q(is_no_change=False), Value("", TextField())
    told = reports.filter(activity=OuterRef("pk"), round__in=latest).order_by().values("activity")
    repeated = told.annotate(
        rounds=Count("round", distinct=True),
        least=Coalesce(Min("what_happened", filter=has_words), nothing),
        most=Coalesce(Max("what_happened", filter=has_words), nothing),
        began=Min("made_at"),
        worded=Coalesce(Min("made_at", filter=has_words), Min("made_at")),
    ).filter(rounds=ROUNDS, least=F("most"), began=F("worded"))
    # Most have fewer, which is quickly seen.
    many = Exists(reports.filter(activity=OuterRef("pk")).order_by()[ROUNDS - 1 : ROUNDS])
    return OWES_UPDATES & ~Q(status=Status.NOT_STARTED) & Q(many) & Q(ExistsOneByOne(repeated.values("activity")))


def no_due_date(on: Day) -> Q:
    """Return whether an activity that owes updates has no due date."""
    return Q(due_on=None) & OWES_UPDATES


def leads_differ(on: Day) -> Q:
    """Return whether the leads of an activity report different statuses; see `plans.summaries.lead_positions`."""
    return GOES_ON & Q(leads_differ=True)


def ratings_differ(on: Day) -> Q:
    """Return whether the programme has rated an activity, and otherwise than its status says."""
    return GOES_ON & is_rated_otherwise()


def unanswered(on: Day) -> Q:
    """Return whether a barrier that was escalated more than 30 days before `on` is still open."""
    since = on - ANSWER if isinstance(on, date) else ASKED_ANSWER
    return GOES_ON & Q(ExistsOneByOne(rows("Barrier").open().unanswered(since).filter(activity=OuterRef("pk"))))


def moved(on: Day) -> Q:
    """Return whether the due date of an activity that owes updates has been moved three times or more.

    Setting the first one is no move; see `plans.summaries.slip_ledger`.
    """
    records = rows("Activity").model.history.filter(id=OuterRef("pk"))
    # With the one by which it was set first.
    changes = changes_of_due_date(records).order_by()[MOVES : MOVES + 1]
    many = Exists(records.order_by()[MOVES : MOVES + 1])
    return OWES_UPDATES & Q(many) & Q(Exists(changes))


def lead_gone(on: Day) -> Q:
    """Return whether a lead of an activity that owes updates ended before `on`, or has no one who can report."""
    agencies = rows("Agency").gone(on).order_by().values("pk")
    return OWES_UPDATES & Q(linked(role=Role.LEAD, agency__in=EachOf(agencies)))


def never_updated(on: Day) -> Q:
    """Return whether an activity that owes updates has no report though a round has closed since it was added."""
    added_later = rows("Activity").model.history.filter(
        id=OuterRef(OuterRef("pk")), history_type="+", history_date__gte=OuterRef("closed_at")
    )
    closed = rows("ReportingRound").filter(plan=OuterRef("plan"), closed_at__isnull=False)
    reports = rows("StatusUpdate").reports().filter(activity=OuterRef("pk"))
    missed = closed.order_by().filter(~ExistsOneByOne(added_later))
    return OWES_UPDATES & ~Q(ExistsOneByOne(reports)) & Q(ExistsOneByOne(missed))


CONDITIONS: dict[str, Condition] = {
    PlanCheck.PAST_DUE: past_due,
    PlanCheck.UNDONE: undone,
    PlanCheck.NO_EVIDENCE: no_evidence,
    PlanCheck.SAME_WORDS: same_words,
    PlanCheck.NO_DUE_DATE: no_due_date,
    PlanCheck.LEADS_DIFFER: leads_differ,
    PlanCheck.RATINGS_DIFFER: ratings_differ,
    PlanCheck.UNANSWERED: unanswered,
    PlanCheck.MOVED: moved,
    PlanCheck.LEAD_GONE: lead_gone,
    PlanCheck.NEVER_UPDATED: never_updated,
}
"""What each check asks: {`PlanCheck`: function}."""

BITS = {check: 1 << place for place, check in enumerate(PlanCheck)}
"""By which a number says which checks an activity fails."""


def checks_in(mask: int) -> tuple[PlanCheck, ...]:
    """Return the checks that a number of `with_failed_checks` says, in order."""
    return tuple(check for check, bit in BITS.items() if mask & bit)


def fails(check: str, on: Day) -> Q:
    """Return the condition that an activity fails `check` on the day `on`, and that no one has accepted that."""
    accepted = rows("AcceptedCheck").in_force(on).filter(activity=OuterRef("pk"), name=check)
    return CONDITIONS[check](on) & ~Q(ExistsOneByOne(accepted))


class CheckedQuerySet(EndingQuerySet):
    """Activities, with what the checks of their plan say."""

    def with_failed_checks(self, on: Day) -> Self:
        """Annotate `failed_checks`, which checks fail on the day `on`, accepted or not: a number for `checks_in`."""
        return self.annotate(failed_checks=_number(lambda check: CONDITIONS[check](on)))

    def with_open_checks(self, on: Day) -> Self:
        """Annotate `open_checks`, which checks fail and are not accepted, likewise."""
        return self.annotate(open_checks=_number(lambda check: fails(check, on)))

    def failing(self, checks: Sequence[str], on: Day) -> Self:
        """Return activities that fail any of `checks` on the day `on`, where no one has accepted that."""
        return self.filter(reduce(or_, (fails(check, on) for check in checks)))


def _number(condition: Callable[[PlanCheck], Q]) -> Combinable:
    # Cast, since a prepared statement says of no value by itself which type it has.
    none = Cast(Value(0), IntegerField())
    found: Combinable = none
    for check, bit in BITS.items():
        found = found + Case(When(condition(check), then=Cast(Value(bit), IntegerField())), default=none)
    return found


class AcceptedCheckQuerySet(QuerySet):
    """Checks that a programme admin has accepted."""

    def in_force(self, on: Day) -> Self:
        """Return those that hold on the day `on`."""
        return self.filter(retracted_at=None, until__gte=on)
