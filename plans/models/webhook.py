"""Where cards go when something happens in a plan."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.choices import CardEvent
from plans.models.plan import Plan


class Webhook(models.Model):
    """The one https address to which cards about a plan go, and which.

    Whoever has the address can write to the channel behind it. So `sealed_address` is readable by the site alone (see
    `plans.sealed_text`), `host` is what pages show, and there is no history of either. Cards are about what happens
    from `since` on, when it was last turned on.
    """

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="webhook")
    host = models.CharField("server", max_length=253)
    sealed_address = models.TextField(editable=False)
    off_track = models.BooleanField("an activity goes off track", default=True)
    escalated = models.BooleanField("a barrier is escalated", default=True)
    rounds = models.BooleanField("a round opens or closes", default=True)
    since = models.DateTimeField(default=timezone.now, editable=False)
    turned_off_at = models.DateTimeField("turned off", null=True, blank=True, editable=False)
    saved_at = models.DateTimeField("saved", default=timezone.now, editable=False)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        ordering = ["plan"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(host="") & ~Q(sealed_address=""),
                name="webhook_has_address",
                violation_error_message="Enter the address that cards go to.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}: {self.host}"

    @property
    def is_on(self) -> bool:
        """Whether cards go out."""
        return self.turned_off_at is None

    def wants(self, event: CardEvent | str) -> bool:
        """Return whether cards about that sort of event go out."""
        chosen = {CardEvent.OFF_TRACK: self.off_track, CardEvent.ESCALATED: self.escalated}
        return self.is_on and chosen.get(CardEvent(event), self.rounds or event == CardEvent.TEST)
