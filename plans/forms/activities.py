"""The page on which programme admins edit an activity: its own values, its agencies and its sub-activities."""

from django import forms
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.utils.text import Truncator

from plans.choices import DescriptionState, Role
from plans.forms.agency_choice import AGENCY_FIELDS, AgencyListMixin, AgencyListWidget, AgencyNamesField
from plans.forms.merging import MergingForm, ReasonedForm, reason_field
from plans.models import Activity, ActivityAgency, Agency, SubActivity
from plans.text import one_line

BLANK = "Enter a description before you finalise it."
UNSEEN = "Someone else changed the description after you opened this page. Read it, then finalise it."
DUE_BEFORE_START = "The due date is before the start date."
PRIVACY = "Do not name whānau, clients or gang members. Everyone who can read the plan can read this."


class ActivityEditForm(AgencyListMixin, MergingForm):
    """What an activity is and who does it. The status is not here: it follows from updates.

    `agencies` are all that can be chosen, with their aliases; the instance has to be fetched `with_agencies()`.
    """

    leads = AgencyNamesField(label="Lead agencies", required=False, widget=AgencyListWidget(Role.LEAD))
    supports = AgencyNamesField(label="Support agencies", required=False, widget=AgencyListWidget(Role.SUPPORT))
    reason = forms.CharField(
        label="Reason for change",
        max_length=500,
        help_text="Shown in the history to everyone who can see this activity.",
    )
    unmerged = ("reason",)

    class Meta:
        model = Activity
        fields: tuple[str, ...] = (
            *("title", "description", "description_state", "focus_area", "priority_area"),
            *("starts_on", "due_on"),
        )
        widgets = {
            "description": forms.Textarea(attrs={"rows": 7}),
            "description_state": forms.RadioSelect,
            **{name: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}) for name in ("starts_on", "due_on")},
        }

    field_order = (*Meta.fields, "leads", "supports", "reason", "version")

    def __init__(self, *args, agencies, find, **kwargs):
        """Show the `agencies`, those on the activity first; `find` returns the agency of a name."""
        super().__init__(*args, **kwargs)
        links = ([], []) if self.instance.pk is None else (self.instance.lead_links, self.instance.support_links)
        self.set_agencies(agencies, find, dict(zip(AGENCY_FIELDS, links, strict=True)))
        self.fields["description"].help_text += f" {PRIVACY}"
        for name in ("focus_area", "priority_area"):
            self.fields[name].empty_label = None

    def clean_title(self):
        """Return the title as it is kept."""
        return one_line(self.cleaned_data["title"])

    def clean(self):
        """Return the values, if the activity can take them together."""
        cleaned = super().clean()
        refuse_blank(self, cleaned)
        refuse_due_before_start(self, cleaned)
        if "leads" in cleaned and "supports" in cleaned:
            for agency in self.fields["leads"].agencies:
                if agency in self.fields["supports"].agencies:
                    self.add_error("supports", f"{agency} is already a lead agency. Choose one role for it.")
        return cleaned

    def records_about(self, name):
        """Return the historical records that tell of a field; those of agencies are records of links."""
        if name not in AGENCY_FIELDS:
            return super().records_about(name)
        records = ActivityAgency.history.select_related("history_user")
        return records.filter(activity=self.instance.pk, role=AGENCY_FIELDS[name])

    @property
    def agencies(self):
        """The agencies by role, {Role: [Agency]}, of a valid form; None when saving would change none."""
        if not {"leads", "supports"} & set(self.changed_data):
            return None
        return {role: self.fields[name].agencies for name, role in AGENCY_FIELDS.items()}

    @property
    def changed_columns(self):
        """The names of the activity's own columns that saving changes."""
        return [name for name in self.Meta.fields if name in self.changed_data]


class NewActivityForm(ActivityEditForm):
    """An activity that is added to the plan of the instance; its number is the next one unless another is entered."""

    class Meta(ActivityEditForm.Meta):
        fields = ("number", *ActivityEditForm.Meta.fields)
        widgets = {
            **ActivityEditForm.Meta.widgets,
            "focus_area": forms.RadioSelect,
            "priority_area": forms.RadioSelect,
        }
        error_messages = {
            "number": {"required": "Enter a number, for example 7, 1.10, 4a or S-3."},
            "focus_area": {"required": "Choose a focus area."},
            "priority_area": {"required": "Choose a priority area."},
        }

    field_order = (*Meta.fields, "leads", "supports", "reason")

    def __init__(self, *args, **kwargs):
        """Suggest the next free number, where they are whole."""
        super().__init__(*args, **kwargs)
        self.initial["number"] = self.instance.plan.activities.next_number()
        self.fields["number"].help_text = "Used in web addresses. Cannot be changed later."
        self.fields["reason"].required = False
        self.fields["reason"].help_text = "Shown in the history. Leave blank for “Activity added”."

    def clean_number(self):
        """Return the number; raises `ValidationError` when the plan has an activity of that number."""
        number = self.cleaned_data["number"]
        activities = self.instance.plan.activities
        if taken := activities.numbered(str(number)).first():
            following = activities.next_number()
            free = f" The next free number is {following}." if following else ""
            raise forms.ValidationError(f"There is already an activity {taken.number} in this plan.{free}")
        return number


