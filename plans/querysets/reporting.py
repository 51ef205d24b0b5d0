"""What agencies reported, in which round, and what stands in their way."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db.models import Case, Exists, Expression, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from plans import responsibility
from plans.choices import UpdateKind
from plans.querysets.subqueries import EachOf, ExistsOneByOne, rows

if TYPE_CHECKING:
    from plans.models import Activity, Agency, Plan, User
    from plans.querysets.due_dates import Day


class AppendOnlyQuerySet(QuerySet):
    """Rows that are added and read, never changed or deleted."""

    def update(self, **values: Any) -> NoReturn:
        """Refuse: raises `TypeError`."""
        raise TypeError("These rows are never edited.")

    def delete(self) -> NoReturn:
        """Refuse: raises `TypeError`."""
        raise TypeError("These rows are never deleted.")


class RetractableQuerySet(AppendOnlyQuerySet):
    """Rows that are never changed but for being taken back, which says when and by whom."""

    def retract(self, *, by: "User", at: datetime, **more: Any) -> int:
        """Take the rows back that were not yet: they stay readable, and count for nothing. Returns how many. One query.

        `more` are {column: value} to be set on them as well, such as `replaced_by` of an update that was corrected.
        """
        return QuerySet.update(self.filter(retracted_at=None), retracted_at=at, retracted_by=by, **more)


class StatusUpdateQuerySet(RetractableQuerySet):
    """Updates, newest first."""

    def of_plan(self, plan: "Plan | int | Expression") -> Self:
        """Return updates on the activities of `plan` that are in force, with activity, agency and author. One query.

        Those that were taken back are left out.
        """
        rows = self.filter(activity__plan=plan, activity__withdrawn_on=None, retracted_at=None)
        return rows.select_related("activity", "agency", "author")

    def reports(self) -> Self:
        """Return what lead agencies reported and did not take back: all that counts for freshness."""
        return self.filter(kind=UpdateKind.REPORT, retracted_at=None)

    def next_moment(self) -> datetime:
        """Return now, but no moment before the newest of these updates. One query.

        A clock that was set back must not make a later update look like an earlier one, which would not count.
        """
        newest = self.aggregate(newest=Max("made_at"))["newest"]
        now = timezone.now()
        return max(newest, now) if newest else now

    def with_has_answers(self) -> Self:
        """Annotate `has_answers`: whether an agency answered the update of another one, and did not take that back."""
        return self.annotate(has_answers=Exists(rows("Agreement").filter(update=OuterRef("pk"), retracted_at=None)))

    def latest_of(self, activities: QuerySet) -> Self:
        """Return the latest update with a status of each of `activities` that has one."""
        newest = self.with_status().filter(activity=OuterRef("pk")).order_by("-made_at", "-pk").values("pk")[:1]
        return self.filter(pk__in=EachOf(activities.order_by().annotate(newest=Subquery(newest)).values("newest")))

    def of_activity_page(self, activity: "Activity | int | Expression", limit: int) -> Self:
        """Return the newest `limit` updates of `activity` and the latest report of each agency, newest first. 1 query.

        The latest report of an agency is annotated as `is_position`, since it is where that agency stands.
        """
        newest = Window(RowNumber(), order_by=["-made_at", "-pk"])
        of_agency = Window(
            RowNumber(), partition_by=[F("agency"), F("kind"), F("retracted_at")], order_by=["-made_at", "-pk"]
        )
        rows = self.filter(activity=activity).with_closed_before()
        rows = rows.annotate(place=newest, place_of_agency=of_agency)
        is_position = Q(place_of_agency=1, retracted_at=None)
        found = rows.filter(Q(place__lte=limit) | is_position).select_related("agency", "author", "round")
        return found.with_has_answers().order_by("-made_at", "-pk")

    def with_status(self) -> Self:
        """Return updates that say how the activity is going: reports and statuses that were set, none taken back."""
        return self.exclude(kind=UpdateKind.NOTE).filter(retracted_at=None)

    def as_reports(self) -> QuerySet:
        """Return what the positions of leads follow from, as tuples for `plans.summaries.lead_positions.Report`.

        What an agency reported that was merged into another one counts as that one's.
        """
        found = self.with_status().with_closed_before().annotate(speaker=Coalesce("agency__merged_into", "agency"))
        named = ("activity", "pk", "made_at", "speaker", "status", "round", "closed_before", "kind")
        return found.order_by().values_list(*named)

    def with_closed_before(self) -> Self:
        """Annotate `closed_before`, when the last round was closed before an update outside of rounds; else None."""
        of_plan = rows("ReportingRound").filter(plan=OuterRef("activity__plan"), closed_at__lte=OuterRef("made_at"))
        last = Subquery(of_plan.order_by("-closed_at").values("closed_at")[:1])
        return self.annotate(closed_before=Case(When(round=None, then=last)))


class ReportingRoundQuerySet(QuerySet):
    """Reporting rounds, latest due date first."""

    def open(self) -> Self:
        """Return rounds that updates still count for."""
        return self.filter(closed_at=None)


class BarrierQuerySet(QuerySet):
    """What stands in the way, escalated first, then the longest-standing."""

    def open(self) -> Self:
        """Return barriers that are not resolved."""
        return self.filter(resolved_at=None)

    def unanswered(self, since: "Day") -> Self:
        """Return barriers that were escalated before the day `since`."""
        return self.filter(is_escalated=True, escalated_at__date__lt=since)

    def resolved(self) -> Self:
        """Return barriers that are resolved, the latest first."""
        return self.exclude(resolved_at=None).order_by("-resolved_at", "-pk")

    def for_list(self) -> Self:
        """Return barriers with what a list says: activity, who raised, escalated and resolved it. No query more."""
        return self.select_related(
            "activity", "update", "update__agency", "update__author", "escalated_by", "resolved_by"
        )

    def for_export(self) -> Self:
        """Return barriers with what a row of a spreadsheet says. Two queries."""
        links = rows("ActivityAgency").select_related("agency").order_by("role", "position", "pk")
        return self.for_list().prefetch_related(Prefetch("activity__agency_links", queryset=links))

    def concerning(self, agency: "Agency | int") -> Self:
        """Return barriers on what `agency` leads, also in a group or through a unit, and those that it raised.

        What was raised by an agency that was merged into it counts, too.
        """
        leads = rows("ActivityAgency").filter(
            activity=OuterRef("activity"),
            agency__in=rows("Agency").standing_for([getattr(agency, "pk", agency)]).values("pk"),
            **responsibility.in_role(responsibility.REPORTING),
        )
        raised = Q(update__agency=agency) | Q(update__agency__merged_into=agency)
        return self.filter(Q(ExistsOneByOne(leads)) | raised)

    def of_plan(self, plan: "Plan | int | Expression") -> Self:
        """Return barriers of the activities of `plan` that are in force."""
        return self.filter(activity__in=EachOf(rows("Activity").filter(plan=plan).in_force().order_by().values("pk")))
