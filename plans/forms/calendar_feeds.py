"""The form that makes a calendar feed."""

from django import forms

from plans.choices import FeedKind
from plans.text import one_line


class CalendarFeedForm(forms.Form):
    """A name; what the feed holds stands in the address that the form is at."""

    name = forms.CharField(label="Name", max_length=80)
    kind = forms.ChoiceField(choices=FeedKind.choices, widget=forms.HiddenInput)
    plan = forms.SlugField(required=False, widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def clean_name(self):
        """Return the name on one line."""
        name = one_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("Enter a name.")
        return name
