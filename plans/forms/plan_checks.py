"""The form with which a programme admin accepts a plan check for a while."""

from django import forms

from plans.forms.rounds import WRONG_DAY, DayInput


class AcceptCheckForm(forms.Form):
    """Why an activity may fail a check, and until when."""

    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="For example, The board decides in May. Everyone who is signed in can read it.",
        error_messages={"required": "Enter the reason."},
    )
    until = forms.DateField(
        label="Until",
        widget=DayInput,
        help_text="After this day the check needs attention again, if it still fails.",
        error_messages={"required": "Enter the last day.", "invalid": WRONG_DAY},
    )
