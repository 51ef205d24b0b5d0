"""The lines of a plan: finding, counting, ordering and fetching them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db.models import (
    Case,
    Exists,
    Expression,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, NullIf, RowNumber

from plans import responsibility
from plans.activity_number import Number, number_in, stored_between
from plans.choices import DescriptionState, Group, Role, Sort, Status
from plans.fast.queries import Param
from plans.querysets.activity_selection import Word, words_in
from plans.querysets.due_dates import ASKED_DAY, Day
from plans.querysets.endings import HAS_ENDED
from plans.querysets.freshness import FreshnessQuerySet, escalated_barriers, reasons_for_attention
from plans.querysets.subqueries import EachOf, ExistsOneByOne, linked, rows
from plans.responsibility import Ids

if TYPE_CHECKING:
    from plans.models import Activity, ActivityAgency, Agency, Plan, SubActivity
    from plans.querysets.activity_selection import ActivitySelection

STATUS_ORDER = Case(*(When(status=value, then=place) for place, value in enumerate(Status.values)))
SORT_ORDERS: dict[str, list[Any]] = {
    Sort.NUMBER: [],
    Sort.TITLE: ["search_text"],
    Sort.STATUS: [STATUS_ORDER],
    Sort.UPDATED: [F("last_update_at").desc(nulls_last=True)],
    Sort.DUE: [F("due_on").asc(nulls_last=True)],
}
GROUP_ORDERS: dict[str, list[Any]] = {
    Group.FOCUS: ["focus_area__position", "focus_area__code"],
    Group.PRIORITY: ["priority_area__position", "priority_area__code"],
    Group.LEAD: [F("lead_name").asc(nulls_last=True), "lead_id"],
    Group.STATUS: [STATUS_ORDER],
    Group.NONE: [],
}


class ActivityQuerySet(FreshnessQuerySet):
    """Activities, in number order unless asked otherwise."""

    def get_by_natural_key(self, plan_slug: str, number: Number) -> "Activity":
        """That activity of that plan, for fixtures."""
        return self.get(plan__slug=plan_slug, number=number)

    def in_force(self) -> Self:
        """Return activities that have not been withdrawn."""
        return self.filter(withdrawn_on=None)

    def to_be_finalised(self) -> Self:
        """Return activities whose description is not agreed."""
        return self.filter(description_state=DescriptionState.TO_BE_FINALISED)

    def off_track(self) -> Self:
        """Return activities that will not be done as planned without help."""
        return self.filter(status=Status.OFF_TRACK)

    def without_lead(self) -> Self:
        """Return activities that no agency leads."""
        return self.filter(~linked(role=Role.LEAD))

    def with_has_lead(self) -> Self:
        """Annotate `has_lead`: whether any agency leads the activity."""
        return self.annotate(has_lead=linked(role=Role.LEAD))

    def involving(self, agencies: Ids | None = None, role: str | None = None, or_nobody: bool = False) -> Self:
        """Return activities that any of `agencies` leads or supports, also through a unit or as a member of a group.

        `agencies` is a queryset or ids of agencies, None for any agency at all. `role` narrows it to one role.
        `or_nobody` adds the activities that no agency has that role on (without a role: that nobody leads).
        """
        return self.filter(self._involvement(agencies, _one(role), or_nobody))

    def reportable_by(self, agencies: Ids) -> Self:
        """Return the activities that `agencies` (a queryset or ids) report on, also through a unit or in a group."""
        return self.filter(self._involvement(agencies, responsibility.REPORTING))

    def notable_by(self, agencies: Ids) -> Self:
        """Return the activities that `agencies` (a queryset or ids) add notes to, also through a unit or in a group."""
        return self.filter(self._involvement(agencies, responsibility.NOTING))

    def naming(self, agency: "Agency | int", **role: Any) -> Self:
        """Return activities that `agency` is linked to by itself; with `role=`, in that role."""
        return self.filter(linked(agency=agency, **role))

    def search(self, query: str) -> Self:
        """Return activities in which every word of `query` is found, whatever its macrons or case: see `having()`."""
        return self.having(words_in(query))

    def having(self, words: Iterable[Word]) -> Self:
        """Return activities in which every `Word` is found.

        A word is found in the activity's title, description, sub-activities and footnotes, in a name of an
        agency linked to it (not of the members of a group), or as its number.
        """
        activities = self
        for word in words:
            found = (
                Q(search_text__contains=word.text)
                | ExistsOneByOne(
                    rows("SubActivity").in_force().filter(activity=OuterRef("pk"), search_text__contains=word.text)
                )
                | linked(agency__in=EachOf(rows("Agency").matching(word.text).order_by().values("pk")))
            )
            if word.first is not None:
                found |= Q(number__gte=word.first, number__lt=word.beyond)
            activities = activities.filter(found)
        return activities

    def numbered(self, word: str) -> Self:
        """Return the activities whose number `word` says, in whatever letters; none where it says no number."""
        number = number_in(word)
        if number is None:
            return self.none()
        first, beyond = stored_between(number)
        return self.filter(number__gte=first, number__lt=beyond)

    def next_number(self) -> int | None:
        """Return the whole number after the highest; None where most are not whole. Wants one plan. One query."""
        numbers = list(self.values_list("number", flat=True))
        whole = [number for number in numbers if isinstance(number, int)]
        return max(whole, default=0) + 1 if 2 * len(whole) >= len(numbers) else None

    def left_by(self, selection: "ActivitySelection", on: Day = ASKED_DAY) -> Self:
        """Return the activities that `selection` leaves on the day `on`.

        Wants `with_freshness()` where some freshness is selected.
        """
        activities = self.having(selection.words).filter(**selection.by_column)
        activities = activities.failing(selection.checks, on) if selection.checks else activities
        return activities.involving(**selection.involvement) if selection.is_of_agencies else activities

    def of_asked_plan(self, is_open: bool, is_late: bool) -> Self:
        """Return activities in force of the plan that `ask_of_plan()` asks about, with freshness, for prepared queries.

        `is_open` says whether the plan has an open round, `is_late` whether that is past its due date.
        """
        activities = self.filter(plan=Param("plan")).in_force()
        return activities.with_freshness_in(Param("round") if is_open else None, is_late=is_late, on=ASKED_DAY)

    def with_latest_update(self) -> Self:
        """Annotate `last_update_at`, the moment of the latest update with a status; None when there is none."""
        return self.annotate(last_update_at=Subquery(_latest_update("-made_at").values("made_at")))

    def with_latest_update_id(self) -> Self:
        """Annotate `last_update_id`, the id of the latest update with a status; None when there is none."""
        return self.annotate(last_update_id=Subquery(_latest_update("-made_at", "-pk").values("pk")))

    def with_has_barriers(self) -> Self:
        """Annotate `has_barriers`: whether anything stands in the way of the activity now."""
        return self.annotate(has_barriers=Exists(rows("Barrier").open().filter(activity=OuterRef("pk"))))

    def with_has_evidence(self) -> Self:
        """Annotate `has_evidence`: whether a link to evidence was added to the activity and not removed."""
        links = rows("EvidenceLink").filter(activity=OuterRef("pk"), retracted_at=None)
        return self.annotate(has_evidence=Exists(links))

    def with_has_decisions(self) -> Self:
        """Annotate `has_decisions`: whether a board decided anything on an ask that is about it."""
        return self.annotate(has_decisions=Exists(rows("Decision").filter(ask__activity=OuterRef("pk"))))

    def with_has_lineage(self) -> Self:
        """Annotate `has_lineage`: whether it continues an activity of another plan, or is continued by one."""
        earlier = rows("Lineage").filter(later=OuterRef("pk"))
        return self.annotate(has_lineage=Exists(earlier) | Exists(rows("Lineage").filter(earlier=OuterRef("pk"))))

    def with_evidence(self) -> Self:
        """Prefetch `evidence`, the links that count, oldest first. One query."""
        return self.prefetch_related(Prefetch("evidence", queryset=rows("EvidenceLink").standing()))

    def with_agencies(self) -> Self:
        """Prefetch `agency_links` with their agencies, leads first, in printed order. One query."""
        links = rows("ActivityAgency").select_related("agency").order_by("role", "position", "pk")
        return self.prefetch_related(Prefetch("agency_links", queryset=links))

    def with_sub_activities(self) -> Self:
        """Prefetch `sub_activities` in force, in order. One query."""
        return self.prefetch_related(Prefetch("sub_activities", queryset=rows("SubActivity").in_force()))

    def for_list_page(self) -> Self:
        """Return what a row of a list shows: areas, agencies, date of the latest update. Two queries.

        The plan is not fetched: the page has it.
        """
        return self.with_what_rows_show().with_agencies()

    def with_what_rows_show(self) -> Self:
        """Return what `for_list_page()` fetches, but for the agencies: `put_agencies_on()` adds these. One query.

        What was printed, and what is searched in, are left behind.
        """
        shown = self.select_related("focus_area", "priority_area").with_latest_update()
        return shown.defer("as_printed", "search_text")

    def for_export(self, on: date) -> Self:
        """Return what a row of a spreadsheet holds, its freshness on the day `on`, what was printed. Four queries."""
        shown = self.for_list_page().defer(None)
        return shown.with_latest_update_id().with_sub_activities().with_evidence().with_own_freshness(on)

    def sorted_by(self, sort: str, group: str = Group.NONE) -> Self:
        """Return activities in the order of a value of `Sort`, equals by number; under `group` where one is given.

        Wants `with_latest_update()` to sort by it. Grouped by lead, an activity comes once for each agency that
        leads it, annotated as `lead_id`; those that nobody leads come last, with None.
        """
        activities = self.once_for_each_lead() if group == Group.LEAD else self
        return activities.order_by(*GROUP_ORDERS[group], *SORT_ORDERS[sort], "number", "pk")

    def once_for_each_lead(self) -> Self:
        """Annotate `lead_id` and `lead_name`, with a row for each lead and one, of None, where there is none."""
        leads = FilteredRelation("agency_links", condition=Q(agency_links__role=Role.LEAD))
        return self.annotate(lead=leads, lead_id=F("lead__agency"), lead_name=F("lead__agency__name_key"))

    def with_neighbours(self, number: Number | Expression) -> Self:
        """Return the activity `number`, and those in force just before and after it: three at most. Wants one plan."""
        # By the first of an order, which an index answers; the largest of all would be looked for among all.
        before = self.in_force().filter(number__lt=number).order_by("-number").values("number")[:1]
        after = self.in_force().filter(number__gt=number).order_by("number").values("number")[:1]
        return self.filter(Q(number=number) | Q(number=Subquery(before)) | Q(number=Subquery(after)))

    def with_status_at_close(self, plan: "Plan | int | Expression") -> Self:
        """Annotate `status_at_close`, the status at the close of the last round of `plan`; None before any was."""
        closed = rows("ReportingRound").filter(plan=plan).exclude(closed_at=None).order_by("-closed_at")
        return self.annotate(status_at_close=status_before(Subquery(closed.values("closed_at")[:1])))

    def with_first_due_on(self) -> Self:
        """Annotate `first_due_on`, the first due date that was ever set; None when none was. The history says it."""
        dated = self.model.history.filter(id=OuterRef("pk"), due_on__isnull=False)
        return self.annotate(first_due_on=Subquery(dated.order_by("history_id").values("due_on")[:1]))

    def with_rated_at(self) -> Self:
        """Annotate `rated_at`, the moment since which the programme's rating is what it is. The history says it."""
        records = self.model.history.filter(id=OuterRef("pk"))
        names = ("programme_rating", "programme_rating_reason")
        others = self.model.history.filter(id=OuterRef(OuterRef("pk"))).exclude(
            **{name: OuterRef(OuterRef(name)) for name in names}
        )
        last = Subquery(others.order_by("-history_id").values("history_id")[:1])
        since = records.filter(history_id__gt=Coalesce(last, 0)).order_by("history_id")
        return self.annotate(rated_at=Subquery(since.values("history_date")[:1]))

    def with_reasons(self) -> Self:
        """Annotate what is said of those that need attention.

        `last_words` are of the latest update, `escalated_text` and `escalated_at` of the barrier escalated first.
        """
        first = escalated_barriers().order_by("escalated_at", "pk")
        return self.annotate(
            last_words=Subquery(_latest_update("-made_at", "-pk").values("what_happened")),
            escalated_text=Subquery(first.values("text")[:1]),
            escalated_at=Subquery(first.values("escalated_at")[:1]),
        )

    def needing_attention(self, limit: int, *, is_late: bool, on: Day) -> Self:
        """Return the first that need attention, worst first, equals by number.

        That is: not ended, and off track, with an escalated barrier, past its due date, its update overdue, with no
        lead, to be finalised. `is_late` says whether the open round is past its due date on the day `on`. Wants
        `with_freshness()`.
        """
        reasons = reasons_for_attention(Q(Value(is_late)), on)
        places = [When(reason, then=number) for number, reason in enumerate(reasons)]
        place = Case(When(HAS_ENDED, then=None), *places, default=None)
        ranked = self.annotate(rank=place)
        # Found first, so that nothing else is worked out for the others.
        worst = ranked.order_by(F("rank").asc(nulls_last=True), "number").values("pk")[:limit]
        return ranked.filter(pk__in=worst, rank__isnull=False).order_by("rank", "number")

    def first_of_each_focus_area(self, limit: int) -> Self:
        """Return the first `limit` activities of each focus area, grouped by it."""
        place = Window(RowNumber(), partition_by="focus_area", order_by="number")
        # Found first, so that nothing else is worked out for the others.
        first = self.order_by().annotate(place=place).filter(place__lte=limit).values("pk")
        return self.filter(pk__in=first).sorted_by(Sort.NUMBER, Group.FOCUS)

    def _involvement(self, agencies: Ids | None, roles: Sequence[str], or_nobody: bool = False) -> Q:
        conditions = responsibility.in_role(roles) if roles else {}
        if agencies is not None:
            conditions["agency__in"] = rows("Agency").standing_for(agencies).values("pk")
        involved = Q(linked(**conditions)) if conditions else Q(Value(True))
        nobody = ~Q(linked(**responsibility.in_role(roles or (Role.LEAD,))))
        return involved | nobody if or_nobody else involved


