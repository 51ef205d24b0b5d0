"""What the programme's own Word file gives to the Word copies of packs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from plans.models.plan import Plan


class PackTemplate(models.Model):
    """The styles and the page of a Word file, which the Word copies of a plan's packs have.

    The file itself is not kept: `taken` is what `plans.packs.template.read_template` made of it. Who uploaded, replaced
    or removed it is in the audit trail.
    """

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="pack_template")
    file_name = models.CharField("file", max_length=200)
    taken = models.JSONField(editable=False)
    uploaded_at = models.DateTimeField("uploaded", default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        ordering = ["plan"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(file_name=""),
                name="packtemplate_has_name",
                violation_error_message="Enter the name of the file.",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
