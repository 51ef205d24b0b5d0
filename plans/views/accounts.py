"""Signing in, and being refused for trying too often; the other pages are those of the library, in our look."""

from functools import wraps

from allauth.account.views import LoginView, LogoutView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plans import single_sign_on
from plans.actions.daily_mail import gets_digest, gets_reminders
from plans.actions.people import end_own_sessions
from plans.actions.sign_in_links import end_own_link as end_own_sign_in
from plans.actions.update_links import end_own_link
from plans.forms.accounts import AddressForm, SignInForm
from plans.permissions import agencies_of, can_administer
from plans.second_step import can_sign_in_by_passkey
from plans.summaries.sessions import list_sessions
from plans.views import form_recovery
from plans.ways_to_sign_in import (
    is_break_glass,
    links_of,
    may_use_password,
    providers,
    providers_for,
    providers_to_add,
)

# Under HTTPS they are called otherwise since sessions have a longest time.
EARLIER_COOKIES = frozenset({"sessionid", "csrftoken"})
SECONDS_AN_HOUR = 60 * 60


def for_passwords(view):
    """Close `view`, which is about passwords, where nobody has one; it stays open to the break-glass superuser."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if settings.ROCC_PASSWORDS or is_break_glass(request.user):
            return view(request, *args, **kwargs)
        return render(request, "account/passwords_off.html", status=403)

    return guarded


@method_decorator(login_not_required, name="dispatch")
class SignInView(LoginView):
    """Sign-in, which carries on what somebody typed before their session ended.

    Where there are providers, it asks for the email address first and then offers that of its domain, whoever has it.
    """

    def dispatch(self, request, *args, **kwargs):
        """Go straight on for a person who has signed in meanwhile, with what they typed."""
        if request.method == "POST" and request.user.is_authenticated:
            form_recovery.remember(request)
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self):
        """Return the form of the step: the address, or the address and the password."""
        asks = providers() and not self._is_about_password
        return AddressForm if asks else super().get_form_class()

    def get_form_kwargs(self):
        """Return what the form of the step is made with."""
        kwargs = super().get_form_kwargs()
        if self.get_form_class() is AddressForm:
            del kwargs["request"]
        return kwargs

    @property
    def _is_about_password(self):
        return "password" in (self.request.POST or self.request.GET)

    def get_context_data(self, **kwargs):
        """Name what the template wants."""
        context = super().get_context_data(**kwargs)
        is_from_before = self.request.user.is_anonymous and not EARLIER_COOKIES.isdisjoint(_not_in_use(self.request))
        own = {"next": context["redirect_field_value"], "kept": form_recovery.carried(self.request)}
        own |= {"is_upgraded": is_from_before, "has_passkeys": can_sign_in_by_passkey()}
        return {**context, **own, **self._ways(context["form"])}

    def _ways(self, form):
        """Return the providers to offer, to whom, and whether to show the form, and the way in for emergencies."""
        address = self.request.POST.get("login", "") if form.is_bound and not form.errors.get("login") else ""
        is_emergency = self._is_about_password and not settings.ROCC_PASSWORDS
        return {
            "offers": providers_for(address) if address and not is_emergency else [],
            "address": address,
            "has_form": isinstance(form, AddressForm) or settings.ROCC_PASSWORDS or is_emergency,
            "has_emergency": bool(settings.ROCC_BREAK_GLASS) and not settings.ROCC_PASSWORDS and not is_emergency,
            "is_emergency": is_emergency,
        }

    def form_valid(self, form):
        """Sign in. What was typed is put by before, since a second step may follow the password.

        With the address alone, offer what there is for it.
        """
        if isinstance(form, AddressForm):
            offered = SignInForm(initial={"login": form.cleaned_data["login"]}, request=self.request)
            context = {**self.get_context_data(form=form), "form": offered, "has_form": settings.ROCC_PASSWORDS}
            return self.render_to_response(context)
        form_recovery.remember(self.request)
        response = super().form_valid(form)
        for name in EARLIER_COOKIES.intersection(_not_in_use(self.request)):
            response.delete_cookie(name)
        return response


def _not_in_use(request):
    """Return the names of the cookies that this site does not read under its settings of now."""
    return request.COOKIES.keys() - {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}


class SignOutView(LogoutView):
    """Sign-out, after which the browser shows no page of before, neither out of its cache nor by going back."""

    def post(self, *args, **kwargs):
        """Sign out, and have the browser forget its pages. Say where somebody is signed in still."""
        signed_in = single_sign_on.last_provider(self.request) if self.request.user.is_authenticated else None
        response = super().post(*args, **kwargs)
        if signed_in:
            response = render(self.request, "account/signed_out.html", {"signed_in": signed_in})
        response["Clear-Site-Data"] = '"cache"'
        return response


@login_not_required
def admin_sign_in(request):
    """Go from the admin to the sign-in page; refuse those who are signed in and may not use the admin."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied("You do not have permission to use the admin.")
    goal = request.GET.get("next") or reverse("admin:index")
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': goal})}")


