"""Links to evidence of what agencies report."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.models.activity import Activity
from plans.models.fields import who_and_when
from plans.models.update import StatusUpdate
from plans.querysets import EvidenceLinkQuerySet
from plans.web_links import LONGEST, LONGEST_LABEL, Link, host_of, read_address, read_label


class EvidenceLink(models.Model):
    """A link to evidence for an activity, which came with an update or by itself. Append-only, as updates are.

    One that was removed, or whose update was reversed or corrected, stays readable in the history and counts for
    nothing. Nothing ever opens the address but the browser of a person who follows it.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="evidence")
    update = models.ForeignKey(StatusUpdate, on_delete=models.PROTECT, related_name="evidence", null=True, blank=True)
    address = models.CharField(max_length=LONGEST)
    label = models.CharField(max_length=LONGEST_LABEL, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("added", default=timezone.now, editable=False)
    retracted_at = models.DateTimeField("removed", null=True, blank=True, editable=False)
    retracted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(address__startswith="https://"),
                name="evidencelink_https",
                violation_error_message="Enter an address that begins with https://.",
            ),
            who_and_when(
                "retracted",
                name="evidencelink_removed_by_somebody",
                message="A link that was removed says by whom and when.",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.address

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the link; raises `TypeError` for one that is there already, since links are never edited."""
        if not self._state.adding:
            raise TypeError("A link is never edited: remove it and add another.")
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Put address and label in their one form. Raises `ValidationError` for those that cannot be taken."""
        super().clean()
        wrong = {}
        for name, read in (("address", read_address), ("label", read_label)):
            try:
                setattr(self, name, read(getattr(self, name)))
            except ValueError as error:
                wrong[name] = str(error)
        if wrong:
            raise ValidationError(wrong)

    @property
    def host(self) -> str:
        """Where the address leads, as browsers ask for it."""
        return host_of(self.address)

    @property
    def link(self) -> Link:
        """Its address and label."""
        return Link(self.address, self.label)
