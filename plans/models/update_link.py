"""Links that let a person add the updates of a round without signing in."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.models.round import ReportingRound
from plans.querysets import UpdateLinkQuerySet
from plans.secret_links import ID_LENGTH


class UpdateLink(models.Model):
    """A link for one person and one round. The row alone opens nothing: see `plans.actions.update_links`.

    One that was ended stays, since updates were made by it. `revoked_by` is empty where a restore ended it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="update_links")
    round = models.ForeignKey(ReportingRound, on_delete=models.PROTECT, related_name="update_links")
    public_id = models.CharField(max_length=ID_LENGTH, unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField("ended", null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    objects = UpdateLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "round"],
                condition=Q(revoked_at=None),
                name="updatelink_one_at_a_time",
                violation_error_message="This person already has a link for the round.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                name="updatelink_revoked_at_a_time",
                violation_error_message="A link that someone ended says when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.round}"

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: raises `TypeError`."""
        raise TypeError("A link is ended, never deleted.")
