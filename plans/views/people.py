"""Pages on which programme admins see who belongs to which agency, invite people and end what has ended."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlencode

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.core.validators import slug_re
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from plans.actions import people as actions
from plans.actions import second_step, sign_in_links
from plans.actions.access_tokens import end_tokens
from plans.actions.calendar_feeds import end_feeds
from plans.actions.update_links import end_links
from plans.forms.accounts import SetPasswordForm
from plans.forms.people import InvitationForm, MembershipForm
from plans.models import Agency, AuditEvent, Membership
from plans.outgoing import absolute_link, is_mail_sent, plain_text
from plans.permissions import (
    PersonAction,
    actions_on,
    can_administer,
    check_can_act_on,
    current_plan,
    get_person_for,
)
from plans.summaries.navigation import first_page_of
from plans.summaries.people import describe_person, list_people
from plans.text import whole_number
from plans.views import single_sign_on
from plans.views.form_recovery import kept, signed_in
from plans.ways_to_sign_in import can_sign_in, links_of, may_use_password, providers_for

LINK = "invitation_link"
INVITATION = "invitation"
EVENTS_PER_PAGE = 50


def for_programme_admins(view):
    """Let programme admins in; visitors sign in first, and for everybody else the page does not exist."""

    @signed_in
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not can_administer(request.user):
            raise Http404("There is no such page.")
        return view(request, *args, **kwargs)

    return guarded


def on_the_page_of_the_person(view):
    """Have `view` do what it does by POST alone; who merely goes to its address sees the person instead."""

    @wraps(view)
    def by_post(request, pk, **kwargs):
        return view(request, pk, **kwargs) if request.method == "POST" else redirect("plans:person", pk)

    return by_post


@require_safe
@for_programme_admins
def person_list(request):
    """Everybody who has an account: their agencies, their role, and when they signed in last."""
    return render(request, "people/person_list.html", {"section": "people", "rows": list_people()})


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
def invite_person(request):
    """Invite somebody: a new account and its link, or one more agency for somebody who has an account.

    The agency whose code the address names as `agency` is ticked.
    """
    data = request.POST if request.method == "POST" else kept(request)
    form = InvitationForm(data, by=request.user, initial={"agencies": _agencies_named(request)})
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.invite(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            # Closed since the form looked.
            form.add_error("email", error)
            return render(request, "people/invite.html", {"section": "people", "form": form})
        if can_sign_in(person):
            messages.success(request, f"{person} already has an account, and can sign in with it.")
        else:
            _give_link(request, person)
            messages.success(request, f"{person} is invited.")
        return redirect("plans:person", person.pk)
    return render(request, "people/invite.html", {"section": "people", "form": form})


def _agencies_named(request):
    code = request.GET.get("agency", "")
    # PostgreSQL refuses to look for text with NUL in it.
    return list(Agency.objects.coded(code)) if slug_re.fullmatch(code) else []


@require_safe
@for_programme_admins
@never_cache
def person(request, pk):
    """One person: agencies, role, account; right after an invitation also its link, once."""
    row = describe_person(_get_person(pk))
    context = {
        "section": "people",
        "row": row,
        "form": MembershipForm(person=row.person),
        # Shown once, to somebody who sees it: asking for the head alone uses nothing up.
        "link": request.session.pop(f"{LINK}{pk}", None) if request.method == "GET" else None,
        "link_days": settings.INVITATION_TIMEOUT // (24 * 60 * 60),
        "access_tokens": row.person.access_tokens.live(localdate()) if row.person.is_active else (),
        "calendar_feeds": row.person.calendar_feeds.live().select_related("plan"),
        "update_links": row.person.update_links.live().for_list() if row.person.is_active else (),
        "sign_in_links": links_of(row.person),
        "may": actions_on(request.user, row.person),
        "second_steps": second_step.names_of(row.person),
    }
    return render(request, "people/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
@on_the_page_of_the_person
def renew_link(request, pk):
    """Make a new invitation link; the one before it stops working."""
    person = get_person_for(request.user, pk, PersonAction.GIVE_LINK)
    try:
        _give_link(request, person)
    except ValidationError as error:
        messages.error(request, error.message)
    return redirect("plans:person", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
@on_the_page_of_the_person
def add_agency(request, pk):
    """Let a person report for more agencies."""
    person = get_person_for(request.user, pk, PersonAction.ADD_AGENCY)
    form = MembershipForm(request.POST, person=person)
    if not person.is_active:
        messages.error(request, f"The account of {person} is closed. Reopen it first.")
    elif form.is_valid():
        agencies = list(form.cleaned_data["agency"])
        actions.add_agencies(person=person, agencies=agencies, by=request.user)
        messages.success(request, f"{person} can now add updates for {', '.join(map(str, agencies))}.")
    else:
        messages.error(request, "Choose an agency the person does not belong to yet.")
    return redirect("plans:person", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
def end(request, pk):
    """Ask, and end a membership."""
    membership = get_object_or_404(Membership.objects.active().select_related("user", "agency"), pk=pk)
    check_can_act_on(request.user, membership.user, PersonAction.END_AGENCY)
    if request.method == "POST":
        actions.end_membership(membership=membership, by=request.user)
        messages.success(request, f"{membership.user} no longer reports for {membership.agency}.")
        return redirect("plans:person", membership.user_id)
    return render(request, "people/end_membership.html", {"section": "people", "membership": membership})


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
def close(request, pk):
    """Ask, and close an account."""
    person = get_person_for(request.user, pk, PersonAction.CLOSE)
    if request.method == "POST":
        actions.close_account(person=person, by=request.user)
        messages.success(request, f"The account of {person} is closed.")
        return redirect("plans:person", pk)
    return render(request, "people/close_account.html", {"section": "people", "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
@on_the_page_of_the_person
def reopen(request, pk):
    """Open an account again."""
    person = get_person_for(request.user, pk, PersonAction.REOPEN)
    actions.open_account(person=person, by=request.user)
    messages.success(request, f"The account of {person} is open again.")
    return redirect("plans:person", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
def remove_second_step(request, pk):
    """Ask, and remove the second step of somebody who has lost it."""
    person = get_person_for(request.user, pk, PersonAction.REMOVE_SECOND_STEP)
    if request.method == "POST":
        if second_step.remove_second_step(person=person, by=request.user):
            messages.success(request, f"The second step of {person} is removed. We will tell them by email.")
        return redirect("plans:person", pk)
    return render(request, "people/remove_second_step.html", {"section": "people", "person": person})


@dataclass(frozen=True)
class Ending:
    """What of a person can be ended at once: `end(person=…, by=…)` ends it, and `receipt` says so of the person."""

    action: PersonAction
    end: Callable
    receipt: str


ENDINGS = {
    "sessions": Ending(PersonAction.END_SESSIONS, actions.end_sessions, "{} is signed out everywhere."),
    "update_links": Ending(PersonAction.END_LINKS, end_links, "The update links of {} no longer work."),
    "tokens": Ending(PersonAction.END_TOKENS, end_tokens, "The access tokens of {} no longer work."),
    "sign_in": Ending(
        PersonAction.END_SIGN_IN,
        sign_in_links.end_links,
        "{} can no longer sign in with a provider, and is signed out everywhere.",
    ),
    "feeds": Ending(PersonAction.END_FEEDS, end_feeds, "The calendar feeds of {} no longer work."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_programme_admins
@on_the_page_of_the_person
def end_what_opens(request, pk, what):
    """End what lets a person in, or whoever holds it: their sessions, links, tokens or feeds, by the name `what`."""
    ending = ENDINGS[what]
    person = get_person_for(request.user, pk, ending.action)
    ending.end(person=person, by=request.user)
    messages.success(request, ending.receipt.format(person))
    return redirect("plans:person", pk)


@require_safe
@for_programme_admins
def audit_trail(request):
    """Who signed in, and who may do what since when, newest first; all of it, or about one person."""
    events = AuditEvent.objects.select_related("about", "by")
    about, number = None, request.GET.get("person", "")
    if number:
        about = _get_person(whole_number(number) or 0)
        events = events.filter(about=about)
    page = Paginator(events, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({"person": about.pk}) if about else ""
    people = get_user_model().objects.order_by("email")
    context = {"section": "audit", "page": page, "about": about, "query": query, "people": people}
    return render(request, "people/audit_trail.html", context)


@login_not_required
@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request):
    """Where an invitation leads: sets the first password, or links to a provider, and signs in.

    The token goes from the address into the session at once, so that it is in no log and no history.
    """
    token = request.GET.get("link") or request.session.get(INVITATION, "")
    invited = actions.person_invited_by(token)
    if invited is None:
        return render(request, "people/link_used.html", status=410)
    if "link" in request.GET:
        request.session[INVITATION] = token
        return redirect("plans:welcome")
    offers = providers_for(invited.email)
    chosen = next((one for one in offers if one.id == request.POST.get("provider")), None)
    if chosen and request.user.is_authenticated:
        messages.error(request, f"You are signed in as {request.user}. Sign out first, then use the link again.")
    elif chosen:
        return single_sign_on.accept_with(request, chosen, token)
    has_password = may_use_password(invited)
    form = SetPasswordForm(data=request.POST if "password1" in request.POST else None, user=invited)
    if request.method == "POST" and has_password and form.is_valid():
        return _accept(request, token, form.cleaned_data["password1"])
    context = {"form": form, "person": invited, "offers": offers, "has_password": has_password}
    return render(request, "people/welcome.html", context)


def _accept(request, token, password):
    try:
        person = actions.accept_invitation(token=token, password=password)
    except ValidationError:
        return render(request, "people/link_used.html", status=410)
    request.session.pop(INVITATION, None)
    # As at every sign-in, whoever has a second step is asked for it.
    response = perform_login(request, person, redirect_url=first_page_of(current_plan(person)))
    if request.user.is_authenticated:
        messages.success(request, "Welcome. Your password is set, and you are signed in.")
    return response


def _get_person(pk):
    return get_object_or_404(get_user_model(), pk=pk)


def _give_link(request, person):
    """Have a new link shown on the next page, once, and mail it where mail is set up."""
    token = actions.give_invitation_link(person=person, by=request.user)
    link = absolute_link(request, f"{reverse('plans:welcome')}?{urlencode({'link': token})}")
    request.session[f"{LINK}{person.pk}"] = link
    if not is_mail_sent():
        return
    text = plain_text("people/invitation_message.txt", {"link": link, "by": request.user})
    try:
        send_mail("Your invitation to the action plan tracker", text, None, [person.email])
    except OSError:
        messages.warning(request, "We could not email the link. Send it yourself.")
    else:
        actions.note_link_mailed(person=person, by=request.user)
        messages.info(request, f"We have emailed the link to {person.email}.")
