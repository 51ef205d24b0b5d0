"""The forms in which programme admins edit activities, and add what is known by a code."""

from django import forms
from django.db import models

from plans.actions.reporting_rules import WHY_SET
from plans.choices import Status
from plans.forms.activities import PRIVACY, ActivityEditForm, refuse_blank, refuse_due_before_start
from plans.forms.codes import CodeField, MadeCodeMixin
from plans.forms.endings import refuse_half_an_ending
from plans.forms.merging import MergingForm, ReasonedForm, reason_field
from plans.forms.ratings import refuse_half_a_rating
from plans.models import Activity
from plans.text import one_line

CODE_FIELDS = {models.SlugField: {"form_class": CodeField}}


class CodedForm(MadeCodeMixin, MergingForm):
    """Something known by a code, which is made of its name when it is left blank."""


class FocusAreaForm(CodedForm):
    """A focus area, which has no other name than its statement."""

    made_of = "statement"


class PlanRecordForm(CodedForm):
    """A plan, which is known by its short name in addresses."""

    code_name, made_of = "slug", "short_name"


class ActivityRowForm(MergingForm):
    """An activity in the list: its status, why it is set, and the state of its description."""

    reason = forms.CharField(
        label="Why the status is set",
        initial="",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"size": 20, "aria-label": "Why the status is set"}),
    )
    unmerged = ("reason",)

    class Meta:
        model = Activity
        fields = ("status", "description_state")

    def clean(self):
        """Return the values, if the activity can take them."""
        cleaned = super().clean()
        refuse_blank(self, cleaned)
        _refuse_going_back(self, cleaned)
        _refuse_status_without_reason(self, cleaned)
        if cleaned.get("reason") and "status" not in self.changed_data:
            self.add_error("reason", "Choose another status, or clear this reason.")
        return cleaned

    def tell(self, conflict):
        """Return what the row says of a conflict; it has no room for more than a sentence."""
        if conflict.original is None:
            return super().tell(conflict)
        return (
            f"{conflict.by or 'Someone else'} changed this from “{conflict.original}” to “{conflict.theirs}” "
            "in the meantime, so nothing is saved yet. "
            f"Save again for “{conflict.yours}”, or choose “{conflict.theirs}”."
        )


class ActivityForm(ReasonedForm):
    """An activity with the reason for a change."""

    reason = reason_field(
        "Shown in the history. To change the status, enter why: readers see it with the update.",
        label="Reason for this change",
    )

    class Meta:
        model = Activity
        fields = (
            *("plan", "number", *ActivityEditForm.Meta.fields, "status", "withdrawn_on"),
            *("programme_rating", "programme_rating_reason"),
            *("ending", "ended_on", "ending_note"),
        )
        widgets = {"title": forms.TextInput(attrs={"class": "vLargeTextField"})}

    def __init__(self, *args, **kwargs):
        """Warn against names beside the description."""
        super().__init__(*args, **kwargs)
        if "description" in self.fields:
            self.fields["description"].help_text += f" {PRIVACY}"

    def clean_title(self):
        """Return the title as it is kept."""
        return one_line(self.cleaned_data["title"])

    def clean(self):
        """Return the values, if the activity can take them."""
        cleaned = super().clean()
        refuse_blank(self, cleaned)
        refuse_due_before_start(self, cleaned)
        refuse_move_without_reason(self, cleaned.get("reason"))
        _refuse_going_back(self, cleaned)
        _refuse_status_without_reason(self, cleaned)
        refuse_half_a_rating(self, cleaned)
        refuse_half_an_ending(self, cleaned)
        return cleaned


def _refuse_status_without_reason(form, cleaned):
    is_set = "status" in form.changed_data and cleaned.get("status") not in (None, "", Status.NO_UPDATE)
    if is_set and not (cleaned.get("reason") or "").strip():
        form.add_error("reason", WHY_SET)


def _refuse_going_back(form, cleaned):
    if "status" in form.changed_data and form.instance.pk and cleaned.get("status") == Status.NO_UPDATE:
        form.add_error("status", f"Choose a status. “{Status.NO_UPDATE.label}” is only for activities with no updates.")


def refuse_move_without_reason(form, reason):
    """Add an error to a form that would move or remove a due date that was set, unless there is a `reason`."""
    if "due_on" in form.changed_data and form.initial.get("due_on") and not (reason or "").strip():
        form.add_error("due_on", "Enter a reason for this change: the due date was set before.")