class SubActivityForm(MergingForm):
    """An item of the description."""

    class Meta:
        model = SubActivity
        fields = ("text", "footnote", "agency", "due_on", "is_done", "done_on", "withdrawn_on")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 2}),
            "footnote": forms.Textarea(attrs={"rows": 1}),
            **{name: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}) for name in ("due_on", "done_on")},
            "withdrawn_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        labels = {"text": "Sub-activity", "agency": "Responsible agency", "withdrawn_on": "Withdrawn on"}

    def __init__(self, *args, agencies=None, **kwargs):
        """Offer `agencies`, which are fetched once for all items; without them, as for the empty form, none."""
        super().__init__(*args, **kwargs)
        field = self.fields["agency"]
        field.queryset = Agency.objects.unmerged()
        field.choices = [("", "None"), *((agency.pk, agency.name) for agency in agencies or ())]

    def label_of(self, name):
        """Return which item it is, and which field of it."""
        return f"{super().label_of(name)} (sub-activity “{Truncator(self.initial['text']).chars(40)}”)"

    def clean(self):
        """Return the values; one that is done needs its day."""
        cleaned = super().clean()
        if cleaned.get("is_done") and "done_on" in cleaned and not cleaned["done_on"]:
            self.add_error("done_on", "Enter the date it was done.")
        if cleaned.get("done_on") and not cleaned.get("is_done"):
            self.add_error("is_done", "Tick “Done”, or clear the date.")
        return cleaned


class SubActivitySet(BaseInlineFormSet):
    """The items of an activity, with empty ones for new items."""

    def changed_items(self):
        """Return the rows to save, the new ones at the end of the list. Call it on a valid set."""
        rows = self.save(commit=False)
        last = max((form.instance.position for form in self.initial_forms), default=0)
        for position, row in enumerate((row for row in rows if row.pk is None), start=last + 1):
            row.position = position
        return rows


SubActivityFormSet = inlineformset_factory(
    Activity, SubActivity, form=SubActivityForm, formset=SubActivitySet, extra=1, can_delete=False
)


class FinaliseForm(ReasonedForm):
    """The wording of a description that is to be finalised.

    What a colleague changed meanwhile is not finalised unseen: the form shows it first, and `is_crossed` says so.
    """

    reason = reason_field("Shown in the history. Leave blank for “Description finalised”.")

    class Meta:
        model = Activity
        fields = ("description",)
        widgets = {"description": forms.Textarea(attrs={"rows": 7})}

    def __init__(self, *args, **kwargs):
        """Warn against names beside the description."""
        super().__init__(*args, **kwargs)
        self.fields["description"].help_text = PRIVACY

    def clean(self):
        """Return the values, if the person has seen the wording and it is not blank."""
        cleaned = super().clean()
        if "description" in self._theirs and not self._takes_theirs("description"):
            self._show_newest()
            self.add_error("description", UNSEEN)
        elif not self.conflicts and not (cleaned.get("description") or "").strip():
            self.add_error("description", BLANK)
        return cleaned


class ReasonForm(forms.Form):
    """Why an activity is to be withdrawn, brought back, or what it was in an earlier version."""

    reason = forms.CharField(
        label="Reason for change",
        max_length=500,
        help_text="Shown in the history to everyone who can see this activity.",
    )


def refuse_blank(form, cleaned):
    """Add an error to the form of an activity when it would finalise a blank description."""
    description = cleaned.get("description", form.instance.description) or ""
    if cleaned.get("description_state") == DescriptionState.FINALISED and not description.strip():
        form.add_error("description_state", BLANK)


def refuse_due_before_start(form, cleaned):
    """Add an error to the form of an activity that would be due before it starts."""
    starts_on, due_on = (cleaned.get(name, getattr(form.instance, name)) for name in ("starts_on", "due_on"))
    if starts_on and due_on and due_on < starts_on:
        form.add_error("due_on", DUE_BEFORE_START)
