"""Plans, the areas that they share, and how they were read."""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Count, Exists, F, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from plans.querysets.subqueries import rows

if TYPE_CHECKING:
    from plans.fast.queries import Param
    from plans.models import Plan, ReadingNote


class PlanQuerySet(QuerySet):
    """Plans, by name of year."""

    def get_by_natural_key(self, slug: str) -> "Plan":
        """Return the plan of that slug, for fixtures."""
        return self.get(slug=slug)

    def published(self) -> Self:
        """Return plans that readers may see."""
        return self.filter(is_published=True)

    def with_open_round(self) -> Self:
        """Fill `open_round` of each plan, its open reporting round or None, in the same query."""
        is_open = FilteredRelation("rounds", condition=Q(rounds__closed_at=None))
        looked = {"has_looked_for_round": Value(True)}
        return self.annotate(open_round=is_open, **looked).select_related("open_round")

    def with_menu_counts(self, person: "int | Param | None" = None, *, is_admin: bool = False) -> Self:
        """Annotate what the menus of a page say, in the same query.

        `barrier_count` counts open barriers; `has_other_plans` is whether the person sees another plan. Of `person`
        (an id; None for a visitor) `is_in_agency` is whether they belong to one, `due_count` how many updates their
        agencies owe in the open round, 0 between rounds. For a programme admin `finalise_count` counts descriptions to
        finalise, and `to_end_count` the activities that are complete and not ended.
        """
        others = rows("Plan") if is_admin else rows("Plan").published()
        plans = self.annotate(
            has_other_plans=Exists(others.exclude(pk=OuterRef("pk"))),
            barrier_count=_count(rows("Barrier").open(), "activity__"),
        )
        if person is not None:
            # Activity by activity of this plan: by the links of the agencies it would go through those of all plans.
            owed = rows("Activity").reportable_by(rows("Agency").of_member(person).values("pk")).owing_update()
            is_in_agency = Exists(rows("Membership").active().filter(user=person))
            plans = plans.annotate(is_in_agency=is_in_agency, due_count=_count(owed))
        if not is_admin:
            return plans
        return plans.annotate(
            finalise_count=_count(rows("Activity").to_be_finalised()),
            to_end_count=_count(rows("Activity").to_end()),
        )

    def current(self) -> "Plan | None":
        """Return the plan to open first: the current one, else the newest. None when there is none."""
        return self.current_first().first()

    def current_first(self) -> Self:
        """Return plans with the one to open first before all others."""
        return self.order_by("-is_current", F("starts_on").desc(nulls_last=True), "-pk")


def _count(found: QuerySet, activity: str = "") -> Coalesce:
    """Return how many of `found` are of activities in force of the outer plan; `activity` leads to the activity."""
    of_plan = found.filter(**{f"{activity}plan": OuterRef("pk"), f"{activity}withdrawn_on": None}).order_by()
    counted = of_plan.values(f"{activity}plan").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


class CodedQuerySet(QuerySet):
    """Things known by a code, which people may type in either case."""

    def get_by_natural_key(self, code: str) -> Any:
        """Return the thing of that code, for fixtures."""
        return self.get(code=code)

    def coded(self, code: str) -> Self:
        """Return the thing of that code without regard to case: none or one."""
        return self.filter(code__iexact=code)


class ReadingNoteQuerySet(QuerySet):
    """How a published plan was read, in order."""

    def get_by_natural_key(self, plan_slug: str, position: int) -> "ReadingNote":
        """That note of that plan, for fixtures."""
        return self.get(plan__slug=plan_slug, position=position)
