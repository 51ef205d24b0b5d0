"""What agencies answered to the updates of others."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import QuerySet

from plans.querysets.reporting import AppendOnlyQuerySet

if TYPE_CHECKING:
    from plans.models import Agreement, User


class AgreementQuerySet(AppendOnlyQuerySet):
    """Answers, oldest first."""

    def standing(self) -> Self:
        """Return answers that were not taken back, to updates that were not."""
        return self.filter(retracted_at=None, update__retracted_at=None)

    def retract(self, *, by: "User", at: datetime) -> int:
        """Take the answers back: they stay in the record. Returns how many. One query."""
        return QuerySet.update(self.filter(retracted_at=None), retracted_at=at, retracted_by=by)

    def by_update(self, updates: Iterable[int]) -> dict[int, list["Agreement"]]:
        """Return {id of an update: its standing answers, oldest first} for the `updates`, ids. One query if any."""
        ids, found = set(updates), dict[int, list["Agreement"]]()
        standing = self.standing().filter(update__in=ids).select_related("agency").order_by("made_at", "pk")
        for one in standing if ids else ():
            found.setdefault(one.update_id, []).append(one)
        return found
