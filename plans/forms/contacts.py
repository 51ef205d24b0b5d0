"""The form of the contact of an agency for a plan."""

from plans.forms.merging import MergingForm
from plans.models import AgencyContact


class ContactForm(MergingForm):
    """A role and a work email; both blank remove the contact."""

    class Meta:
        model = AgencyContact
        fields = ("role", "email")
        labels = {"role": "Role", "email": "Work email"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
        self.fields["email"].widget.attrs["autocomplete"] = "off"

    def clean(self):
        """Return the values: both or none of them."""
        cleaned = super().clean()
        role, email = (cleaned.get(name, "-") for name in ("role", "email"))
        if email and not role:
            self.add_error("role", "Enter the role, or clear the email to remove the contact.")
        if role and not email:
            self.add_error("email", "Enter the work email, or clear the role to remove the contact.")
        return cleaned

    @property
    def is_removal(self):
        """Whether a valid form was sent blank."""
        return not (self.cleaned_data["role"] or self.cleaned_data["email"])
