"""The forms with which programme admins merge an agency into another one."""

from django import forms
from django.utils.timezone import localdate

from plans.forms.rounds import DayInput
from plans.models import Agency


class ChooseAgenciesForm(forms.Form):
    """Which agency is merged into which, by code."""

    merged = forms.ChoiceField(label="Agency that ends")
    into = forms.ChoiceField(label="Merge it into", help_text="The agency that goes on.")

    def __init__(self, *args, **kwargs):
        """Offer all agencies that are not merged yet."""
        super().__init__(*args, **kwargs)
        choices = [("", "Choose an agency"), *((one.code, one.label) for one in Agency.objects.unmerged())]
        for field in self.fields.values():
            field.choices = choices
            field.error_messages = {
                "required": "Choose an agency.",
                "invalid_choice": "There is no such agency, or it has been merged already. Choose one from the list.",
            }


class UndoMergeForm(forms.Form):
    """Why a merge is undone."""

    reason = forms.CharField(label="Reason for change", max_length=300, help_text="Shown in the history.")


class MergeForm(forms.Form):
    """When the agency ended, and why it is merged; `fingerprint` is of what was shown."""

    on = forms.DateField(label="Last day", widget=DayInput, help_text="The last day on which the agency existed.")
    reason = forms.CharField(
        label="Reason for change",
        max_length=300,
        help_text="For example, Disestablished by the Pae Ora Amendment Act 2024. Shown in the history.",
        error_messages={"required": "Enter the reason, which the history shows."},
    )
    fingerprint = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_on(self):
        """Return the day; raises `ValidationError` for one to come, since everything moves now."""
        on = self.cleaned_data["on"]
        if on > localdate():
            raise forms.ValidationError("Enter today or an earlier day. Everything moves when you merge.")
        return on
