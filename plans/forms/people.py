"""The forms with which people sign in, mind their password, and are invited."""

from allauth.account import forms as account


class SignInForm(account.LoginForm):
    """An e-mail address and a password. Its errors never tell whether somebody has that address."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe(self, "login", "E-mail address", "username", type="email")
        _describe(self, "password", "Password", "current-password")


class ChangePasswordForm(account.ChangePasswordForm):
    """The password that somebody has, and the one that they want."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe(self, "oldpassword", "Password so far", "current-password")
        _describe_new_password(self)


class SetPasswordForm(account.SetPasswordForm):
    """A first password, for somebody who has none."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_new_password(self)


class ForgottenPasswordForm(account.ResetPasswordForm):
    """The e-mail address to which a link is sent, if somebody has it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe(self, "email", "E-mail address", "username", type="email")


class NewPasswordForm(account.ResetPasswordKeyForm):
    """A new password, for somebody who came by a link that we sent."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_new_password(self)


def _describe_new_password(form):
    _describe(form, "password1", "New password", "new-password", hint=NEW_PASSWORD)
    _describe(form, "password2", "New password again", "new-password")


def _describe(form, name, label, autocomplete, *, hint="", **attributes):
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.widget.attrs = {"autocomplete": autocomplete, **attributes}


NEW_PASSWORD = (
    "Twelve characters or more; several words are good. Not your name, and not a password that is often used."  # noqa: S105
)
