"""Signing in with OpenID Connect providers: what the library leaves open is closed here.

The library runs the authorization code flow with state and PKCE. It believes an ID token that came by TLS without
looking at its signature, sends no nonce, takes a provider's word for who it is, and finds people by email address if
it is told to. Here the token has to be signed by the provider that was configured, for us, for this very attempt, and
nothing of it but the subject is used: no email address, no name, no group and no role.
"""

import hmac
import secrets
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode, urlsplit

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse

from plans.actions.sign_in_links import accept_invitation_with, link, note_refused
from plans.outgoing import absolute_link
from plans.ways_to_sign_in import FROM_PROVIDER, provider_called, provider_of_issuer, providers

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Those with a public key: a token that is unsigned, or signed with what we know too, is refused."""
REQUIRED_CLAIMS = ["iss", "sub", "aud", "exp", "iat"]
CLOCK_SECONDS = 60
"""By how much the clock of a provider may differ from ours."""
WRONG_MOMENTS = (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError)
"""Why a token is refused that is right, but for when it was made."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LOGIN, CONNECT, INVITATION = "login", "connect", "invitation"
"""What somebody goes to a provider for; part of the state."""


class SignInRefused(Exception):
    """Somebody came back from a provider and cannot be let in; its text is a sentence for them."""


class Provider(OpenIDConnectProvider):
    """One of the configured providers, to the library. Nothing of what it says is kept but the subject."""

    pkce_enabled_default = True
    oauth2_adapter_class: type

    def get_default_scope(self):
        """Return what is asked for: only who it is."""
        return ["openid"]

    def get_callback_url(self):
        """Return the path to which the provider sends people back."""
        return reverse("single_sign_on_callback", args=[self.app.settings["id"]])

    def extract_extra_data(self, data):
        """Return what is kept of the claims: nothing."""
        return {}

    def extract_common_fields(self, data):
        """Return what an account is filled with: nothing, since nobody gets one so."""
        return {}

    def extract_email_addresses(self, data):
        """Return the addresses by which somebody is found: none."""
        return []

    def send_there(self, request, *, process, next_url, data=None, login_hint=""):
        """Return the redirect to the provider, with a new state, nonce and PKCE challenge in the session."""
        nonce = secrets.token_urlsafe(32)
        params = {"nonce": nonce, **({"login_hint": login_hint} if login_hint else {})}
        return self.redirect(request, process=process, next_url=next_url, data=data, auth_params=params, nonce=nonce)


