"""Who reports for which agency, and what was changed about who may do what."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from plans.choices import AuditKind
from plans.models.agency import Agency
from plans.querysets import AuditEventQuerySet, MembershipQuerySet


class Membership(models.Model):
    """A person's belonging to an agency, which lets them report for it. It is ended, never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships")
    started_at = models.DateTimeField("since", default=timezone.now, editable=False)
    ended_at = models.DateTimeField("until", null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["agency__name_key", "user__email"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "agency"],
                condition=Q(ended_at=None),
                name="membership_once_at_a_time",
                violation_error_message="This person already belongs to the agency.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="membership_ends_after_start",
                violation_error_message="A membership cannot end before it starts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.agency}"


MOST_OF_A_DETAIL = 300
"""Characters that an audit event has room for, beside its kind and people."""


class AuditEvent(models.Model):
    """Something about who may do what: a sign-in, an invitation, a change of role. Append-only, read by admins."""

    kind = models.CharField(max_length=30, choices=AuditKind.choices)
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="audit_events", null=True, blank=True
    )
    detail = models.CharField(max_length=MOST_OF_A_DETAIL, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at"], name="auditevent_latest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=AuditKind.values),
                name="auditevent_kind_known",
                violation_error_message="Choose what happened.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about or self.detail}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the event; raises `TypeError` for one that is there already."""
        if not self._state.adding:
            raise TypeError("An audit event is never edited.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: raises `TypeError`."""
        raise TypeError("An audit event is never deleted.")
