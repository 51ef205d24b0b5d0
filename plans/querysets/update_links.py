"""Links that let people add updates without signing in."""

from typing import Self

from plans.querysets.revocable import RevocableQuerySet


class UpdateLinkQuerySet(RevocableQuerySet):
    """Links, newest first."""

    def live(self) -> Self:
        """Return links that no one has ended and whose round is open: those that may open something."""
        return self.filter(revoked_at=None, round__closed_at=None)

    def for_list(self) -> Self:
        """Return links with what a list of them says. No query more."""
        return self.select_related("round__plan")
