"""The second step at sign-in: its pages, who is led to set one up, and what asks again who somebody is.

The views are those of the library (allauth.mfa) in our look, with what a page of ours needs to know.
"""

import json
from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.views import ReauthenticateView
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth  # the options of a passkey, which its views do not offer elsewhere
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans import second_step
from plans.actions.second_step import NEW_CODES
from plans.permissions import can_administer
from plans.views import form_recovery
from plans.views.form_input import read_form_input

ASKED_AGAIN = frozenset(
    {
        # People: who is let in, and what they may do.
        *("plans:invite_person", "plans:renew_link", "plans:add_agency", "plans:end_membership"),
        *("plans:close_account", "plans:open_account", "plans:remove_second_step", "plans:end_sign_in"),
        *("admin:plans_user_add", "admin:plans_user_change", "admin:auth_user_password_change"),
        *("admin:auth_group_add", "admin:auth_group_change"),
        # What lets programs in, and other ways to sign in.
        *("access_tokens", "single_sign_on", "account_set_password"),
        # What takes back the work of others.
        "plans:import_undo",
        # The second step itself.
        *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "mfa_view_recovery_codes"),
        *("mfa_download_recovery_codes", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"),
    }
)
"""The addresses, by name, that only those open who have signed in, or have shown again who they are, lately."""
OPEN_WITHOUT = frozenset(
    {
        *("account_logout", "account_reauthenticate", "account_change_password", "account_set_password"),
        *("plans:healthz", "plans:readyz", "plans:discard_kept"),
        # What a link or a token opens, whoever has it.
        *("plans:update_link", "plans:not_me", "plans:calendar_feed", "plans:stop_mail", "plans:welcome"),
    }
)
"""What somebody can do who has to set up a second step first, besides doing so."""
CODES_SHOWN_FOR = timedelta(minutes=15)


