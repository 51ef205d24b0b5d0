"""Tokens by which programs read the data of the site."""

from datetime import date
from typing import Self

from plans.querysets.revocable import RevocableQuerySet


class AccessTokenQuerySet(RevocableQuerySet):
    """Tokens, newest first."""

    def live(self, on: date) -> Self:
        """Return tokens that work on the day `on`: nobody has ended them, and their last day is not over."""
        return self.filter(revoked_at=None, ends_on__gte=on)

    def for_list(self) -> Self:
        """Return tokens with what a list of them says. No query more."""
        return self.select_related("plan")
