"""What is to leave the site, and what went."""

from datetime import date, datetime
from typing import Self

from django.db.models import Q, QuerySet

from plans.choices import MessageState


class OutgoingMessageQuerySet(QuerySet):
    """Messages of the outbox, the latest first."""

    def due(self, now: datetime) -> Self:
        """Return what a sender may claim `now`: what waits for its time, and what one claimed and left unfinished.

        Of what was left unfinished, nothing has reached anybody: the server was not told where it ends.
        """
        is_waiting = Q(state=MessageState.WAITING, next_try_at__lte=now)
        is_abandoned = Q(state=MessageState.CLAIMED, claimed_until__lte=now)
        return self.filter(is_waiting | is_abandoned)

    def held_by(self, claim: str) -> Self:
        """Return what the run of this name holds."""
        return self.filter(claimed_by=claim)

    def people_settled(self, day: date) -> set[int]:
        """Return the ids of people who get no other email on `day`, whether theirs was sent or may have been."""
        free = (MessageState.WAITING, MessageState.FAILED, MessageState.DROPPED)
        found = self.filter(day=day).exclude(state__in=free)
        return set(found.order_by().values_list("person", flat=True))
