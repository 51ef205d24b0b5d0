"""Which activities have ended, and which owe updates: the conditions that every query shares."""

from typing import Self

from django.db.models import Q, QuerySet

from plans.choices import Status

HAS_ENDED = ~Q(ending="")
"""The programme has said how the activity ended."""

OWES_UPDATES = Q(ending="") & ~Q(status=Status.COMPLETE)
"""Rounds wait for updates on the activity, and its due date counts: it is neither complete nor has it ended."""


def owes_updates(status: str, ending: str) -> bool:
    """Return whether an activity with that status and ending owes updates: what `OWES_UPDATES` says. No query."""
    return not ending and status != Status.COMPLETE


class EndingQuerySet(QuerySet):
    """Activities, by whether they have ended."""

    def ended(self) -> Self:
        """Return activities that have ended, however they did."""
        return self.filter(HAS_ENDED)

    def going_on(self) -> Self:
        """Return activities that have not ended, complete ones too."""
        return self.exclude(HAS_ENDED)

    def owes_updates(self) -> Self:
        """Return activities on which updates are owed: neither complete, as their leads say, nor ended."""
        return self.filter(OWES_UPDATES)

    def to_end(self) -> Self:
        """Return activities that are complete, as their leads say, and that the programme has not ended yet."""
        return self.filter(ending="", status=Status.COMPLETE)
