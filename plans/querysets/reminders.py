"""Who was reminded when."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Max, QuerySet

from plans.choices import ReminderState

if TYPE_CHECKING:
    from plans.models import ReportingRound


class ReminderQuerySet(QuerySet):
    """Reminders, the latest day first."""

    def sent(self) -> Self:
        """Return reminders that left for their person."""
        return self.filter(state=ReminderState.SENT)

    def latest_by_agency(self, reporting_round: "ReportingRound") -> dict[int, date]:
        """Return {id of an agency: day on which a person was last reminded of its activities}. One query."""
        found = self.filter(round=reporting_round).sent().exclude(agencies=None).order_by()
        return dict(found.values_list("agencies").annotate(latest=Max("day")))

    def for_history(self, reporting_round: "ReportingRound") -> Self:
        """Return the reminders of a round with whom they went to and who sent them, the latest first. One query."""
        return self.filter(round=reporting_round).select_related("person", "by").order_by("-day", "person__email")
