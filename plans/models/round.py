"""The periods in which every activity needs an update."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from plans.models.fields import who_and_when
from plans.models.plan import Plan
from plans.querysets import ReportingRoundQuerySet


class ReportingRound(models.Model):
    """A period in which every activity of a plan owes one update, such as the December quarter.

    `closing_report` is what it came to when it was closed, as `plans.summaries.summarise_round` words it; it never
    changes afterwards, whatever happens to the plan.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="rounds")
    name = models.CharField(max_length=60, help_text="For example, December 2026 quarter.")
    opened_on = models.DateField("opened")
    due_on = models.DateField("due date")
    closed_at = models.DateTimeField("closed", null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    closing_report = models.JSONField(default=dict, blank=True, editable=False, encoder=DjangoJSONEncoder)

    history = HistoricalRecords(excluded_fields=["closing_report"])
    objects = ReportingRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-due_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "name"],
                name="reportinground_name_unique",
                violation_error_message="There is already a round with this name.",
            ),
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(closed_at=None),
                name="reportinground_one_open",
                violation_error_message="A round is already open. Close it first.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opened_on")),
                name="reportinground_due_after_opening",
                violation_error_message="Updates cannot be due before the round opens.",
            ),
            who_and_when(
                "closed",
                name="reportinground_closed_by_somebody",
                message="A closed round says who closed it.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether updates still count for it."""
        return self.closed_at is None
