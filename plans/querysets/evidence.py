"""Links to evidence of what was reported."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

from plans.querysets.reporting import AppendOnlyQuerySet

if TYPE_CHECKING:
    from plans.models import User


class EvidenceLinkQuerySet(AppendOnlyQuerySet):
    """Links, oldest first."""

    def standing(self) -> Self:
        """Return links that count: not removed, and not part of an update that was reversed or corrected."""
        return self.filter(Q(update=None) | Q(update__retracted_at=None), retracted_at=None)

    def retract(self, *, by: "User", at: datetime) -> int:
        """Take the links away: they stay in the history. Returns how many. One query."""
        return QuerySet.update(self.filter(retracted_at=None), retracted_at=at, retracted_by=by)
