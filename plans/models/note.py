"""How a published plan was read where it could be read in more than one way."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from plans.choices import PRINTED_HEADINGS
from plans.models.activity import Activity
from plans.models.plan import Plan
from plans.querysets import ReadingNoteQuerySet


class ReadingNote(models.Model):
    """A judgement call: what was decided in reading the plan, and the printed cell that it is about, if one."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="reading_notes")
    position = models.PositiveSmallIntegerField(help_text="Order on the page about the plan.")
    text = models.TextField(help_text="How the plan was interpreted, and the reason.")
    activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, related_name="reading_notes", null=True, blank=True
    )
    cell = models.CharField("published cell", max_length=20, choices=PRINTED_HEADINGS.items(), blank=True)

    history = HistoricalRecords()
    objects = ReadingNoteQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"],
                name="readingnote_position_unique",
                violation_error_message="There is already a note at this place.",
            ),
            models.CheckConstraint(
                condition=~Q(text=""), name="readingnote_not_blank", violation_error_message="Enter the note."
            ),
            models.CheckConstraint(
                condition=Q(activity=None, cell="") | (Q(activity__isnull=False) & ~Q(cell="")),
                name="readingnote_cell_of_activity",
                violation_error_message="Choose both the activity and the published cell, or neither.",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, int]:
        """Return the key that fixtures use."""
        return (self.plan.slug, self.position)

    natural_key.dependencies = ["plans.plan", "plans.activity"]  # type: ignore[attr-defined]  # Django's way

    @property
    def printed(self) -> str | None:
        """The words of the printed cell; None when the note is about none."""
        return self.activity.as_printed.get(self.cell, "") if self.activity else None
