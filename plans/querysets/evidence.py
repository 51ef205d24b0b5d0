"""Links to evidence of what was reported."""

from typing import Self

from django.db.models import Q

from plans.querysets.reporting import RetractableQuerySet


class EvidenceLinkQuerySet(RetractableQuerySet):
    """Links, oldest first."""

    def standing(self) -> Self:
        """Return links that count: not removed, and not part of an update that was reversed or corrected."""
        return self.filter(Q(update=None) | Q(update__retracted_at=None), retracted_at=None)
