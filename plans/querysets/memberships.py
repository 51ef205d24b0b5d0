"""Who belongs where, and what was changed about that."""

from typing import Self

from django.db.models import QuerySet

from plans.querysets.reporting import AppendOnlyQuerySet


class MembershipQuerySet(QuerySet):
    """Who belongs to which agency."""

    def active(self) -> Self:
        """Return memberships that have not ended."""
        return self.filter(ended_at=None)


class AuditEventQuerySet(AppendOnlyQuerySet):
    """What happened about who may do what, newest first."""
