"""What agencies reported, and what stands in their way."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from plans.choices import Status, UpdateKind
from plans.models.activity import Activity
from plans.models.agency import Agency
from plans.models.fields import who_and_when
from plans.models.round import ReportingRound
from plans.querysets import BarrierQuerySet, StatusUpdateQuerySet


class StatusUpdate(models.Model):
    """A dated report on an activity. Append-only: it is never edited and never deleted.

    `kind` says what it is: a report of a lead agency, a note of a supporting one, or a status that a programme admin
    set (then there may be no agency, and `what_happened` holds the reason). A note has no status of its own.
    An update that came with an import which was undone is taken back: it stays readable, and counts for nothing. So is
    one that was corrected: it is `replaced_by` the correction. One that came `by_link` was made without signing in.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="updates")
    kind = models.CharField(max_length=10, choices=UpdateKind.choices, default=UpdateKind.REPORT)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="updates", null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="updates")
    round = models.ForeignKey(ReportingRound, on_delete=models.PROTECT, related_name="updates", null=True, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, blank=True)
    is_no_change = models.BooleanField("no change since the last update", default=False)
    what_happened = models.TextField(blank=True)
    whats_next = models.TextField("next steps", blank=True)
    barrier = models.TextField("barrier", blank=True)
    needs_escalation = models.BooleanField(default=False)
    no_evidence_reason = models.TextField("why there is no evidence", blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    retracted_at = models.DateTimeField("reversed", null=True, blank=True, editable=False)
    retracted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    by_link = models.ForeignKey(
        "UpdateLink", on_delete=models.PROTECT, related_name="updates", null=True, blank=True, editable=False
    )
    replaced_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="replaces", null=True, blank=True, editable=False
    )

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["activity", "-made_at"], name="update_latest_of_activity")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=UpdateKind.values),
                name="statusupdate_kind_known",
                violation_error_message="Choose the type of update.",
            ),
            models.CheckConstraint(
                condition=Q(kind=UpdateKind.NOTE, status="")
                | (~Q(kind=UpdateKind.NOTE) & Q(status__in=[value for value in Status.values if value != "no_update"])),
                name="statusupdate_status_known",
                violation_error_message="Choose one of the statuses. A note has no status.",
            ),
            models.CheckConstraint(
                condition=Q(kind=UpdateKind.SET) | Q(agency__isnull=False),
                name="statusupdate_of_agency",
                violation_error_message="Enter the reporting agency.",
            ),
            models.CheckConstraint(
                condition=Q(needs_escalation=False) | ~Q(barrier=""),
                name="statusupdate_escalates_barrier",
                violation_error_message="Describe the barrier you want to escalate.",
            ),
            who_and_when(
                "retracted",
                name="statusupdate_retracted_by_somebody",
                message="A reversed update says by whom and when.",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(retracted_at__isnull=False),
                name="statusupdate_replaced_no_longer_counts",
                violation_error_message="An update that was replaced no longer counts.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity}: {self.get_status_display() or self.get_kind_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the update; raises `TypeError` for one that is there already, since updates are never edited."""
        if not self._state.adding:
            raise TypeError("An update is never edited: record a new one.")
        super().save(*args, **kwargs)

    @property
    def is_report(self) -> bool:
        """Whether a lead agency reported, so that it counts for the round and for freshness."""
        return self.kind == UpdateKind.REPORT and self.retracted_at is None

    @property
    def is_set(self) -> bool:
        """Whether the programme set the status, and no agency reported."""
        return self.kind == UpdateKind.SET

    @property
    def is_replaced(self) -> bool:
        """Whether it was corrected, at the moment at which it was taken back."""
        return self.replaced_by_id is not None

    @property
    def why_reversed(self) -> str:
        """Why it was taken back where no correction replaced it: the words after "because"."""
        return "its author said it was not them" if self.by_link_id else "its import was undone"

    @property
    def day(self) -> str:
        """The day on which it was made, in words."""
        return date_format(timezone.localdate(self.made_at))

    @property
    def said_by(self) -> Agency | str:
        """Who speaks: the agency, or the programme admin who set the status."""
        return self.agency or "Programme admin"

    @property
    def status_choice(self) -> Status | None:
        """The status as a member of `Status`, which knows its shape and meaning; None for a note."""
        return Status(self.status) if self.status else None


class Barrier(models.Model):
    """Something that stands in the way of an activity, from when it was raised until it is resolved."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="barriers")
    update = models.ForeignKey(StatusUpdate, on_delete=models.PROTECT, related_name="barriers_raised")
    text = models.TextField()
    is_escalated = models.BooleanField("escalated", default=False)
    escalation_note = models.TextField(blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True, editable=False)
    escalated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    resolution_note = models.TextField(blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True, editable=False)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    objects = BarrierQuerySet.as_manager()

    class Meta:
        ordering = ["-is_escalated", "update__made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="barrier_not_blank", violation_error_message="Enter the barrier."
            ),
            models.CheckConstraint(
                condition=Q(is_escalated=False, escalated_at=None, escalated_by=None)
                | Q(is_escalated=True, escalated_at__isnull=False, escalated_by__isnull=False),
                name="barrier_escalated_by_somebody",
                violation_error_message="An escalated barrier says who escalated it, and when.",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None, resolution_note="")
                | (Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~Q(resolution_note="")),
                name="barrier_resolved_with_note",
                violation_error_message="A resolved barrier says how it was resolved, by whom and when.",
            ),
        ]

    def __str__(self) -> str:
        return self.text