def status_before(moment: Any) -> Coalesce:
    """Return the status that the outer activity showed until `moment` and at it; None for none.

    The history says it; the latest update does where it was made before history was kept.
    """
    history = apps.get_model("plans", "Activity").history.filter(id=OuterRef("pk"), history_date__lte=moment)
    shown = history.order_by("-history_date", "-history_id").values("status")[:1]
    said = _latest_update("-made_at", "-pk", made_at__lte=moment).values("status")
    return Coalesce(NullIf(Subquery(shown), Value(Status.NO_UPDATE)), Subquery(said))


def _one(role: str | None) -> tuple[str, ...]:
    return (role,) if role else ()


def _latest_update(*order: str, **conditions: Any) -> QuerySet:
    # When it was made needs no second order among equals, so that the index has it at once.
    return rows("StatusUpdate").with_status().filter(activity=OuterRef("pk"), **conditions).order_by(*order)[:1]


class ActivityAgencyQuerySet(QuerySet):
    """The links between activities and agencies."""

    def get_by_natural_key(self, plan_slug: str, number: Number, agency_code: str) -> "ActivityAgency":
        """That agency's link to that activity, for fixtures."""
        return self.get(activity__plan__slug=plan_slug, activity__number=number, agency__code=agency_code)


class SubActivityQuerySet(QuerySet):
    """The items inside the descriptions of activities."""

    def get_by_natural_key(self, plan_slug: str, number: Number, position: int) -> "SubActivity":
        """That item of that activity, for fixtures."""
        return self.get(activity__plan__slug=plan_slug, activity__number=number, position=position)

    def in_force(self) -> Self:
        """Return items that have not been withdrawn."""
        return self.filter(withdrawn_on=None)
