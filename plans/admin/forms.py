"""The forms in which programme admins edit activities."""

from django import forms
from django.utils.functional import cached_property

from plans.choices import DescriptionState, Status
from plans.models import Activity

BLANK = "A blank description cannot be finalised. Write it first."


class ActivityRowForm(forms.ModelForm):
    """An activity in the list: its status and the state of its description.

    Each value remembers what it was when the list was opened, so that only what the person changed is saved
    and nothing that a colleague changed meanwhile is put back.
    """

    class Meta:
        model = Activity
        fields = ("status", "description_state")

    def __init__(self, *args, **kwargs):
        """Let the page carry the values that it showed."""
        super().__init__(*args, **kwargs)
        for name in self.Meta.fields:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True

    @cached_property
    def changed_data(self):
        """The names of what the person changed, and what is not so already."""
        return [name for name in super().changed_data if self[name].data != self.initial.get(name)]

    def clean(self):
        """Answer the values, if no one else changed them meanwhile and the activity can take them."""
        cleaned = super().clean()
        for name in self.changed_data:
            if name in self.Meta.fields and name in cleaned:
                self._refuse_overwriting(name)
        _refuse_blank(self, cleaned)
        _refuse_going_back(self, cleaned)
        return cleaned

    def _refuse_overwriting(self, name):
        shown, now = self[name].field, self.initial[name]
        seen = shown.to_python(shown.hidden_widget().value_from_datadict(self.data, {}, self.add_initial_prefix(name)))
        if seen and seen != now and self.cleaned_data[name] != now:
            label = dict(shown.choices)[now]
            self.add_error(name, f"A colleague set this to “{label}” meanwhile. Load the list again to change it.")


class ActivityForm(forms.ModelForm):
    """An activity with the reason for a change, and a memory of what its editor saw."""

    reason = forms.CharField(
        label="Reason for this change",
        required=False,
        max_length=100,
        help_text="Kept in the history. Where the status changes, readers see it with the update.",
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Activity
        fields = (
            "plan",
            "number",
            "title",
            "description",
            "description_state",
            "focus_area",
            "priority_area",
            "status",
            "withdrawn_on",
        )
        widgets = {"title": forms.TextInput(attrs={"class": "vLargeTextField"})}

    def __init__(self, *args, **kwargs):
        """Remember the version that the page shows."""
        super().__init__(*args, **kwargs)
        if "description" in self.fields:
            self.fields[
                "description"
            ].help_text += " Do not name whānau, clients or gang members: everyone who reads the plan reads this."
        if self.instance.pk and "seen_version" in self.fields:
            self.fields["seen_version"].initial = self._version()

    def clean(self):
        """Answer the values, unless somebody saved the activity after this page was opened."""
        cleaned = super().clean()
        _refuse_blank(self, cleaned)
        _refuse_going_back(self, cleaned)
        seen, now = cleaned.get("seen_version"), self._version() if self.instance.pk else None
        if seen and now and seen != now:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen_version")] = str(now)
            latest = self.instance.history.first()
            raise forms.ValidationError(
                f"{latest.history_user or 'Somebody'} saved this activity after you opened it, so nothing is saved "
                "yet. What you typed is still here. Look at the history; to put your values in place of theirs, "
                "save again."
            )
        return cleaned

    def _version(self):
        return self.instance.history.values_list("pk", flat=True).first()


def _refuse_blank(form, cleaned):
    description = cleaned.get("description", form.instance.description) or ""
    if cleaned.get("description_state") == DescriptionState.FINALISED and not description.strip():
        form.add_error("description_state", BLANK)


def _refuse_going_back(form, cleaned):
    if "status" in form.changed_data and form.instance.pk and cleaned.get("status") == Status.NO_UPDATE:
        form.add_error("status", f"“{Status.NO_UPDATE.label}” is how an activity begins. Choose another status.")
