"""A year's plan, and the areas that plans share."""

from functools import cached_property
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords

from plans.choices import Marking
from plans.querysets import CodedQuerySet, PlanQuerySet

if TYPE_CHECKING:
    from plans.models.round import ReportingRound

NEW = "new"


class Plan(models.Model):
    """One year's action plan."""

    slug = models.SlugField(unique=True, help_text="Used in web addresses. Cannot be changed later.")
    name = models.CharField(max_length=200, help_text="For example, Year Two ROCC Action Plan.")
    short_name = models.CharField(max_length=60, help_text="For example, Year Two.")
    programme = models.CharField(max_length=200, blank=True, help_text="The programme that the plan belongs to.")
    source = models.CharField(max_length=200, blank=True, help_text="Where the plan was published.")
    starts_on = models.DateField("starts", null=True, blank=True)
    ends_on = models.DateField("ends", null=True, blank=True)
    marking = models.CharField(
        "protective marking", max_length=20, choices=Marking.choices, default=Marking.IN_CONFIDENCE
    )
    is_published = models.BooleanField("published", default=False, help_text="Readers only see published plans.")
    is_current = models.BooleanField("current", default=False, help_text="Show this plan on the home page.")

    # Of plans fetched `with_menu_counts()`.
    barrier_count: int
    due_count: int

    history = HistoricalRecords()
    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-is_current", F("starts_on").desc(nulls_last=True), "name"]
        permissions = [("administer", "Can administer plans: activities, agencies, imports")]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="plan_ends_after_start",
                violation_error_message="A plan cannot end before it starts.",
            ),
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="plan_one_current",
                violation_error_message="Only one plan can be current. Untick the other plan first.",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(is_published=True),
                name="plan_current_is_published",
                violation_error_message="Publish the current plan.",
            ),
            models.CheckConstraint(
                condition=Q(marking__in=Marking.values),
                name="plan_marking_known",
                violation_error_message="Choose one of the protective markings.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the plan's overview."""
        return reverse("plans:overview", args=[self.slug])

    def clean(self) -> None:
        """Raise `ValidationError` for a slug whose address is that of the page that adds a plan."""
        super().clean()
        if self._state.adding and self.slug == NEW:
            raise ValidationError({"slug": f"The address “{NEW}” is used to add plans. Choose another."})

    def natural_key(self) -> tuple[str]:
        """Return the key that fixtures use."""
        return (self.slug,)

    @cached_property
    def open_round(self) -> "ReportingRound | None":
        """The reporting round that updates count for; None between rounds. One query, or `with_open_round()`."""
        # Where there is none, `with_open_round()` leaves nothing but the mark that it has looked.
        return None if "has_looked_for_round" in self.__dict__ else self.rounds.open().first()


class Area(models.Model):
    """Something that activities are sorted under; all plans share it."""

    code = models.SlugField(max_length=20, unique=True, help_text="Used in web addresses and lists.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in lists.")

    objects = CodedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(
                Lower("code"),
                name="%(class)s_code_unique_without_case",
                violation_error_message="There is already one with this code.",
            )
        ]

    def natural_key(self) -> tuple[str]:
        """Return the key that fixtures use."""
        return (self.code,)

    @property
    def slug(self) -> str:
        """The code as addresses and filters spell it."""
        return self.code.lower()


class FocusArea(Area):
    """A strategic focus area, such as SUPPLY, with its statement as printed."""

    statement = models.TextField()

    history = HistoricalRecords()

    def __str__(self) -> str:
        return f"{self.code}: {self.statement}"

    @property
    def label(self) -> str:
        """The code as a word in a sentence: Supply."""
        return self.code.capitalize()


class PriorityArea(Area):
    """A priority action area. It may stand under several focus areas, so it belongs to none."""

    name = models.TextField()

    history = HistoricalRecords()

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name, as lists show it."""
        return self.name
