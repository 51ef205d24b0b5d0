"""Which activities of one plan go on in which of another, and how a plan is rolled over to the next one."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from plans.choices import RollOverDates, RollOverOutcome
from plans.models.activity import Activity
from plans.models.fields import who_and_when
from plans.models.plan import Plan


class Lineage(models.Model):
    """That the activity `later` of one plan continues the activity `earlier` of another. Each may have several."""

    earlier = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="later_links")
    later = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="earlier_links")
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["earlier", "later"]
        verbose_name_plural = "lineage"
        constraints = [
            models.UniqueConstraint(
                fields=["earlier", "later"],
                name="lineage_once",
                violation_error_message="The one continues the other already.",
            ),
            models.CheckConstraint(
                condition=~Q(earlier=F("later")),
                name="lineage_of_another",
                violation_error_message="An activity cannot continue itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.later} continues {self.earlier}"


class RollOver(models.Model):
    """How `old_plan` is rolled over: what was chosen for its activities, and the next plan once it has been made.

    `made` is {result: {"activity": id, "digests": {field: digest of what was put there}}}, by which a repeat knows what
    people have edited since; see `plans.actions.roll_over`. `made_at` is when it was made last; one that was undone
    since says so, and can be made again.
    """

    old_plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="roll_over")
    new_plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="rolled_from", null=True, blank=True)
    dates = models.CharField(max_length=10, choices=RollOverDates.choices, default=RollOverDates.MOVED)
    is_renumbered = models.BooleanField("numbered from 1", default=False)
    made = models.JSONField(default=dict, blank=True, editable=False)
    made_at = models.DateTimeField("made", null=True, blank=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    undone_at = models.DateTimeField("undone", null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    history = HistoricalRecords(excluded_fields=["made"])

    class Meta:
        ordering = ["old_plan"]
        constraints = [
            models.CheckConstraint(
                condition=Q(new_plan=None) | ~Q(old_plan=F("new_plan")),
                name="rollover_into_another",
                violation_error_message="A plan cannot be rolled over into itself.",
            ),
            models.CheckConstraint(
                condition=Q(dates__in=RollOverDates.values),
                name="rollover_dates_known",
                violation_error_message="Choose what happens to dates.",
            ),
            who_and_when(
                "made",
                name="rollover_made_by_somebody",
                message="A roll-over that was made says by whom and when.",
            ),
            who_and_when(
                "undone",
                name="rollover_undone_by_somebody",
                message="A roll-over that was undone says by whom and when.",
            ),
        ]

    def __str__(self) -> str:
        return f"Roll-over of {self.old_plan}"

    @property
    def is_in_draft(self) -> bool:
        """Whether it has made a plan that is not undone; `new_plan` may have been published since."""
        return self.made_at is not None and self.undone_at is None


class RollOverChoice(models.Model):
    """What becomes of one activity of the old plan, with a sentence.

    `titles` are those of the activities that it is split into, one on each line, or of the one that it is merged into;
    `merge_with` is another activity that goes into the same one.
    """

    roll_over = models.ForeignKey(RollOver, on_delete=models.PROTECT, related_name="choices")
    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="roll_over_choice")
    outcome = models.CharField(max_length=20, choices=RollOverOutcome.choices, blank=True)
    sentence = models.CharField("in a sentence", max_length=500, blank=True)
    titles = models.TextField(blank=True)
    merge_with = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["activity"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", *RollOverOutcome.values]),
                name="rolloverchoice_outcome_known",
                violation_error_message="Choose one of the outcomes.",
            ),
            models.CheckConstraint(
                condition=Q(merge_with=None) | ~Q(activity=F("merge_with")),
                name="rolloverchoice_merge_with_another",
                violation_error_message="An activity cannot be merged with itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity}: {self.get_outcome_display()}"
