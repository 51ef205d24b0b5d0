"""Pages and files of a plan as it was at an earlier moment: `?at=2026-10-31` after the address of any of them.

One middleware does it for all of them. The view is called as ever, while the tables of then lie over those of today
(`plans.as_at`); then links in the page are made to stay at the moment. It is called for the person as a mere reader, so
that nothing in the page offers to edit what is past.
"""

import re
from contextlib import contextmanager
from copy import copy
from functools import lru_cache
from html import escape, unescape
from http import HTTPStatus
from tempfile import SpooledTemporaryFile

from django.core.exceptions import PermissionDenied
from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve

from plans.as_at import PARAMETER, MomentRefused, PlanNotThere, current, plan_as_at, read_moment, stay
from plans.permissions import can_administer, visible_plans

SHOWN = frozenset(
    {
        *("overview", "about", "matrix", "find", "focus_area", "priority_area", "agency_list", "agency"),
        *("activity_list", "activities_csv", "activities_xlsx"),
        *("activity", "activity_history", "activity_record"),
        *("barrier_list", "barriers_csv", "barriers_xlsx"),
        *("due_dates", "due_dates_csv", "due_dates_xlsx"),
        *("plan_checks", "checks_csv", "checks_xlsx"),
        *("round_list", "round"),
        *("closing_report", "closing_report_csv", "closing_report_xlsx"),
    }
)
"""Names of the addresses of a plan that can be seen as at an earlier moment: all that only read it."""
ADDRESSES = ("Location", "HX-Push-Url", "HX-Replace-Url")
"""Headers by which an answer says where to go on, or where the browser is."""
LINK = re.compile(
    r'(?<!data-now )\bhref="((?:https?://[^/"?#\s]{1,253})?(?:/plans/[^"?#\s]{1,300})?(?:\?[^"#\s]{0,4000})?)(#[^"\s]{0,200})?"'
)
SITE = re.compile(r"^https?://[^/]*")
ASKING_FORM = re.compile(r"<form\b[^>]{0,900}>")
IN_MEMORY = 2_000_000
"""Bytes of a file that are kept in memory until it is sent."""


def as_at_middleware(get_response):
    """Middleware, the last of all: shows a page of a plan as at the moment that its address asks for."""

    def respond(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        match = request.resolver_match
        if PARAMETER not in request.GET or "plan_slug" not in kwargs or match.namespace != "plans":
            return None
        if match.url_name not in SHOWN or request.method not in ("GET", "HEAD"):
            return _refuse(request, "Nothing can be changed in the past. Open this page without a date.", 403)
        asked = request.GET.getlist(PARAMETER)
        if len(asked) > 1:
            return _refuse(request, f"Use “{PARAMETER}” only once.")
        try:
            as_at = read_moment(asked[0]) if asked[0].strip() else None
        except MomentRefused as refused:
            return _refuse(request, str(refused))
        if as_at is None:
            return HttpResponseRedirect(address_of_now(request))
        return _answer(request, as_at, view, args, kwargs)

    respond.process_view = process_view
    return respond


def address_of_now(request):
    """Return the address of a page without the moment as at which it is shown."""
    asked = request.GET.copy()
    asked.pop(PARAMETER, None)
    return f"{request.path}?{asked.urlencode()}".removesuffix("?")


def _answer(request, as_at, view, args, kwargs):
    """Return what `view` answers as at a moment, whole: nothing of it is read from the database afterwards."""
    plan = visible_plans(request.user).filter(slug=kwargs["plan_slug"]).first()
    if plan is None:
        raise Http404("There is no such plan, or the person cannot see it.")
    try:
        with plan_as_at(plan.pk, as_at, may_see_drafts=can_administer(request.user)), _asked_by_reader(request, as_at):
            try:
                response = view(request, *args, **kwargs)
            except (Http404, PermissionDenied) as refused:
                # Here, so that the page that says so is one of then, too.
                response = response_for_exception(request, refused)
            return _stayed(response)
    except PlanNotThere as refused:
        return _refuse(request, f"{plan} was not {refused} on {as_at}. Choose a later day.", HTTPStatus.NOT_FOUND)


@contextmanager
def _asked_by_reader(request, as_at):
    """Have a request ask for what a page shows, without its moment, by the person as one who may only read."""
    person, asked = request.user, request.GET
    request.as_at, request.address_of_now, request.GET = as_at, address_of_now(request), asked.copy()
    del request.GET[PARAMETER]
    request.user = copy(getattr(person, "_wrapped", person))
    if person.is_authenticated:
        request.user.is_staff = request.user.is_superuser = request.user.is_administrator = False
    try:
        yield
    finally:
        request.user, request.GET = person, asked


def _refuse(request, problem, status=HTTPStatus.BAD_REQUEST):
    context = {"problem": problem, "now": address_of_now(request)}
    return render(request, "plans/as_at_refused.html", context, status=status)


def _stayed(response):
    """Return a response whose addresses stay at the moment, read to its end."""
    for name in ADDRESSES:
        if name in response and _is_shown(response[name]):
            response[name] = stay(response[name])
    if response.streaming:
        response.streaming_content = _Made(response.streaming_content)
    elif response.get("Content-Type", "").startswith("text/html"):
        response.content = stay_in_page(response.content.decode())
    return response


class _Made:
    """A file that was made while the tables of then were there, in chunks; the answer closes it, sent or not."""

    def __init__(self, chunks):
        """Read `chunks` to their end."""
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed below
        for chunk in chunks:
            self.file.write(chunk)
        self.file.seek(0)

    def __iter__(self):
        while chunk := self.file.read(1 << 16):
            yield chunk

    def close(self):
        """Let go of the file."""
        self.file.close()


def stay_in_page(page):
    """Return a page, or a part of one, whose links and forms stay at the moment where they lead to what can be so."""
    return ASKING_FORM.sub(_staying_form, LINK.sub(_staying_link, page))


def _staying_link(found):
    address, fragment = unescape(found[1]), found[2] or ""
    if not address or not (address.startswith("?") or _is_shown(address)):
        return found[0]
    return f'href="{escape(stay(address))}{fragment}"'


def _staying_form(found):
    if "data-now" in found[0] or 'method="post"' in found[0]:
        return found[0]
    return f'{found[0]}<input type="hidden" name="{PARAMETER}" value="{escape(current().asked)}">'


@lru_cache(maxsize=5_000)
def _is_shown(address):
    """Return whether an address, with or without a site, is that of a page that can be seen as at a moment."""
    path = SITE.sub("", address).partition("?")[0].partition("#")[0]
    try:
        match = resolve(path)
    except Resolver404:
        return False
    return match.namespace == "plans" and match.url_name in SHOWN and "plan_slug" in match.kwargs
