"""Who was reminded of the updates of a round, and on which day."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.choices import ReminderState
from plans.models.agency import Agency
from plans.models.round import ReportingRound
from plans.querysets import ReminderQuerySet


class Reminder(models.Model):
    """An email that reminds a person of outstanding updates, at most one for each round and day.

    It is there before the email leaves, so that of two who send at once one does: see `plans.actions.reminders`.
    `agencies` are the lead agencies whose activities it lists. `by` is empty where the site sent it by itself.
    `problem` says why it was not sent.
    """

    round = models.ForeignKey(ReportingRound, on_delete=models.PROTECT, related_name="reminders")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reminders")
    day = models.DateField()
    agencies = models.ManyToManyField(Agency, related_name="+", blank=True)
    activity_count = models.PositiveSmallIntegerField("activities")
    state = models.CharField(max_length=10, choices=ReminderState.choices, default=ReminderState.SENDING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    tried_at = models.DateTimeField("tried", default=timezone.now, editable=False)
    sent_at = models.DateTimeField("sent", null=True, blank=True, editable=False)
    problem = models.CharField(max_length=100, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "person__email"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person", "day"],
                name="reminder_once_a_day",
                violation_error_message="This person has already been reminded today.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReminderState.values),
                name="reminder_state_known",
                violation_error_message="Choose whether the reminder was sent.",
            ),
            models.CheckConstraint(
                condition=Q(state=ReminderState.SENT, sent_at__isnull=False)
                | (~Q(state=ReminderState.SENT) & Q(sent_at=None)),
                name="reminder_sent_at_a_time",
                violation_error_message="A reminder that was sent says when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.day:%-d %B %Y}: {self.get_state_display()}"
