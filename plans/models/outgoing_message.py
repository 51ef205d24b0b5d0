"""What is to leave the site: emails and cards, before and after they went."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.choices import MessageState
from plans.models.plan import Plan
from plans.models.round import ReportingRound
from plans.querysets import OutgoingMessageQuerySet


class OutgoingMessage(models.Model):
    """A message that is to leave the site once: see `plans.actions.outbox`.

    It holds no text and no token: its `kind` writes it at the moment of sending, from what is true then. `about_id` is
    the id of the row that it is about, as its kind understands it. `key` says which message it is, so that asking for
    it twice makes one. `day` is filled for what counts as the one email of a person and day, whatever its kind;
    `digest_on` is the Monday of the weekly digest in it, where there is one.
    `claimed_by` names the run of the sender that holds it until `claimed_until`.
    """

    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="outgoing_messages", null=True, blank=True
    )
    day = models.DateField(null=True, blank=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    round = models.ForeignKey(ReportingRound, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    about_id = models.PositiveBigIntegerField(null=True, blank=True)
    digest_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=MessageState.choices, default=MessageState.WAITING)
    made_at = models.DateTimeField("asked for", default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField("next try", default=timezone.now)
    claimed_by = models.CharField(max_length=32, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField("sent", null=True, blank=True, editable=False)
    problem = models.CharField(max_length=100, blank=True)

    objects = OutgoingMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["state", "next_try_at"], name="outgoingmessage_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day"],
                name="outgoingmessage_one_a_day",
                violation_error_message="This person already gets an email on this day.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=MessageState.values),
                name="outgoingmessage_state_known",
                violation_error_message="Choose how far the message has come.",
            ),
            models.CheckConstraint(
                condition=Q(day=None) | Q(person__isnull=False),
                name="outgoingmessage_day_of_a_person",
                violation_error_message="An email of a day goes to a person.",
            ),
            models.CheckConstraint(
                condition=Q(state=MessageState.SENT, sent_at__isnull=False)
                | (~Q(state=MessageState.SENT) & Q(sent_at=None)),
                name="outgoingmessage_sent_at_a_time",
                violation_error_message="A message that was sent says when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_state_display()}"
