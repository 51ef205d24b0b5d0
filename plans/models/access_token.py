"""Tokens by which programs read the data of the site for a person."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.models.plan import Plan
from plans.querysets import AccessTokenQuerySet
from plans.secret_links import HASH_LENGTH, ID_LENGTH


class AccessToken(models.Model):
    """A token of a person, for reading alone: what it opens is what the person may see at that moment.

    `public_id` is the part that may be shown; of the secret there is only a keyed hash. Without a `plan` it is for
    every plan. It works to the end of the day `ends_on`. One that was ended stays; `revoked_by` is empty where a
    restore ended it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="access_tokens")
    name = models.CharField(max_length=60, help_text="What it is for, for example “Power BI report”.")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    public_id = models.CharField(max_length=ID_LENGTH, unique=True, editable=False)
    secret_hash = models.CharField(max_length=HASH_LENGTH, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_on = models.DateField("works until")
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField("ended", null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name=""),
                name="accesstoken_has_a_name",
                violation_error_message="Enter what the token is for.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                name="accesstoken_revoked_at_a_time",
                violation_error_message="A token that someone ended says when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.person}"

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: raises `TypeError`."""
        raise TypeError("A token is ended, never deleted.")