def too_often(request):
    """Return the answer to somebody who tries too often; at sign-in, what they typed elsewhere is carried on."""
    if request.path == reverse("account_login"):
        return form_recovery.sign_in_again(request, status=429, is_too_often=True)
    return render(request, "429.html", status=429)


def account_home(request):
    """Go from the folder of account pages to the one that is useful."""
    return redirect("account" if request.user.is_authenticated else "account_login")


@require_safe
@never_cache
@form_recovery.signed_in
def account(request):
    """Your account: who you are, the way to another password, the shortcut, where you are signed in, signing out."""
    sign_in_links = links_of(request.user)
    context = {
        "section": "account",
        "agencies": agencies_of(request.user),
        "is_admin": can_administer(request.user),
        "rows": list_sessions(request.user, request.session.session_key),
        "has_second_steps": settings.ROCC_MFA != "off",
        "gets_reminders": gets_reminders(request.user),
        "gets_digest": gets_digest(request.user),
        "update_links": request.user.update_links.live().for_list(),
        "may_use_password": may_use_password(request.user),
        "sign_in_links": sign_in_links,
        "can_add": providers_to_add(request.user, sign_in_links),
        "idle_hours": settings.SESSION_COOKIE_AGE // SECONDS_AN_HOUR,
        "most_hours": settings.SESSION_LIFETIME // SECONDS_AN_HOUR,
    }
    return render(request, "account/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@form_recovery.signed_in
def end_other_sessions(request):
    """Sign out everywhere else."""
    if request.method == "POST":
        _end(request, [row for row in list_sessions(request.user, request.session.session_key) if not row.is_this])
        messages.success(request, "You are signed out everywhere else.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@form_recovery.signed_in
def end_session(request, name):
    """Sign out on one other device; one that is signed out already stays so."""
    if request.method == "POST":
        others = [row for row in list_sessions(request.user, request.session.session_key) if not row.is_this]
        _end(request, [row for row in others if row.name == name])
        messages.success(request, "That device is signed out.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@form_recovery.signed_in
def end_update_link(request, pk):
    """End one's own link that adds updates without signing in; one that has ended already stays so."""
    if request.method == "POST":
        end_own_link(person=request.user, pk=pk)
        messages.success(request, "That link no longer works.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@form_recovery.signed_in
def end_sign_in_link(request, pk):
    """End one's own link to a provider; one that has ended already stays so."""
    if request.method == "POST":
        try:
            end_own_sign_in(person=request.user, pk=pk)
        except ValidationError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "You can no longer sign in with that account.")
    return redirect("account")


def _end(request, rows):
    end_own_sessions(person=request.user, keys=[row.session.session_key for row in rows])


def to_change_password(request):
    """Go from where the admin changes one's own password to the page that does it for everybody."""
    return redirect("account_change_password")
