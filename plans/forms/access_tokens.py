"""The form in which someone makes an access token."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from plans.models import AccessToken
from plans.permissions import visible_plans

SUGGESTED_DAYS = 180


class TokenForm(forms.ModelForm):
    """What the token is for, which plan it may read, and until when it works; half a year is suggested."""

    class Meta:
        model = AccessToken
        fields = ("name", "plan", "ends_on")
        labels = {"name": "What is it for?", "plan": "Plan", "ends_on": "Works until"}
        help_texts = {"name": "For example, Power BI report.", "ends_on": "A year from now at most."}
        error_messages = {
            "name": {"required": "Enter what it is for."},
            "ends_on": {"required": "Choose the last day.", "invalid": "Enter a day, for example 2027-06-30."},
        }
        widgets = {"ends_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["plan"].queryset = visible_plans(person)
        self.fields["plan"].empty_label = "All plans that I can see"
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.initial.setdefault("ends_on", timezone.localdate() + timedelta(days=SUGGESTED_DAYS))

    def clean_name(self):
        """Refuse the name of a token that works: so a page that is sent again makes no second one."""
        name = self.cleaned_data["name"]
        if self.person.access_tokens.live(timezone.localdate()).filter(name__iexact=name).exists():
            raise forms.ValidationError(f"You have a token called “{name}”. End that one, or enter another name.")
        return name
