"""What became of an agency that was merged into another one: a machinery-of-government change."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from plans.models.agency import Agency
from plans.models.fields import who_and_when
from plans.querysets import AgencyMergeQuerySet


class AgencyMerge(models.Model):
    """A merge of the agency `merged` into another one, whose last day was `on`. Undone, it stays as a record.

    `before` is what it changed, by which it is undone: see `plans.actions.agency_merges`.
    """

    merged = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="merges_into")
    on = models.DateField("last day")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField("undone", null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    objects = AgencyMergeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at=None),
                name="agencymerge_once_at_a_time",
                violation_error_message="This agency has already been merged.",
            ),
            models.CheckConstraint(
                condition=~Q(merged=F("into")),
                name="agencymerge_into_another",
                violation_error_message="An agency cannot be merged into itself.",
            ),
            who_and_when(
                "undone",
                name="agencymerge_undone_by_somebody",
                message="A merge that was undone says by whom and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged} into {self.into}"