class SecondStepMiddleware:
    """Leads those who need a second step to set one up, and asks again who somebody is before what is dangerous."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Answer the request as it is: whether it may go on is known once its view is."""
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Return the way to what has to be done first; None where the view may answer. No query where all is done."""
        name = request.resolver_match.view_name or ""
        is_about_it = name.startswith("mfa_")
        if is_about_it and settings.ROCC_MFA == "off":
            raise Http404("There is no second step at sign-in here.")
        is_required = settings.ROCC_MFA == "required" and not is_about_it and name not in OPEN_WITHOUT
        if not (is_required or name in ASKED_AGAIN) or not request.user.is_authenticated:
            return None
        if is_required and second_step.has_to_set_one_up(request):
            return _first(request, reverse("mfa_index"))
        # A form that was opened in time can be sent a little later.
        within = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT if request.method == "POST" else settings.CONFIRMED_SECONDS
        if name in ASKED_AGAIN and not second_step.is_confirmed(request, within=within):
            ways = get_adapter(request).get_reauthentication_methods(request.user)
            way = ways[0]["url"] if ways else reverse("account_reauthenticate")
            return _first(request, f"{way}?{urlencode({'next': request.get_full_path()})}")
        return None


def _first(request, address):
    """Return the way to `address`. What was typed is in its form again afterwards."""
    response = HttpResponseRedirect(address)
    if request.method == "POST":
        if typed := read_form_input(request):
            form_recovery.keep(request, typed)
        messages.warning(request, "Nothing is saved yet. Do this first, then send it again.")
        response.nothing_is_saved = True
    return response


@require_safe
@never_cache
@form_recovery.signed_in
def second_steps(request):
    """Your second step: what you have set up, and what you can."""
    theirs = list(Authenticator.objects.filter(user=request.user).order_by("created_at", "pk"))
    by_type = {kind: [one for one in theirs if one.type == kind] for kind in Authenticator.Type}
    recovery = next(iter(by_type[Authenticator.Type.RECOVERY_CODES]), None)
    context = {
        "section": "account",
        "app": next(iter(by_type[Authenticator.Type.TOTP]), None),
        "passkeys": by_type[Authenticator.Type.WEBAUTHN],
        "codes": recovery,
        "codes_left": _codes_left(recovery),
        "is_required": settings.ROCC_MFA == "required" and can_administer(request.user),
        "has_one": any(one.type in second_step.STEPS for one in theirs),
    }
    return render(request, "mfa/index.html", context)


def _codes_left(authenticator):
    """Return how many recovery codes work; None where the key of the site no longer opens them, or there are none."""
    try:
        return len(authenticator.wrap().get_unused_codes()) if authenticator else None
    except second_step.ValidationError:
        return None


class ConfirmView(ReauthenticateView):
    """Asks for the password again; those who have none sign in again with their provider."""

    def dispatch(self, request, *args, **kwargs):
        """Answer those who have neither a password nor a second step by the way that they have."""
        if request.user.is_authenticated and not get_adapter(request).get_reauthentication_methods(request.user):
            return render(request, "account/sign_in_again.html", {"section": "account"})
        return super().dispatch(request, *args, **kwargs)


class ConfirmByCodeView(base.ReauthenticateView):
    """Asks for the second step again: a code, or a passkey."""

    def get_context_data(self, **kwargs):
        """Say what there is to ask for."""
        return {**super().get_context_data(**kwargs), **_asked_for(self.request.user)}


class ConfirmByPasskeyView(webauthn.ReauthenticateWebAuthnView):
    """Takes the passkey that the page above asked for."""

    def get(self, request, *args, **kwargs):
        """Go to that page."""
        return HttpResponseRedirect(self.passthrough_next_url(reverse("mfa_reauthenticate")))

    def form_invalid(self, form):
        """Go back to that page, and say what is wrong."""
        _say_errors(self.request, form)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("mfa_reauthenticate")))


class CheckView(base.AuthenticateView):
    """The second step of a sign-in. Only who has given the right password gets here."""

    def post(self, request, *args, **kwargs):
        """Take the second step, or begin again as somebody else."""
        if "again" in request.POST:
            return self.stage.abort()
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        """Say what there is to ask for."""
        context = super().get_context_data(**kwargs)
        return {**context, **_asked_for(self.stage.login.user, context.get("js_data"))}


def _asked_for(person, data=None):
    """Return what a page says that asks `person` for a second step; `data` is what was begun with a passkey already."""
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    options = None
    if Authenticator.Type.WEBAUTHN in kinds:
        options = data["request_options"] if data else auth.begin_authentication(person)
    return {
        "section": "account",
        "has_app": Authenticator.Type.TOTP in kinds,
        "options": json.dumps(options) if options else "",
    }


class SignInByPasskeyView(webauthn.LoginWebAuthnView):
    """Signs in by a passkey alone, and goes on to where the person was going."""

    def form_valid(self, form):
        """Sign in; what was typed elsewhere before comes along."""
        form_recovery.remember(self.request)
        person = form.cleaned_data["credential"].user
        login = webauthn.Login(user=person, redirect_url=form_recovery.next_address(self.request) or None)
        return webauthn.flows.perform_passwordless_login(self.request, form.cleaned_data["credential"], login)

    def form_invalid(self, form):
        """Go back to the sign-in page, and say what is wrong."""
        _say_errors(self.request, form)
        return form_recovery.sign_in_again(self.request, status=403, is_stale=False)


def _say_errors(request, form):
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, error)


@method_decorator(never_cache, name="dispatch")
class AddAppView(totp.ActivateTOTPView):
    """Adds an authenticator app: its QR code, drawn here and by nobody else, and the key as text."""

    def get_context_data(self, **kwargs):
        """Say what the page shows."""
        context = super().get_context_data(**kwargs)
        _, _, drawing = context["totp_svg"].partition("?>")
        secret = context["form"].secret
        return {
            "form": context["form"],
            "section": "account",
            # Made by the library of squares; nothing that anybody typed is in it as text.
            "drawing": mark_safe(drawing.strip()),  # noqa: S308 - as said
            "key": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
            "address": context["totp_url"],
        }


@require_safe
@never_cache
@form_recovery.signed_in
def recovery_codes(request):
    """The recovery codes, for a quarter of an hour after they were made and where they were made; never again."""
    return render(request, "mfa/recovery_codes/index.html", {"section": "account", "codes": _new_codes(request)})


@require_safe
@never_cache
@form_recovery.signed_in
def recovery_codes_file(request):
    """The same as a file of text."""
    found = _new_codes(request)
    if not found:
        raise Http404("Recovery codes are shown once. Make new ones.")
    lines = ["Recovery codes for the action plan tracker", f"Account: {request.user.email}", "Each works once.", ""]
    response = HttpResponse("\r\n".join([*lines, *found, ""]), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


def _new_codes(request):
    """Return the recovery codes that may still be shown to whoever is here, and are not used; [] for none."""
    since = timezone.now() - CODES_SHOWN_FOR
    made = {"pk": request.session.get(NEW_CODES) or 0, "user": request.user, "created_at__gte": since}
    authenticator = Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES, **made).first()
    return authenticator.wrap().get_unused_codes() if authenticator else []


@method_decorator(never_cache, name="dispatch")
class AddPasskeyView(webauthn.AddWebAuthnView):
    """Adds a passkey."""

    def get_context_data(self, **kwargs):
        """Say what the page shows, with what the browser is asked for."""
        context = super().get_context_data(**kwargs)
        options = dict(context["js_data"]["creation_options"])
        chosen = dict(options["publicKey"]["authenticatorSelection"])
        # Kept in the device where it can be, so that it signs in without an email address.
        chosen |= {"residentKey": "preferred", "requireResidentKey": False}
        options["publicKey"] = {**options["publicKey"], "authenticatorSelection": chosen}
        return {"form": context["form"], "section": "account", "options": json.dumps(options)}


def passkeys(request):
    """Go to the page that lists all second steps."""
    return redirect("mfa_index")


check = CheckView.as_view()
confirm = ConfirmView.as_view()
confirm_by_code = ConfirmByCodeView.as_view()
confirm_by_passkey = ConfirmByPasskeyView.as_view()
sign_in_by_passkey = login_not_required(SignInByPasskeyView.as_view())
add_app = AddAppView.as_view()
add_passkey = AddPasskeyView.as_view()
