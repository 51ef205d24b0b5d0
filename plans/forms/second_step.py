"""The forms of the second step at sign-in: codes of an app, recovery codes and passkeys."""

import json

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

LONGEST_NAME = 60
LONGEST_CREDENTIAL = 20_000
"""Characters of what a browser sends for a passkey; what they send is a tenth of it."""
TOO_MANY = "Too many attempts. Wait 10 minutes, then try again."


class _OfACode:
    """A code of the app, or a recovery code, that works once."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_code(self, "The six digits in your app, or one of your recovery codes.", "Enter a code.")

    def clean_code(self):
        """Return the code, which is spent from now on. Raises `ValidationError`."""
        try:
            code = super().clean_code()
        except ValidationError as error:
            raise _in_our_words(error) from None
        if self.authenticator.type == Authenticator.Type.TOTP and not _spend(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_OfACode, base.AuthenticateForm):
    """A code after the password."""


class ConfirmByCodeForm(_OfACode, base.ReauthenticateForm):
    """A code where someone shows again who they are."""


class AddAppForm(ActivateTOTPForm):
    """The first code of an app that somebody adds."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_code(self, "The six digits that your app shows for this site.", "Enter the code that your app shows.")

    def clean_code(self):
        """Return the code, which is spent from now on. Raises `ValidationError`."""
        try:
            code = super().clean_code()
        except ValidationError as error:
            raise _in_our_words(
                error, "That is not the code. Check the time of your phone, then enter the newest code."
            ) from None
        _spend(self.user, code)
        return code


class _OfAPasskey:
    """What a browser says about a passkey, which may be anything at all."""

    def clean(self):
        """Return the cleaned fields. Raises `ValidationError` for what no browser sends."""
        return self._guarded(super().clean)

    def clean_credential(self):
        """Return what came of the passkey. Raises `ValidationError`."""
        if len(json.dumps(self.cleaned_data["credential"])) > LONGEST_CREDENTIAL:
            raise get_adapter().validation_error("incorrect_code")
        found = getattr(super(), "clean_credential", lambda: self.cleaned_data["credential"])
        return self._guarded(found)

    def _guarded(self, check):
        try:
            return check()
        except ValidationError as error:
            raise _in_our_words(error, "The passkey did not work. Try again.") from None
        except (TypeError, ValueError, KeyError, AttributeError):
            raise ValidationError("The passkey did not work. Try again.", code="incorrect_code") from None


class PasskeyForm(_OfAPasskey, webauthn.AuthenticateWebAuthnForm):
    """A passkey, after the password."""


class ConfirmByPasskeyForm(_OfAPasskey, webauthn.ReauthenticateWebAuthnForm):
    """A passkey, where somebody shows again who they are."""


class SignInByPasskeyForm(_OfAPasskey, webauthn.LoginWebAuthnForm):
    """A passkey in place of the password and of the second step."""


class AddPasskeyForm(_OfAPasskey, webauthn.AddWebAuthnForm):
    """A passkey that somebody adds. It is a second step, and signs in by itself."""

    # The library asks whether it may; here each is asked for a finger, a face or a PIN, so that each may.
    passwordless = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_name(self)


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _describe_name(self)


def _describe_code(form, hint, missing):
    field = form.fields["code"]
    field.label, field.widget.attrs = "Code", {"autocomplete": "one-time-code", "inputmode": "numeric"}
    field.help_text, field.error_messages["required"] = hint, missing


def _describe_name(form):
    field = form.fields["name"]
    field.label, field.help_text = "Name", "So that you know it again, for example Work phone."
    field.max_length = LONGEST_NAME
    field.widget.attrs = {"maxlength": LONGEST_NAME, "autocomplete": "off"}
    field.validators = [*forms.CharField(max_length=LONGEST_NAME).validators]
    field.error_messages["required"] = "Enter a name."


def _in_our_words(error, wrong=None):
    """Return the error that a person reads: the library's is about passwords where too many codes were tried."""
    code = getattr(error, "code", None)
    if code in ("too_many_login_attempts", "rate_limited"):
        return ValidationError(TOO_MANY, code=code)
    return ValidationError(wrong, code=code) if wrong and code == "incorrect_code" else error


def _spend(person, code):
    """Return whether nobody has used `code` of the app of `person` before; from now on somebody has.

    The library remembers it for one period. A code works for longer: also before and after its own.
    """
    digits = "".join(filter(str.isalnum, code))
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    return cache.add(f"plans.second_step.spent:{person.pk}:{digits}", "spent", timeout=seconds)
