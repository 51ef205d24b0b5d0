"""Forms that were sent and did what they ask for, so that each is done once."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class FormKey(models.Model):
    """A form that was sent by `user` with its one-time `key`, and how it was answered.

    `digest` stands for all that was typed, so that a page to which somebody went back and where they wrote something
    else is another form. `answer` is what `plans.forms.idempotency` answers with when the form is sent again.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key", "digest"], name="formkey_sent_once"),
        ]

    def __str__(self) -> str:
        return self.key
