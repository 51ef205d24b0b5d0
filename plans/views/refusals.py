"""Every form that is refused shows again what was typed into it, whatever refused it; see `views.form_recovery`.

This is one rule for all forms. A form is saved when it is answered by going on to another page. Any other answer keeps
what was typed: one that shows the form with its errors, so that going back finds the words too, and one that is a
page about an error, which shows them itself.
"""

import logging
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.views.defaults import permission_denied

from plans.views import form_recovery
from plans.views.form_input import read_form_input

log = logging.getLogger(__name__)
ABOUT_ACCOUNTS = "/accounts/"
"""Addresses at which nothing is written but passwords and what people sign in with."""
HEADINGS = {
    HTTPStatus.CONFLICT: "This was changed while you were writing",
    HTTPStatus.GONE: "This page is no longer available",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is too large",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many attempts",
}


def form_recovery_middleware(get_response):
    """Middleware, directly below that for sessions: keeps what a refused form sent, and shows it on the answer."""

    def respond(request):
        request.typed_to_show = lambda: typed_to_show(request)
        response = get_response(request)
        if request.method == "POST":
            response = _after_form(request, response)
        elif request.method == "GET" and response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            response = _after_page(request, response)
        form_recovery.send_cookie(request, response)
        if getattr(request, "shown_again", None):
            response["Cache-Control"] = "no-store"
        return response

    return respond


def typed_to_show(request):
    """Return what a page about an error has to show again, as `FormInput`; None for nothing.

    After a form was sent it is what that sent, which is kept from now on; on any other page what was kept of the form
    at this address. Never raises: it is called where anything may have gone wrong. Templates call it too, as
    `request.typed_to_show`.
    """
    if not hasattr(request, "shown_again"):
        try:
            request.shown_again = _sent_again(request) if request.method == "POST" else _kept_before(request)
        except Exception:  # the page about an error has to be shown whatever else is wrong
            log.exception("What was typed could not be shown again")
            request.shown_again = None
    return request.shown_again


def bad_request(request, exception=None):
    """Return the page for a request that cannot be answered as asked; Django's `handler400`."""
    return render(request, "400.html", status=400)


def on_its_own(request, template, context):
    """Return a page that needs no database as text, with what was typed; for what went wrong on our side."""
    return render_to_string(template, {**context, **_context_on_its_own(request)})


def _context_on_its_own(request):
    typed = typed_to_show(request)
    return {"typed": typed, "token": get_token(request) if typed else ""}


def _sent_again(request):
    typed = _sent(request)
    if typed is None or not typed.words or not hasattr(request, "session"):
        return typed
    return form_recovery.keep(request, typed, may_use_database=not getattr(request, "is_database_away", False))


def _sent(request):
    """Return what the form of this request sent, as `FormInput`; None for one that is about an account, or not ours."""
    is_ours = not getattr(request, "is_from_elsewhere", False)
    return read_form_input(request) if is_ours and not request.path_info.startswith(ABOUT_ACCOUNTS) else None


def _kept_before(request):
    typed = form_recovery.find_kept(request) if hasattr(request, "session") else None
    is_in_form = getattr(request, "kept_in_form", None)
    return typed if typed and typed.words and not is_in_form else None


def _after_form(request, response):
    """Return the answer to a form: as it is when it was saved, otherwise with what was typed."""
    if _goes_to_sign_in(response) and (sent := _sent(request)) and sent.is_entered:
        response = _refuse_unknown(request)
    elif _goes_on(response):
        if not getattr(response, "nothing_is_saved", False):
            form_recovery.forget(request, response)
        return response
    typed = typed_to_show(request)
    if typed is None or not typed.words or response.status_code < HTTPStatus.BAD_REQUEST or _shows(response, typed):
        return response
    return _page(request, response)


def _after_page(request, response):
    """Return the answer to a request for a page that is not simply that page: with what was kept for it, if anything.

    Going back asks for the address of a form again, which may be refused by now, or lead elsewhere.
    """
    if _goes_to_sign_in(response) and not form_recovery.is_signed_in(request):
        sealed = form_recovery.sealed_in_cookie(request)
        return form_recovery.sign_in_to_go_on(request, sealed=sealed, status=200) if sealed else response
    typed = typed_to_show(request)
    if typed is None or (not _goes_on(response) and _shows(response, typed)):
        return response
    if _goes_to_sign_in(response):
        return permission_denied(request, None)
    return _page(request, response)


def _refuse_unknown(request):
    """Return the answer to a form of the admin that was sent by a visitor, or by somebody who may not use it."""
    return (
        permission_denied(request, None)
        if form_recovery.is_signed_in(request)
        else form_recovery.sign_in_to_go_on(request)
    )


def _page(request, response):
    """Return a page with what was typed, in place of an answer that does not show it."""
    goes_on = _goes_on(response)
    status = HTTPStatus.OK if goes_on else response.status_code
    context = {
        "heading": "Your words are kept" if goes_on else HEADINGS.get(status, "This cannot be saved here"),
        "goes_on_to": response["Location"] if goes_on else "",
    }
    page = render(request, "refused.html", context, status=status)
    for name in ("Allow", "Retry-After"):
        if name in response:
            page[name] = response[name]
    return page


def _shows(response, typed):
    """Return whether the answer has the longest of the texts in it, as a form with its errors has."""
    if response.streaming:
        return False
    longest = max((text for _, text in typed.words), key=len)
    return _as_one_line_end(escape(longest)) in _as_one_line_end(response.content.decode(response.charset, "replace"))


def _as_one_line_end(text):
    return text.replace("\r\n", "\n")


def _goes_on(response):
    return response.status_code in (HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)


def _goes_to_sign_in(response):
    places = (reverse(settings.LOGIN_URL), reverse("admin:login"))
    return _goes_on(response) and urlsplit(response["Location"]).path in places
