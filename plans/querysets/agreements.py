"""What agencies answered to the updates of others."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from plans.querysets.reporting import RetractableQuerySet

if TYPE_CHECKING:
    from plans.models import Agreement


class AgreementQuerySet(RetractableQuerySet):
    """Answers, oldest first."""

    def standing(self) -> Self:
        """Return answers that were not taken back, to updates that were not."""
        return self.filter(retracted_at=None, update__retracted_at=None)

    def by_update(self, updates: Iterable[int]) -> dict[int, list["Agreement"]]:
        """Return {id of an update: its standing answers, oldest first} for the `updates`, ids. One query if any."""
        ids, found = set(updates), dict[int, list["Agreement"]]()
        standing = self.standing().filter(update__in=ids).select_related("agency").order_by("made_at", "pk")
        for one in standing if ids else ():
            found.setdefault(one.update_id, []).append(one)
        return found
