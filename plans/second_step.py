"""A second step at sign-in: who has one, who has to have one, and who has just shown that it is really them.

The library (allauth.mfa) keeps what people have set up, and asks for it between the password and the session.
`plans.views.second_step` has the pages, and the list of what is done only by those who have just shown who they are.
"""

from datetime import datetime
from time import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import ValidationError

from plans.permissions import can_administer
from plans.sealed_text import NotOpened, seal, unseal
from plans.sessions import SIGNED_IN
from plans.ways_to_sign_in import FROM_PROVIDER, may_use_password, provider_called

STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What is a second step by itself; recovery codes stand in for one of these."""
NAME = "Action plan tracker"
"""What apps and passkeys call this site."""
PURPOSE = "plans.second_step"
HAS_ONE = "has_second_step"
"""In the session: whose second step there is, as text, so that no page has to ask."""
STAGE = "allauth.mfa.stages.AuthenticateStage"


class SecondStepAdapter(DefaultMFAAdapter):
    """What this site decides where the library of second steps asks."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That did not work. Enter the newest code of your app, or a recovery code you have not used.",
        "cannot_generate_recovery_codes": "Set up an app or a passkey first. Recovery codes stand in for one of these.",
    }

    def get_totp_issuer(self):
        """Return what the app calls this site."""
        return NAME

    def get_public_key_credential_rp_entity(self):
        """Return what a passkey belongs to: the host of the site, under its name."""
        return {**super().get_public_key_credential_rp_entity(), "name": NAME}

    def generate_authenticator_name(self, user, type):  # noqa: A002 - as the library calls it
        """Return a name for a passkey that was given none."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"

    def encrypt(self, text):
        """Return a secret as it is kept: nobody who has the database, or a backup of it, can make codes with it."""
        return seal(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text):
        """Return the secret. Raises `ValidationError` where SECRET_KEY is another one by now."""
        try:
            return unseal(encrypted_text, purpose=PURPOSE)
        except NotOpened:
            raise ValidationError(
                "The key of this site was changed, so codes no longer work. Use a passkey, or ask a programme admin to "
                "remove your second step."
            ) from None

    def is_mfa_enabled(self, user, types=None):
        """Return whether the person has a second step, on a site that asks for it."""
        return settings.ROCC_MFA != "off" and super().is_mfa_enabled(user, types)


class SecondStepStage(AuthenticateStage):
    """The stage of a sign-in that asks for the second step, unless a provider that is trusted with it has done so."""

    def handle(self):
        """Return (an answer or None, whether to go on), as stages do."""
        if is_done_at_provider(self.request, self.login):
            self.request.session[HAS_ONE] = str(self.login.user.pk)
            return None, True
        return super().handle()


class ConfirmingAdapter(DefaultAccountAdapter):
    """How people show again who they are: by their second step if they have one, otherwise by their password."""

    def get_login_stages(self):
        """Return the stages of a sign-in, by name."""
        own = f"{SecondStepStage.__module__}.{SecondStepStage.__qualname__}"
        return [own if name == STAGE else name for name in super().get_login_stages()]

    def get_reauthentication_methods(self, user):
        """Return the ways to show again who one is, the first of which is offered: never the weaker one."""
        ways = super().get_reauthentication_methods(user)
        by_second_step = [way for way in ways if way["id"] != "reauthenticate"]
        return by_second_step or (ways if may_use_password(user) else [])

    def is_reauthentication_required(self, *, app, **kwargs):
        """Return whether the library asks again before a second step is changed: not right after signing in."""
        return not is_confirmed(context.request, within=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def can_sign_in_by_passkey():
    """Return whether people may sign in by a passkey alone: not where they have to come by their provider."""
    return settings.ROCC_MFA != "off" and settings.ROCC_PASSWORDS


def has_second_step(person):
    """Return whether `person` is asked for a second step. One query."""
    return is_mfa_enabled(person, STEPS)


def has_to_set_one_up(request):
    """Return whether the person of a request has to set up a second step before anything else.

    At most one query, for programme admins on a site that requires it, until they have one.
    """
    person = request.user
    if settings.ROCC_MFA != "required" or not can_administer(person):
        return False
    if request.session.get(HAS_ONE) == str(person.pk):
        return False
    if has_second_step(person):
        request.session[HAS_ONE] = str(person.pk)
        return False
    return True


def is_confirmed(request, *, within):
    """Return whether the person of a request signed in, or showed again who they are, in the last `within` seconds."""
    records = get_authentication_records(request, request.user)
    moments = [one["at"] for one in records if one.get("reauthenticated")]
    if signed_in := request.session.get(SIGNED_IN, {}).get("at"):
        moments.append(datetime.fromisoformat(signed_in).timestamp())
    # Of the future is what a clock said that was set back since.
    return any(0 <= time() - moment < within for moment in moments)


def is_done_at_provider(request, login):
    """Return whether a sign-in came by a provider that asked for a second step itself, and is trusted with that."""
    if "sociallogin" not in (login.signal_kwargs or {}):
        return False
    noted = request.session.get(FROM_PROVIDER) or {}
    provider = provider_called(noted.get("id", ""))
    amr = noted.get("amr")
    said = [noted.get("acr"), *(amr if isinstance(amr, list) else [])]
    return provider is not None and any(value in provider.second_step for value in said)
