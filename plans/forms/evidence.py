"""The form that adds a link to evidence to an activity."""

from django import forms

from plans.web_links import LONGEST, LONGEST_LABEL


class EvidenceForm(forms.Form):
    """An address and what it is called. The action reads them, and says what is wrong."""

    address = forms.CharField(
        label="Web address",
        max_length=LONGEST,
        help_text="It begins with https://. Everyone who can read the plan can see it.",
        widget=forms.URLInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    label = forms.CharField(
        label="Label",
        max_length=LONGEST_LABEL,
        required=False,
        help_text="For example Evaluation report. Do not name whānau, clients or gang members.",
    )
