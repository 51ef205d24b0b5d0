"""The lines of a plan: activities, who does what on them, and the items inside them."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from plans.activity_number import Number
from plans.choices import PRINTED_HEADINGS, REPORTABLE, DescriptionState, Ending, Role, Status
from plans.models.agency import Agency
from plans.models.fields import FoldedTextField, NumberField
from plans.models.history import IndexedRecords
from plans.models.plan import FocusArea, Plan, PriorityArea
from plans.querysets import ActivityAgencyQuerySet, ActivityQuerySet, SubActivityQuerySet
from plans.querysets.endings import owes_updates

ENDING_INCOMPLETE = "Enter how it ended, the day and a sentence about it. Leave all three blank if it has not ended."

GOES_ON: dict[str, Any] = {"withdrawn_on": None, "ending": "", "ended_on": None, "ending_note": ""}
"""What an activity has that is in lists and has not ended."""


def name_of_activity(number: Number, title: str) -> str:
    """Return the title of an activity, or what stands for it while there is none."""
    return title or f"Activity {number} (title to be finalised)"


class Activity(models.Model):
    """A numbered line of a plan. It is never deleted: it ends, or it is withdrawn, which takes it out of lists.

    `number` is as the plan prints it: 7, "1.10", "4a" or "S-3", see `plans.activity_number`.

    `ending` is the programme's decision, with its day and a sentence; what agencies report is the `status`. It is blank
    while the activity goes on.

    `as_printed` keeps the six cells of the published row, {key of `PRINTED_HEADINGS`: text}; empty when the
    activity was not published.

    `programme_rating` is what the programme thinks of it, beside the status, which agencies report; the two never
    change each other.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="activities")
    number = NumberField()
    title = models.CharField(max_length=300, blank=True, help_text="Leave blank until the title is agreed.")
    description = models.TextField(blank=True, help_text="Enter sub-activities separately below.")
    focus_area = models.ForeignKey(FocusArea, on_delete=models.PROTECT, related_name="activities")
    priority_area = models.ForeignKey(PriorityArea, on_delete=models.PROTECT, related_name="activities")
    description_state = models.CharField(
        max_length=20, choices=DescriptionState.choices, default=DescriptionState.TO_BE_FINALISED
    )
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.NO_UPDATE)
    # As the status, it follows from what leads report: `plans.summaries.lead_positions`.
    leads_differ = models.BooleanField("leads differ", default=False, editable=False)
    starts_on = models.DateField("starts", null=True, blank=True, help_text="Leave blank while it is not known.")
    due_on = models.DateField("due", null=True, blank=True, help_text="Leave blank while it is not known.")
    programme_rating = models.CharField(
        max_length=20, choices=[(status.value, status.label) for status in REPORTABLE], blank=True
    )
    programme_rating_reason = models.CharField("reason for the programme rating", max_length=500, blank=True)
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True)
    ended_on = models.DateField("ended on", null=True, blank=True)
    ending_note = models.CharField("note on its ending", max_length=500, blank=True)
    as_printed = models.JSONField(default=dict, blank=True, editable=False)
    withdrawn_on = models.DateField(
        "withdrawn", null=True, blank=True, help_text="From this date it will not appear in lists. Its history is kept."
    )
    agencies: "models.ManyToManyField[Agency, ActivityAgency]" = models.ManyToManyField(
        Agency, through="ActivityAgency", related_name="activities"
    )
    search_text = FoldedTextField(sources=["title", "description"])

    history = IndexedRecords(excluded_fields=["search_text"])
    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "number"]
        verbose_name_plural = "activities"
        # Without the plan, SQLite looks through a focus area in all plans.
        indexes = [
            models.Index(fields=["plan", "focus_area", "number"], name="activity_in_focus_area"),
            models.Index(fields=["plan", "number"], name="activity_in_plan"),
        ]
        constraints = [
            # In any letters: 4a and 4A are one.
            models.UniqueConstraint(
                "plan",
                Lower("number"),
                name="activity_number_unique_in_plan",
                violation_error_message="There is already an activity with this number.",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="activity_number_from_one",
                violation_error_message="Activities are numbered from 1.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values),
                name="activity_status_known",
                violation_error_message="Choose one of the statuses.",
            ),
            models.CheckConstraint(
                condition=Q(programme_rating__in=["", *REPORTABLE]),
                name="activity_programme_rating_known",
                violation_error_message="Choose one of the statuses as the rating.",
            ),
            models.CheckConstraint(
                condition=Q(programme_rating="", programme_rating_reason="")
                | (~Q(programme_rating="") & ~Q(programme_rating_reason="")),
                name="activity_programme_rating_with_reason",
                violation_error_message="A programme rating comes with its reason, and a reason with its rating.",
            ),
            models.CheckConstraint(
                condition=Q(description_state__in=DescriptionState.values),
                name="activity_description_state_known",
                violation_error_message="A description is finalised or to be finalised.",
            ),
            models.CheckConstraint(
                condition=Q(description_state=DescriptionState.TO_BE_FINALISED) | ~Q(description=""),
                name="activity_finalised_has_description",
                violation_error_message="Enter a description before you finalise it.",
            ),
            models.CheckConstraint(
                condition=Q(ending__in=["", *Ending.values]),
                name="activity_ending_known",
                violation_error_message="Choose one of the endings.",
            ),
            models.CheckConstraint(
                condition=Q(ending="", ended_on__isnull=True, ending_note="")
                | Q(~Q(ending=""), ~Q(ending_note=""), ended_on__isnull=False),
                name="activity_ended_with_day_and_note",
                violation_error_message=ENDING_INCOMPLETE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}" if self.title else self.name

    def get_absolute_url(self) -> str:
        """Return the activity's page."""
        return reverse("plans:activity", args=[self.plan.slug, self.number])

    def natural_key(self) -> tuple[str, Number]:
        """Return the key that fixtures use."""
        return (self.plan.slug, self.number)

    natural_key.dependencies = ["plans.plan"]  # type: ignore[attr-defined]  # Django's way

    @property
    def name(self) -> str:
        """The title, or what stands for it while there is none."""
        return name_of_activity(self.number, self.title)

    @property
    def is_to_be_finalised(self) -> bool:
        """Whether the description is not agreed yet."""
        return self.description_state == DescriptionState.TO_BE_FINALISED

    @property
    def has_ended(self) -> bool:
        """Whether the programme has said how it ended."""
        return self.ending != ""

    @property
    def owes_updates(self) -> bool:
        """Whether rounds wait for updates on it, and its due date counts: what `owes_updates()` of the query asks."""
        return owes_updates(self.status, self.ending)

    @property
    def status_choice(self) -> Status:
        """The status as a member of `Status`, which knows its shape and meaning."""
        return Status(self.status)

    @property
    def rating_choice(self) -> Status | None:
        """The programme's rating as a member of `Status`; None without one."""
        return Status(self.programme_rating) if self.programme_rating else None

    @property
    def is_rating_different(self) -> bool:
        """Whether the programme rates it otherwise than its status says."""
        return self.programme_rating not in ("", self.status)

    @property
    def lead_links(self) -> list["ActivityAgency"]:
        """Links to the agencies that lead, in printed order. No query after `with_agencies()`."""
        return [link for link in self.agency_links.all() if link.role == Role.LEAD]

    @property
    def support_links(self) -> list["ActivityAgency"]:
        """Links to the agencies that support, in printed order. No query after `with_agencies()`."""
        return [link for link in self.agency_links.all() if link.role == Role.SUPPORT]

    @property
    def printed_cells(self) -> list[tuple[str, str]]:
        """The published row as [(heading, text)] in printed order; empty when there was none."""
        return [(heading, self.as_printed[key]) for key, heading in PRINTED_HEADINGS.items() if key in self.as_printed]


class ActivityAgency(models.Model):
    """An agency's part in an activity: it leads or it supports, not both."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="agency_links")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="activity_links")
    role = models.CharField(max_length=10, choices=Role.choices)
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in which agencies are listed.")

    history = IndexedRecords()
    objects = ActivityAgencyQuerySet.as_manager()

    class Meta:
        ordering = ["role", "position", "pk"]
        verbose_name = "agency"
        verbose_name_plural = "lead and support agencies"
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "agency"],
                name="activityagency_unique",
                violation_error_message="The agency is already on this activity. It can lead or support, not both.",
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="activityagency_role_known",
                violation_error_message="An agency leads or supports.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} ({self.get_role_display().lower()})"

    def natural_key(self) -> tuple[str, Number, str]:
        """Return the key that fixtures use."""
        return (*self.activity.natural_key(), self.agency.code)

    natural_key.dependencies = ["plans.activity", "plans.agency"]  # type: ignore[attr-defined]  # Django's way


class SubActivity(models.Model):
    """One item inside an activity's description, which can be due and done. It is withdrawn, not deleted.

    `agency` is the one that is responsible for it; who may tick it does not depend on that.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="sub_activities")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()
    footnote = models.TextField(blank=True)
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        related_name="sub_activities",
        null=True,
        blank=True,
        verbose_name="responsible agency",
    )
    due_on = models.DateField("due", null=True, blank=True)
    is_done = models.BooleanField("done", default=False)
    done_on = models.DateField("done on", null=True, blank=True)
    withdrawn_on = models.DateField("withdrawn", null=True, blank=True)
    search_text = FoldedTextField(sources=["text", "footnote"])

    history = IndexedRecords(excluded_fields=["search_text"])
    objects = SubActivityQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "sub-activities"
        verbose_name = "sub-activity"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_done=False, done_on__isnull=True) | Q(is_done=True, done_on__isnull=False),
                name="subactivity_done_with_date",
                violation_error_message="Enter the date done, or untick Done.",
            ),
            models.CheckConstraint(
                condition=~Q(text=""), name="subactivity_not_blank", violation_error_message="Enter the sub-activity."
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, Number, int]:
        """Return the key that fixtures use."""
        return (*self.activity.natural_key(), self.position)

    natural_key.dependencies = ["plans.activity"]  # type: ignore[attr-defined]  # Django's way
