"""The forms with which programme admins open and change a reporting round."""

from django import forms
from django.utils import timezone


class DayInput(forms.DateInput):
    """The browser's own calendar, which wants the year first whatever the site writes."""

    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class RoundForm(forms.Form):
    """What a round is called, and until when its updates are due."""

    name = forms.CharField(label="Name", max_length=60, help_text="For example, December 2026 quarter.")
    due_on = forms.DateField(label="Due date", widget=DayInput, help_text="Updates after this date are overdue.")

    def refuse(self, error):
        """Show a `ValidationError` of an action at the fields that it names."""
        for name, problems in getattr(error, "error_dict", {"__all__": [error]}).items():
            self.add_error(name if name in self.fields else None, problems)


class NewRoundForm(RoundForm):
    """A new round. It counts updates from now on, so that a due date that has passed would make all of them late."""

    def clean_due_on(self):
        """Refuse a day that has passed."""
        day = self.cleaned_data["due_on"]
        if day < timezone.localdate():
            raise forms.ValidationError("Enter today or a later date.")
        return day
