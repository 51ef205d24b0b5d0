"""What a programme admin says of a plan check: that it is known, why, and until when."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from plans.choices import PlanCheck
from plans.models.activity import Activity
from plans.models.fields import who_and_when
from plans.querysets import AcceptedCheckQuerySet


class AcceptedCheck(models.Model):
    """That an activity may fail a check, for a reason, until the end of a day: then it needs attention again.

    There is one row for each check of an activity. Accepting it again changes the row, whose history is kept. `name`
    is a value of `PlanCheck`; the database knows no list of them, since checks come and go with the code.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="accepted_checks")
    name = models.CharField("check", max_length=20)
    reason = models.CharField(max_length=300)
    until = models.DateField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("accepted", default=timezone.now, editable=False)
    retracted_at = models.DateTimeField("withdrawn", null=True, blank=True, editable=False)
    retracted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    history = HistoricalRecords()
    objects = AcceptedCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = "accepted check"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "name"],
                name="acceptedcheck_once",
                violation_error_message="This check has been accepted already.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="acceptedcheck_has_reason",
                violation_error_message="Enter the reason.",
            ),
            who_and_when(
                "retracted",
                name="acceptedcheck_retracted_by_somebody",
                message="An acceptance that was withdrawn says by whom and when.",
            ),
        ]

    def __str__(self) -> str:
        # A check that the code has no more is called what it was called in addresses.
        return f"{self.activity}: {dict(PlanCheck.choices).get(self.name, self.name)}"
