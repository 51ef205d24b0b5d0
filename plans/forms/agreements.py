"""The form in which an agency says to the update of another one that it agrees, or sees it differently."""

from django import forms

from plans.forms.updates import Text

AGREE, DIFFER, TAKE_BACK = "agree", "differ", "take_back"
ANSWERS = [(AGREE, "We agree"), (DIFFER, "We see it differently"), (TAKE_BACK, "Take our answer back")]
"""The buttons, as [(value, label)]."""
CHOOSE = "Choose “We agree” or “We see it differently”."
HOW = "Enter in a sentence how your agency sees it."
NOTHING_GIVEN = "Your agency has not answered this update, so there is nothing to withdraw."


class AgreementForm(forms.Form):
    """An answer. `agencies` are those the person may answer for, `given` the answers that stand, {agency id: it}."""

    agency = forms.ChoiceField(label="Agency")
    words = forms.CharField(label="In a sentence", widget=Text, required=False, max_length=1000)
    answer = forms.ChoiceField(choices=ANSWERS, error_messages={"required": CHOOSE, "invalid_choice": CHOOSE})

    def __init__(self, data=None, *, agencies, given):
        super().__init__(data)
        self.agencies, self.given = {str(one.pk): one for one in agencies}, given
        self.fields["agency"].choices = [(key, str(agency)) for key, agency in self.agencies.items()]
        self.fields["agency"].required = self.has_agency_choice
        if not self.has_agency_choice:
            self.initial["words"] = next((one.words for one in given.values()), "")

    @property
    def has_agency_choice(self):
        """Whether the person has to say for whom they answer."""
        return len(self.agencies) > 1

    @property
    def buttons(self):
        """The buttons, as [(value, label)]; an answer can be taken back where one stands."""
        return ANSWERS if self.given else ANSWERS[:2]

    def clean_agency(self):
        """Return the agency that answers."""
        return self.agencies[self.cleaned_data["agency"] or next(iter(self.agencies))]

    def clean(self):
        """Return the answer; one that differs says how."""
        cleaned = super().clean()
        agency, answer = cleaned.get("agency"), cleaned.get("answer")
        if answer == DIFFER and "words" in cleaned and not cleaned["words"]:
            self.add_error("words", HOW)
        if answer == TAKE_BACK and agency and agency.pk not in self.given:
            self.add_error(None, NOTHING_GIVEN)
        return cleaned
