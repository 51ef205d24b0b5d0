"""The form in which programme admins say how an activity ended."""

from django import forms
from django.utils.timezone import get_default_timezone, localdate

from plans.choices import Ending, Status
from plans.forms.activities import PRIVACY
from plans.forms.merging import VERSION, MergingForm
from plans.models import Activity
from plans.text import one_line

IN_THE_FUTURE = "This day is in the future. Enter today or an earlier day."
MISSING = {
    "ending": "Choose how it ended.",
    "ended_on": "Enter the day on which it ended.",
    "ending_note": "Enter a sentence about how it ended.",
}


class EndingForm(MergingForm):
    """How an activity ended, on which day, and a sentence about it: all of it is needed.

    Where an activity that its leads report complete has not ended yet, delivered today is suggested.
    """

    class Meta:
        model = Activity
        fields = ("ending", "ended_on", "ending_note")
        labels = {"ending": "How it ended", "ended_on": "When it ended", "ending_note": "Note"}
        help_texts = {
            "ending_note": "One sentence for everyone who can read the plan. For example, what was achieved, why it "
            f"stopped, or which plan it goes on in. {PRIVACY}",
        }
        widgets = {
            "ending": forms.RadioSelect,
            "ended_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "ending_note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        """Offer each ending with what it means."""
        super().__init__(*args, **kwargs)
        self.has_ended = self.instance.has_ended
        self.fields["ending"].choices = [(one.value, f"{one.label}. {one.meaning}") for one in Ending]
        for name, sentence in MISSING.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence

    def get_initial_for_field(self, field, field_name):
        """Return what the field begins with: what is saved, or what is likely."""
        if self.instance.has_ended or self.is_bound or field_name == VERSION:
            return super().get_initial_for_field(field, field_name)
        likely = {"ended_on": localdate(timezone=get_default_timezone())}
        if self.instance.status == Status.COMPLETE:
            likely["ending"] = Ending.DELIVERED.value
        return likely.get(field_name, "")

    def clean_ended_on(self):
        """Return the day. Raises `ValidationError` for one in the future."""
        day = self.cleaned_data["ended_on"]
        if is_in_the_future(day):
            raise forms.ValidationError(IN_THE_FUTURE)
        return day

    def clean_ending_note(self):
        """Return the sentence on one line, as it is kept."""
        return one_line(self.cleaned_data["ending_note"])

    def clean(self):
        """Return the values, merged with those of now; a colleague may have brought the activity back meanwhile."""
        cleaned = super().clean()
        blank = [name for name in MISSING if name not in self.errors and not cleaned.get(name)]
        if blank and self._theirs:
            self._show_newest()
        for name in blank:
            self.add_error(name, MISSING[name])
        return cleaned


def is_in_the_future(day):
    """Return whether a day has not come yet where the programme is; false for None."""
    return day is not None and day > localdate(timezone=get_default_timezone())


def refuse_half_an_ending(form, cleaned):
    """Add an error to the form of an activity that would have ended in part only, or on a day in the future."""
    given = {name: cleaned.get(name, getattr(form.instance, name)) for name in MISSING}
    for name, value in given.items():
        if any(given.values()) and not value:
            form.add_error(name, MISSING[name])
    if is_in_the_future(cleaned.get("ended_on")):
        form.add_error("ended_on", IN_THE_FUTURE)
