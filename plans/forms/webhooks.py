"""The form that says where cards about a plan go, and about what."""

from django import forms

from plans.webhooks.addresses import LONGEST, AddressRefused, parse_address

EVENTS = {
    "off_track": "An activity goes off track",
    "escalated": "A barrier is escalated",
    "rounds": "A round opens or closes",
}


class WebhookForm(forms.Form):
    """An address, which is never shown again, the events, and whether cards go out."""

    # Its name keeps it out of what is kept of refused forms: see `plans.views.form_input`.
    address_token = forms.CharField(
        label="Address", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_on = forms.BooleanField(label="Send cards", required=False)
    off_track = forms.BooleanField(label=EVENTS["off_track"], required=False)
    escalated = forms.BooleanField(label=EVENTS["escalated"], required=False)
    rounds = forms.BooleanField(label=EVENTS["rounds"], required=False)

    def __init__(self, *args, has_address, **kwargs):
        super().__init__(*args, **kwargs)
        self.has_address, self.host = has_address, ""
        self.fields["address_token"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean_address_token(self):
        """Return the address, which may be blank where there is one already."""
        address = self.cleaned_data["address_token"].strip()
        if not address:
            if not self.has_address:
                raise forms.ValidationError("Enter the address that cards go to.")
            return ""
        try:
            self.host = parse_address(address).host
        except AddressRefused as refused:
            raise forms.ValidationError(str(refused)) from refused
        return address

    def clean(self):
        """Return the values; cards that are sent are about something."""
        cleaned = super().clean()
        if cleaned.get("is_on") and not any(cleaned.get(name) for name in EVENTS):
            self.add_error("off_track", "Choose at least one, or do not send cards.")
        return cleaned

    @property
    def wanted(self):
        """Which events a valid form asks for, as {column: whether}."""
        return {name: self.cleaned_data[name] for name in EVENTS}

    @property
    def event_fields(self):
        """The boxes of the events."""
        return [self[name] for name in EVENTS]