class StrictAdapter(OpenIDConnectOAuth2Adapter):
    """Talks to a provider. Raises `OAuth2Error` for whatever is not exactly as it should be."""

    @cached_property
    def openid_config(self):
        """The provider's own description, which has to name the issuer that is configured, and secure addresses."""
        config = self._fetch(self.get_provider().server_url)
        if config.get("issuer") != self.provider_id:
            raise OAuth2Error(f"The provider says that its issuer is {config.get('issuer')!r}")
        for name in ENDPOINTS:
            if not _is_as_secure(config.get(name), self.provider_id):
                raise OAuth2Error(f"The provider's {name} is {config.get(name)!r}")
        return config

    def get_callback_url(self, request, app):
        """Return the address to which the provider sends people back, by the site's own name."""
        return absolute_link(request, self.get_provider().get_callback_url())

    def claims(self, token, *, nonce):
        """Return the claims of an ID token, once all of them are checked."""
        client_id = self.get_provider().app.client_id
        try:
            claims = jwt.decode(
                token,
                key=self._key(jwt.get_unverified_header(token).get("kid")),
                algorithms=ALGORITHMS,
                issuer=self.provider_id,
                audience=client_id,
                leeway=CLOCK_SECONDS,
                options={"require": REQUIRED_CLAIMS},
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise OAuth2Error(f"The ID token is refused: {type(error).__name__}") from error
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", client_id if len(audience) == 1 else None) != client_id:
            raise OAuth2Error("The ID token was made for another client")
        if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise OAuth2Error("The ID token has another nonce")
        return claims

    def complete_login(self, request, app, token, **kwargs):
        """Return the `SocialLogin` of checked claims, which are its `claims`."""
        claims = self.claims(kwargs["response"].get("id_token"), nonce=kwargs["nonce"])
        login = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        login.claims = claims
        return login

    def _key(self, kid):
        """Return the key of that id, as the provider publishes it now; without an id, its only one."""
        keys = jwt.PyJWKSet.from_dict(self._fetch(self.openid_config["jwks_uri"])).keys
        fitting = [key for key in keys if kid is None or key.key_id == kid]
        if len(fitting) != 1:
            raise OAuth2Error("The ID token is signed with a key that the provider does not publish")
        return fitting[0]

    def _fetch(self, url):
        with SingleSignOnAdapter(self.request).get_requests_session() as session:
            response = session.get(url)
            response.raise_for_status()
            found = response.json()
        if not isinstance(found, dict):
            raise OAuth2Error(f"{url} does not answer with an object")
        return found


Provider.oauth2_adapter_class = StrictAdapter


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """What this site decides where the library asks about providers."""

    def list_apps(self, request, provider=None, client_id=None):
        """Return the providers of `ROCC_SSO` as the library's apps; none is in the database."""
        return [
            SocialApp(
                provider=Provider.id,
                provider_id=one.issuer,
                name=one.name,
                client_id=one.client_id,
                secret=one.client_secret,
                settings={"server_url": one.issuer.rstrip("/"), "id": one.id},
            )
            for one in providers()
            if provider in (None, Provider.id, one.issuer) and client_id in (None, one.client_id)
        ]

    def list_providers(self, request):
        """Return all providers."""
        return [Provider(request, app=app) for app in self.list_apps(request)]

    def get_provider(self, request, provider, client_id=None):
        """Return the provider of an issuer. Raises `SocialApp.DoesNotExist`."""
        return Provider(request, app=self.get_app(request, provider, client_id))

    def is_open_for_signup(self, request, sociallogin):
        """Nobody gets an account by signing in with a provider."""
        return False

    def can_authenticate_by_email(self, login, email):
        """Nobody is found by an email address, however much a provider vouches for it."""
        return False

    def populate_user(self, request, sociallogin, data):
        """Leave the person as they are: a provider changes nothing about them."""
        return sociallogin.user

    def pre_social_login(self, request, sociallogin):
        """Link what is to be linked; raise `SignInRefused` for whoever is linked to nobody here.

        Whoever is signed in already goes to their account page, and nobody changes places with them.
        """
        provider = provider_of_issuer(sociallogin.account.provider)
        process, subject = sociallogin.state.get("process"), sociallogin.account.uid
        try:
            if request.user.is_authenticated:
                if process != CONNECT:
                    raise ImmediateHttpResponse(redirect("account"))
                link(person=request.user, provider=provider, subject=subject, by=request.user)
                messages.success(request, f"You can now sign in with {provider.name}.")
                raise ImmediateHttpResponse(redirect(f"{reverse('account')}#sign-in"))
            if process == INVITATION:
                token = sociallogin.state.get("data") or ""
                row = accept_invitation_with(token=token, provider=provider, subject=subject)
                sociallogin.account, sociallogin.user = row, row.user
        except ValidationError as error:
            raise SignInRefused(error.messages[0]) from error
        if process == CONNECT:
            raise SignInRefused("You were signed out meanwhile. Sign in, then add your account again.")
        if not sociallogin.is_existing:
            note_refused(provider=provider)
            raise SignInRefused(
                f"Your {provider.name} account is not linked to anyone here. If you were invited, use the link in your "
                "invitation. If you have an account here, sign in to it and add this one on your account page."
            )
        if not sociallogin.user.is_active:
            # The library goes on to the page that says so.
            user_login_failed.send(__name__, credentials={"email": sociallogin.user.email}, request=request)


@dataclass(frozen=True)
class SignedInWith:
    """The provider with which somebody signed in: its name, and where they sign out of it (blank: nobody knows)."""

    name: str
    end_session: str


def note_in_session(request, provider, config, claims):
    """Put into the session which provider somebody comes from, and how it says that it knew them (`acr`, `amr`)."""
    known = {name: claims[name] for name in ("acr", "amr") if name in claims}
    request.session[FROM_PROVIDER] = {"id": provider.id, "end_session": end_session_link(config, provider), **known}


def last_provider(request):
    """Return with which provider the person of a request signed in, as `SignedInWith`; None for a password."""
    noted = request.session.get(FROM_PROVIDER) or {}
    provider = provider_called(noted.get("id", ""))
    return SignedInWith(provider.name, noted["end_session"]) if provider else None


def end_session_link(config, provider):
    """Return the address at which somebody signs out of a provider; blank where it names none."""
    address = config.get("end_session_endpoint")
    if not _is_as_secure(address, provider.issuer):
        return ""
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode({'client_id': provider.client_id})}"


def _is_as_secure(address, issuer):
    """Return whether `address` is reached as safely as the issuer is, which was looked at when the site started."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return bool(parts.hostname) and parts.scheme in ("https", urlsplit(issuer).scheme)
