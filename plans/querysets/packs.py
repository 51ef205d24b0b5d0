"""Board packs of plans, and what they ask."""

from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db.models import Q, QuerySet

from plans.choices import PackState

if TYPE_CHECKING:
    from plans.models import Pack, Plan


class PackQuerySet(QuerySet):
    """Packs, the newest first."""

    def issued(self) -> Self:
        """Return issued packs, the newest first."""
        return self.filter(state=PackState.ISSUED).order_by("-number")

    def last_of(self, plan: "Plan") -> "Pack | None":
        """Return the pack of `plan` that was issued last, without its content; None where there is none. One query."""
        return self.issued().filter(plan=plan).defer("content").first()

    def drafts(self) -> Self:
        """Return packs that can still be worded."""
        return self.filter(state=PackState.DRAFT)

    def update(self, **values: Any) -> NoReturn:
        """Refuse: raises `TypeError`, since an issued pack never changes."""
        raise TypeError("Packs are saved one at a time.")

    def delete(self) -> NoReturn:
        """Refuse: raises `TypeError`."""
        raise TypeError("Packs are discarded, never deleted.")


class PackAskQuerySet(QuerySet):
    """What packs ask, which is changed by saving one at a time: so each looks whether its pack has been issued."""

    def update(self, **values: Any) -> NoReturn:
        """Refuse: raises `TypeError`."""
        raise TypeError("What packs ask is saved one at a time.")

    def delete(self) -> NoReturn:
        """Refuse: raises `TypeError`."""
        raise TypeError("An ask is left out of a draft, never deleted.")


class DecisionQuerySet(QuerySet):
    """What boards decided on the asks of packs."""

    def of_agencies(self, agencies: Any) -> Self:
        """Return what `agencies` (ids, or a query of them) have to do, and those that were merged into them."""
        return self.filter(Q(agency__in=agencies) | Q(agency__merged_into__in=agencies))
