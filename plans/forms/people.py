"""The forms with which people are invited, and with which what they report for is changed."""

from django import forms

from plans.choices import AgencyKind
from plans.forms.agency_choice import rows_to_tick
from plans.models import COMMAND_LINE_EMAIL, Agency, User
from plans.permissions import PersonAction, can_act_on

MOST_DIGITS = 18
WHOLE_ADDRESS = "Enter an email address, for example name@agency.govt.nz."


class AgenciesField(forms.ModelMultipleChoiceField):
    """Agencies by their ids. One longer than any id is refused as unknown: the database could not even look for it."""

    def clean(self, value):
        """Return the agencies, as a queryset; raises `ValidationError` for an unknown id."""
        for one in value or ():
            if len(str(one)) > MOST_DIGITS:
                raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": str(one)[:40]})
        return super().clean(value)


class InvitationForm(forms.Form):
    """Whom to invite, and to which agencies; for a superuser also whether as a programme admin."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="Their work address. It is how they sign in.",
        error_messages={"required": WHOLE_ADDRESS, "invalid": WHOLE_ADDRESS},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label="Name shown to others",
        max_length=150,
        help_text="For example, Police updater. People who already have an account keep their name.",
        error_messages={"required": "Enter the name shown to others, for example Police updater."},
    )
    agencies = AgenciesField(
        label="Agencies they report for",
        queryset=Agency.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They can add updates on activities these agencies lead. Leave blank for read-only access.",
    )
    is_programme_admin = forms.BooleanField(
        label="Programme admin",
        required=False,
        help_text="Can edit plans, run reporting rounds, add people and add updates for any agency.",
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        # Nobody works for “all agencies”: who belongs to a group is a setting of the group.
        self.fields["agencies"].queryset = Agency.objects.unmerged().exclude(kind=AgencyKind.GROUP)
        self.by = by
        if not by.is_superuser:
            del self.fields["is_programme_admin"]

    @property
    def agency_rows(self):
        """The agencies to tick, as [(agency, whether it is chosen)]."""
        return rows_to_tick(self["agencies"])

    def clean_email(self):
        """Return the address in lower case: nobody's yet, or of an open account that the inviting person may change."""
        email = self.cleaned_data["email"].lower()
        person = User.objects.filter(email=email).first()
        if not can_act_on(self.by, person, PersonAction.INVITE):
            raise forms.ValidationError(f"{person} already has an account. Only a superuser can change it.")
        if email == COMMAND_LINE_EMAIL:
            raise forms.ValidationError("This address belongs to the command line. Enter a person's address.")
        if person and not person.is_active:
            raise forms.ValidationError("The account of this person is closed. Reopen it first, on their page.")
        return email


class MembershipForm(forms.Form):
    """The agencies that a person is to report for as well."""

    agency = AgenciesField(
        label="Add agencies",
        queryset=Agency.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="They can then add updates on activities these agencies lead.",
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        agencies = Agency.objects.unmerged().exclude(kind=AgencyKind.GROUP)
        self.fields["agency"].queryset = agencies.exclude(pk__in=Agency.objects.of_member(person).values("pk"))

    @property
    def agency_rows(self):
        """The agencies to tick, as [(agency, whether it is chosen)]."""
        return rows_to_tick(self["agency"])
