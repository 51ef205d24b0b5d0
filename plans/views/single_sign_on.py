"""The way to an OpenID Connect provider and back again."""

import logging
import re
from http import HTTPStatus

from allauth.core import ratelimit
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from requests import RequestException

from plans.single_sign_on import (
    CONNECT,
    INVITATION,
    LOGIN,
    WRONG_MOMENTS,
    SignInRefused,
    SingleSignOnAdapter,
    note_in_session,
)
from plans.views import form_recovery
from plans.ways_to_sign_in import FROM_PROVIDER, provider_called

log = logging.getLogger(__name__)
WRONG_ANSWERS = (OAuth2Error, ImproperlyConfigured, KeyError, TypeError, ValueError, AttributeError)
"""What comes of reading an answer that is not what a provider sends. `RequestException` is about not getting one."""
TOKEN = re.compile(r"eyJ[\w.-]+")
MOST_OF_AN_ERROR = 500

TOO_LATE = "This sign-in took longer than 10 minutes, was used before, or began in another browser. Start again."
CANCELLED = "{name} did not let you in, or you cancelled. If you should have access, ask the IT help desk at {name}."
WRONG_CLOCK = "The clocks of {name} and of this tracker differ, so you are not signed in. Tell the people who run it."
IS_DOWN = "{name} does not respond right now. Try again in a few minutes."
WRONG_ANSWER = (
    "The answer from {name} could not be trusted, so you are not signed in. Try again. If it happens again, tell the "
    "people who run this tracker."
)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request, name):
    """Send somebody to a provider: to sign in, or, who is signed in, to add it as a way to sign in."""
    provider = _get_provider(name)
    is_signed_in = request.user.is_authenticated
    if request.method != "POST":
        return redirect("account" if is_signed_in else "account_login")
    if not is_signed_in:
        form_recovery.remember(request)
    next_url = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(next_url, allowed_hosts=None) or next_url == reverse("plans:home"):
        next_url = ""
    hint = request.POST.get("login", "")[:254]
    return _send(request, provider, process=CONNECT if is_signed_in else LOGIN, next_url=next_url, login_hint=hint)


def accept_with(request, provider, token):
    """Return the answer that sends somebody who was invited by `token` to the provider that they chose."""
    return _send(request, provider, process=INVITATION, next_url="", data=token)


@login_not_required
@never_cache
@require_GET
def callback(request, name):
    """Where a provider sends people back: signs them in, or adds the provider as a way to sign in."""
    provider = _get_provider(name)
    ours = _library_provider(request, provider)
    try:
        state = ours.unstash_redirect_state(request, request.GET.get("state", ""))
    except PermissionDenied:
        return _problem(request, provider, TOO_LATE, status=400)
    if request.GET.get("error") == "access_denied":
        return _problem(request, provider, CANCELLED.format(name=provider.name), status=403, state=state)
    try:
        login = _identify(request, ours, state)
    except (RequestException, *WRONG_ANSWERS) as error:
        return _failed(request, provider, error, state=state)
    try:
        response = complete_social_login(request, login)
    except SignInRefused as refused:
        request.session.pop(FROM_PROVIDER, None)
        return _problem(request, provider, str(refused), status=403, state=state)
    if state["process"] == INVITATION and request.user.is_authenticated:
        request.session.pop("invitation", None)
        messages.success(request, f"Welcome. You can now sign in with {provider.name}.")
    return response


def _identify(request, ours, state):
    """Return the `SocialLogin` of whoever came back, by a code that is exchanged for an ID token."""
    if "code" not in request.GET or request.GET.get("iss", ours.app.provider_id) != ours.app.provider_id:
        raise OAuth2Error(f"No code, or that of another issuer: {request.GET.get('error', '')!r}")
    adapter = ours.get_oauth2_adapter(request)
    client = adapter.get_client(request, ours.app)
    answer = adapter.get_access_token_data(request, ours.app, client, pkce_code_verifier=state["pkce_code_verifier"])
    login = adapter.complete_login(
        request, ours.app, adapter.parse_token(answer), response=answer, nonce=state["nonce"]
    )
    login.state = state
    note_in_session(request, provider_called(ours.app.settings["id"]), adapter.openid_config, login.claims)
    return login


def _send(request, provider, **options):
    """Return a page that goes on to the provider by itself, and by its link.

    Not a redirect: the Content-Security-Policy lets our forms lead to this site only, and browsers hold every redirect
    after a form to it, also those between a provider and its own log-in servers, which we cannot list.
    """
    if not ratelimit.consume(request, action="single_sign_on"):
        return render(request, "429.html", status=429)
    try:
        response = _library_provider(request, provider).send_there(request, **options)
    except (RequestException, *WRONG_ANSWERS) as error:
        return _failed(request, provider, error, state=options)
    return render(request, "account/to_provider.html", {"provider": provider, "address": response["Location"]})


def _failed(request, provider, error, *, state):
    """Return the page about a provider that did not answer, or not as it should. Why is in the log, without tokens."""
    said = TOKEN.sub("-", f"{type(error).__name__}: {error}")[:MOST_OF_AN_ERROR]
    log.warning("Single sign-on with %s failed: %s", provider.id, said)
    sentence, status = (IS_DOWN, 503) if isinstance(error, RequestException) else (WRONG_ANSWER, 403)
    if isinstance(error.__cause__, WRONG_MOMENTS):
        sentence = WRONG_CLOCK
    return _problem(request, provider, sentence.format(name=provider.name), status=status, state=state)


def _problem(request, provider, sentence, *, status, state=None):
    """Return a page with what is wrong, and the way on."""
    context = {
        "provider": provider,
        "sentence": sentence,
        "has_passwords": settings.ROCC_PASSWORDS and status != HTTPStatus.BAD_REQUEST,
        "is_invitation": bool(state) and state["process"] == INVITATION,
    }
    return render(request, "account/provider_problem.html", context, status=status)


def _get_provider(name):
    provider = provider_called(name)
    if provider is None:
        raise Http404("There is no such way to sign in.")
    return provider


def _library_provider(request, provider):
    return SingleSignOnAdapter(request).get_provider(request, provider.issuer)
