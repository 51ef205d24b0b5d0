"""Board packs: what was put before a board, what it was asked, and what it decided."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from plans.choices import Marking, PackState
from plans.models.activity import Activity
from plans.models.agency import Agency
from plans.models.fields import who_and_when
from plans.models.plan import Plan
from plans.models.update import Barrier
from plans.querysets import DecisionQuerySet, PackAskQuerySet, PackQuerySet


class Pack(models.Model):
    """A pack of a plan: a draft that can be worded, until it is issued; then it never changes.

    `content` is what it says, as `plans.packs.content.PackContent` has it; an issued pack is shown of that alone.
    `at` is the moment as at which the plan was read, `since` the earlier one with which it was compared, None where
    there is none, and `query` the filters. `follows` is the number of the last pack that was issued when it was read, 0
    for none. A `number` is given when it is issued, with a `checksum`: `plans.packs.seal` has what it covers, by its
    `checksum_scheme`. `version` counts the times that a draft was saved.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="packs")
    number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=PackState.choices, default=PackState.DRAFT)
    title = models.CharField(max_length=200)
    covering_note = models.TextField(blank=True)
    at = models.DateTimeField()
    since = models.DateTimeField(null=True, blank=True)
    query = models.CharField(max_length=2000, blank=True)
    content = models.JSONField(default=dict)
    follows = models.PositiveIntegerField(default=0, editable=False)
    checksum = models.CharField(max_length=64, blank=True)
    checksum_scheme = models.PositiveSmallIntegerField(default=1, editable=False)
    marking = models.CharField("protective marking", max_length=20, choices=Marking.choices)
    is_shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    history = HistoricalRecords(excluded_fields=["content"])
    objects = PackQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "number"],
                name="pack_number_once",
                violation_error_message="There is a pack of this number already.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PackState.values),
                name="pack_state_known",
                violation_error_message="A pack is a draft, issued or discarded.",
            ),
            models.CheckConstraint(
                condition=Q(state=PackState.ISSUED, number__isnull=False) & ~Q(checksum="")
                | ~Q(state=PackState.ISSUED) & Q(number=None),
                name="pack_issued_has_number",
                violation_error_message="An issued pack has a number and a checksum.",
            ),
            models.CheckConstraint(
                condition=Q(marking__in=Marking.values),
                name="pack_marking_known",
                violation_error_message="Choose one of the protective markings.",
            ),
            who_and_when(
                "issued", name="pack_issued_by_somebody", message="A pack that was issued says by whom and when."
            ),
        ]

    def __str__(self) -> str:
        return f"Pack {self.number}" if self.number else self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save a draft, or issue it. Raises `TypeError` for one that has been issued: that never changes."""
        if self.pk and type(self).objects.filter(pk=self.pk, state=PackState.ISSUED).exists():
            raise TypeError("An issued pack never changes. Corrections are in the next one.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the page of the pack."""
        if self.number:
            return reverse("plans:pack", args=[self.plan.slug, self.number])
        return reverse("plans:pack_draft", args=[self.plan.slug, self.pk])

    @property
    def is_draft(self) -> bool:
        """Whether it can still be worded."""
        return self.state == PackState.DRAFT

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: raises `TypeError`."""
        raise TypeError("A pack is discarded, never deleted.")


class PackAsk(models.Model):
    """What a pack asks of someone, by when; mostly of an escalated barrier of an activity.

    In a draft it can be worded, and left out. What an issued pack asks never changes.
    """

    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="asks")
    position = models.PositiveSmallIntegerField()
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="asks", null=True, blank=True)
    barrier = models.ForeignKey(Barrier, on_delete=models.PROTECT, related_name="asks", null=True, blank=True)
    text = models.TextField()
    of_whom = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(null=True, blank=True)
    is_left_out = models.BooleanField(default=False)

    history = HistoricalRecords()
    objects = PackAskQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""), name="packask_not_blank", violation_error_message="Enter what is asked."
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save what a draft asks. Raises `TypeError` where the pack has been issued."""
        if Pack.objects.filter(pk=self.pack_id, state=PackState.ISSUED).exists():
            raise TypeError("What an issued pack asks never changes.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: raises `TypeError`."""
        raise TypeError("An ask is left out of a draft, never deleted.")

    @property
    def reference(self) -> str:
        """What names it in an issued pack: "3.1"."""
        return f"{self.pack.number}.{self.position}"


class Decision(models.Model):
    """What was decided on an ask of an issued pack: a duty of an agency, by a day, until it is done.

    There is one for each ask; changing it changes the row, whose history is kept.
    """

    ask = models.OneToOneField(PackAsk, on_delete=models.PROTECT, related_name="decision")
    words = models.CharField("decision", max_length=1000)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="decisions")
    due_on = models.DateField("due")
    done_on = models.DateField("done", null=True, blank=True)
    note = models.CharField("what was done", max_length=1000, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DecisionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(words=""), name="decision_not_blank", violation_error_message="Enter what was decided."
            ),
            models.CheckConstraint(
                condition=Q(done_on=None) | ~Q(note=""),
                name="decision_done_says_what",
                violation_error_message="Enter what was done.",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: raises `TypeError`."""
        raise TypeError("A decision is done or changed, never deleted.")
