"""Calendar feeds, with what opens them."""

from typing import Self

from django.db.models import QuerySet

from plans.fast.data_version import DataVersion


class CalendarFeedQuerySet(QuerySet):
    """Feeds, newest first."""

    def live(self) -> Self:
        """Return feeds that no one has revoked, of people whose account is open."""
        return self.filter(revoked_at=None, person__is_active=True)

    def with_data_version(self) -> Self:
        """Annotate `data_version`, and fetch the person and the plan in the same query."""
        return self.select_related("person", "plan").annotate(data_version=DataVersion())
