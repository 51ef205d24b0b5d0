"""The forms with which people sign in and mind their password."""

from allauth.account import forms as account
from django import forms

from plans.actions.people import note_password_link
from plans.ways_to_sign_in import providers

NEW_PASSWORD = (
    "At least 12 characters. Three random words work well. Do not use your name, email address, agency or a "  # noqa: S105
    "common password."
)


ADDRESS = "Enter your email address."


def first_sign_in_form(request, address=""):
    """Return the form with which sign-in begins: the address alone where a provider may be found by it."""
    initial = {"login": address}
    return AddressForm(initial=initial) if providers() else SignInForm(initial=initial, request=request)


class AddressForm(forms.Form):
    """The email address by whose domain a provider is found. Nobody is looked for."""

    login = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": ADDRESS, "invalid": ADDRESS},
    )


class SignInForm(account.LoginForm):
    """An email address and a password. Its errors never tell whether someone has that address."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe(self, "login", "Email address", "username")
        _describe(self, "password", "Password", "current-password")


class ChangePasswordForm(account.ChangePasswordForm):
    """The password that someone has, and the one that they want."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe(self, "oldpassword", "Current password", "current-password")
        _describe_new_password(self)


class SetPasswordForm(account.SetPasswordForm):
    """A first password, for someone who has none."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_new_password(self)


class ForgottenPasswordForm(account.ResetPasswordForm):
    """The email address to which a link is sent, if someone has it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe(self, "email", "Email address", "username")

    def save(self, request, **kwargs):
        """Mail the link, once it is noted: those that were mailed before stop working."""
        note_password_link(email=self.cleaned_data["email"], people=self.users)
        return super().save(request, **kwargs)


class NewPasswordForm(account.ResetPasswordKeyForm):
    """A new password, for someone who came by a link that we sent."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_new_password(self)


class ConfirmForm(account.ReauthenticateForm):
    """The password again, before something dangerous."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe(self, "password", "Password", "current-password")


def _describe_new_password(form):
    _describe(form, "password1", "New password", "new-password", hint=NEW_PASSWORD)
    _describe(form, "password2", "Repeat new password", "new-password")


def _describe(form, name, label, autocomplete, *, hint="", **attributes):
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.widget.attrs = {"autocomplete": autocomplete, **attributes}
    field.error_messages["required"] = f"Enter your {label[0].lower()}{label[1:]}."
