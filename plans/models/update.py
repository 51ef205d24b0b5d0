"""What agencies reported."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.choices import Status
from plans.models.activity import Activity
from plans.models.agency import Agency
from plans.querysets import StatusUpdateQuerySet


class StatusUpdate(models.Model):
    """A dated report on an activity. Append-only: it is never edited and never deleted.

    `agency` is None when a programme admin set the status; `what_happened` then holds the reason.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="updates")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="updates", null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="updates")
    status = models.CharField(max_length=20, choices=Status.choices)
    what_happened = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["activity", "-made_at"], name="update_latest_of_activity")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=Status.values),
                name="statusupdate_status_known",
                violation_error_message="Choose one of the statuses.",
            )
        ]

    def __str__(self):
        return f"{self.activity}: {self.get_status_display()}"

    @property
    def status_choice(self):
        """The status as a member of `Status`, which knows its shape and meaning."""
        return Status(self.status)
