"""What other agencies of an activity say to the update of one of them: the second signature."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.models.agency import Agency
from plans.models.fields import who_and_when
from plans.models.update import StatusUpdate
from plans.querysets import AgreementQuerySet


class Agreement(models.Model):
    """The answer of an agency to the report of another one: it agrees, or sees it differently. Append-only.

    An agency that changes its mind has its answer retracted and gives another. An answer counts while its update is
    the latest one; after that it stays in the record.
    """

    update = models.ForeignKey(StatusUpdate, on_delete=models.PROTECT, related_name="agreements")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="agreements")
    agrees = models.BooleanField()
    words = models.TextField("in a sentence", blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    retracted_at = models.DateTimeField("withdrawn", null=True, blank=True, editable=False)
    retracted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "agency"],
                condition=Q(retracted_at=None),
                name="agreement_one_of_agency",
                violation_error_message="The agency has answered this update already.",
            ),
            models.CheckConstraint(
                condition=Q(agrees=True) | ~Q(words=""),
                name="agreement_differs_in_words",
                violation_error_message="Enter in a sentence how your agency sees it.",
            ),
            who_and_when(
                "retracted",
                name="agreement_retracted_by_somebody",
                message="An answer that was withdrawn says by whom and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency.label} {self.verb}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the answer; raises `TypeError` for one that is there already, since answers are never edited."""
        if not self._state.adding:
            raise TypeError("An answer is never edited: take it back and give another.")
        super().save(*args, **kwargs)

    @property
    def verb(self) -> str:
        """What the agency does, in words."""
        return "agrees" if self.agrees else "sees it differently"

    @property
    def sentence(self) -> str:
        """Who says what, in words."""
        return f"{self}: “{self.words}”" if self.words else str(self)
