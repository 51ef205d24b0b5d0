"""Plans, the areas that they share, and how they were read."""

from typing import TYPE_CHECKING, Any, Self

from django.db.models import F, FilteredRelation, Q, QuerySet, Value

if TYPE_CHECKING:
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

    def current(self) -> "Plan | None":
        """Return the plan to open first: the current one, else the newest. None when there is none."""
        return self.order_by("-is_current", F("starts_on").desc(nulls_last=True), "-pk").first()


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
