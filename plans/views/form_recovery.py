"""Nothing typed is lost: what could not be saved is kept for its author, and is in its form again.

It is sealed, that is signed together with its address and its author, and is kept for a working day at most, in the
session of whoever is signed in. Where the session cannot be written, or there is none, it is in a cookie of its address
if it is small enough. It also travels through the sign-in page. It is only ever used to show it, or to fill a form in
again; the person looks at it and saves it themselves. See `plans.views.refusals` for when it is kept.
"""

from dataclasses import replace
from functools import wraps
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.db import DatabaseError
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from plans.forms.accounts import first_sign_in_form
from plans.models import Session
from plans.second_step import can_sign_in_by_passkey
from plans.views.form_input import FormInput, read_form_input, whole_form

FIELD = "kept"
SALT = "plans.views.keeping"
"""Written out, since sessions, cookies and open pages carry what was signed with it: it stays, whatever moves."""
MOST_SECONDS = 8 * 60 * 60
MOST_BYTES = 500_000
"""How long the fields of a form may be together to be kept."""
MOST_FORMS = 8
MOST_BYTES_IN_SESSION = 600_000
"""How long all sealed forms of a session may be together: it is read for every page."""
MOST_BYTES_IN_COOKIE = 3_500
"""Browsers keep cookies of 4,096 bytes, with their names and paths."""
IS_ABOUT_THE_TOKEN = "CSRF "  # noqa: S105 - how Django's reasons begin, when it is not about another site


def signed_in(view):
    """Let only those into `view` who are signed in, and lose nothing that the others typed.

    A visitor who asks for the page signs in first. One who sends its form gets the sign-in page, and after signing
    in the same address by GET, whose form `kept` fills in again: the view has to answer GET with that form.
    Works where reading is closed, too.
    """

    @login_not_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            return sign_in_to_go_on(request)
        return redirect_to_login(request.get_full_path())

    guarded.keeps_what_is_typed = True
    return guarded


def is_signed_in(request):
    """Return whether somebody is signed in here."""
    # What is refused before the middleware for people has no person.
    return hasattr(request, "user") and request.user.is_authenticated


def kept(request):
    """Return what was typed into the form at this address and not saved, as a `QueryDict`; None when there is nothing.

    Words are returned until they are saved, discarded or too old; a form in which nothing was written only once.
    Costs no query of its own: it is in the person's session.
    """
    typed = find_kept(request)
    if typed is None:
        return None
    request.kept_in_form = typed
    if not typed.words:
        _drop(request)
    return typed.fields


def find_kept(request):
    """Return what is kept of the form at this address for whoever is here, as `FormInput`; None for nothing."""
    for sealed, is_in_session in ((_sealed_in_session(request), True), (sealed_in_cookie(request), False)):
        opened = _open(sealed)
        if opened and opened["path"] == request.path and _is_theirs(request, opened, is_in_session=is_in_session):
            return FormInput(opened["path"], opened["typed"], is_kept=True)
    return None


def sealed_in_cookie(request):
    """Return the sealed text that the browser has for this address, whoever typed it; blank for none."""
    sealed = request.COOKIES.get(FIELD, "")
    opened = _open(sealed)
    return sealed if opened and opened["path"] == request.path else ""


def keep(request, typed, *, may_use_database=True):
    """Keep `typed` for the person, and return it with `is_kept`; cookies, if need be, are set by `send_cookie`.

    It is kept for its address. All that came with it is kept for the page that its form was on, where going back leads.
    """
    whole, page = whole_form(request), _page_of_form(request)
    typed, everything = replace(typed, whole=whole), replace(typed, query=whole)
    at_page = {page: _seal(request, replace(everything, path=page), **{"for": typed.path})} if page else {}
    own, all_of_it = _seal(request, typed), _seal(request, everything)
    if not all([own, all_of_it, *at_page.values()]):
        return typed
    if may_use_database and is_signed_in(request) and _store(request, {typed.path: own, **at_page}):
        return replace(typed, is_kept=True)
    if max(map(len, [all_of_it, *at_page.values()])) <= MOST_BYTES_IN_COOKIE:
        request.kept_in_cookies = {typed.path: all_of_it, **at_page}
        return replace(typed, is_kept=True)
    return typed


def keep_elsewhere(request, path, fields):
    """Keep `fields`, a `QueryDict`, for the form at `path`, in place of what is kept there; none drop that."""
    sealed = _seal(request, FormInput(path, fields.urlencode())) if fields else ""
    if sealed:
        _put_by(request, sealed)
        request.kept_elsewhere = set(fields)
    else:
        _drop(request, path)


def send_cookie(request, response):
    """Have `response` set the cookies that `keep` found necessary, each of which is sent to its own address alone."""
    for path, sealed in getattr(request, "kept_in_cookies", {}).items():
        options = {"secure": settings.SESSION_COOKIE_SECURE, "httponly": True, "samesite": "Lax"}
        response.set_cookie(FIELD, sealed, max_age=MOST_SECONDS, path=_path_of_cookie(path), **options)


def forget(request, response):
    """Drop what was kept of the form that this request sent, since it has been saved."""
    if getattr(request.session, "session_key", None):
        _forget_in_session(request)
    if sealed := sealed_in_cookie(request):
        for path in filter(None, (request.path, _open(sealed).get("page"))):
            response.delete_cookie(FIELD, path=_path_of_cookie(path), samesite="Lax")


def _path_of_cookie(path):
    """Return `path` as browsers send it, and as nothing but a path in the header that sets the cookie."""
    return quote(path, safe="/")


def _forget_in_session(request):
    forms = {path: _open(sealed) for path, sealed in request.session.get(FIELD, {}).items()}
    saved = forms.get(request.path)
    for path, opened in forms.items():
        if opened and saved and opened.get("for") == request.path:
            rest = QueryDict(opened["typed"], mutable=True)
            for name in QueryDict(saved["typed"]):
                rest.pop(name, None)
            # What was written into other forms of that page is not saved by this.
            keep_elsewhere(request, path, rest if FormInput(path, rest.urlencode()).words else None)
    if request.path in forms:
        _drop(request)


@login_not_required
@require_POST
def discard_kept(request):
    """Drop what was kept of the form at `path`, as the person asked, and go there."""
    path = request.POST.get("path", "")
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None) or not path.startswith("/"):
        return redirect("plans:home")
    _drop(request, path)
    response = redirect(path)
    response.delete_cookie(FIELD, path=_path_of_cookie(path), samesite="Lax")
    return response


def sign_in_to_go_on(request, *, sealed=None, status=403):
    """Return the answer to a form sent by somebody not signed in: a sign-in page that carries on what was typed.

    Its status is 403, since nothing was saved. `sealed` is what was kept before, for an answer to GET.
    """
    typed = read_form_input(request)
    if sealed is None:
        sealed = _seal(request, typed) if typed else ""
        if typed and typed.words:
            # For going back, too.
            keep(request, typed, may_use_database=False)
    context = {"next": request.get_full_path(), "kept": sealed, "is_interrupted": True, "typed": typed}
    return _sign_in_page(request, {**context, "is_too_long": not sealed}, status=status)


def sign_in_again(request, *, status, is_too_often=False, is_stale=True):
    """The sign-in page once more, after it was refused: it goes on carrying what was typed elsewhere."""
    context = {"next": next_address(request), "kept": carried(request), "is_too_often": is_too_often}
    return _sign_in_page(request, {**context, "is_stale": is_stale and not is_too_often}, status=status)


def carried(request):
    """The sealed text that the sign-in form brought along, if it is whole and not too old; otherwise blank."""
    sealed = request.POST.get(FIELD, "")
    return sealed if _open(sealed) else ""


def remember(request):
    """Put what the sign-in form brought along into the session, where `kept` finds it."""
    if sealed := carried(request):
        _put_by(request, sealed)


def csrf_failure(request, reason=""):
    """Return the answer to a form whose token is missing or out of date: what was typed is offered again.

    A form sent from another site is refused, and nothing of it is kept or shown.
    """
    if not reason.startswith(IS_ABOUT_THE_TOKEN):
        request.is_from_elsewhere = True
        return render(request, "403_csrf.html", status=403)
    match = _match(request)
    if match and match.view_name == "account_login":
        return _sign_in_after_all(request)
    if match and getattr(match.func, "keeps_what_is_typed", False):
        return _offer_again(request)
    return render(request, "403_csrf.html", status=403)


def _offer_again(request):
    if not request.user.is_authenticated:
        return sign_in_to_go_on(request)
    typed = read_form_input(request)
    sealed = _seal(request, typed) if typed else ""
    if not sealed:
        return render(request, "403_csrf.html", status=403)
    _put_by(request, sealed)
    if not typed.words:
        messages.warning(
            request, "The page was open too long, so this is not saved yet. Check your text, then save again."
        )
    response = redirect(request.get_full_path())
    response.nothing_is_saved = True
    return response


def _sign_in_after_all(request):
    if not request.user.is_authenticated:
        return sign_in_again(request, status=403)
    # Signed in meanwhile, in another window: this one can go straight on.
    remember(request)
    return redirect(next_address(request) or "/")


def next_address(request):
    """Return where the sign-in form was to lead, if that is an address of ours; otherwise blank."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None, require_https=request.is_secure())
    return address if is_ours else ""


def _match(request):
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _sign_in_page(request, context, *, status):
    context = {"has_passkeys": can_sign_in_by_passkey(), **context}
    form = first_sign_in_form(request, request.POST.get("login", "") if "is_interrupted" not in context else "")
    response = render(request, "account/login.html", {"form": form, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _page_of_form(request):
    """Return the path of the page of ours that sent this form to another address; blank for the address itself."""
    page = request.headers.get("referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    path = urlsplit(page).path if is_ours else ""
    return path if path not in ("", request.path) and not path.startswith(reverse("account_login")) else ""


def _seal(request, typed, **more):
    """Return `typed` signed with its author and `more`; blank when it is too long to be kept."""
    if len(typed.query) > MOST_BYTES:
        return ""
    by = _author(request)
    # A visitor will have another session once signed in.
    author = {"by": by, "session": _session_mark(request) if by is None or is_signed_in(request) else ""}
    said = {"path": typed.path, "typed": typed.query, "page": _page_of_form(request), **author, **more}
    return signing.dumps(said, salt=SALT, compress=True)


def _open(sealed):
    try:
        return signing.loads(sealed, salt=SALT, max_age=MOST_SECONDS)
    except signing.BadSignature:
        return None


def _author(request):
    """Return the key of the person who typed, as text: also of one whose session has just ended; blank if unknown.

    None when the database does not say.
    """
    try:
        if is_signed_in(request):
            return str(request.user.pk)
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        ended = Session.objects.filter(session_key=key).exclude(user=None).first() if key else None
        return str(ended.user_id) if ended else ""
    except DatabaseError:
        return None


def _session_mark(request):
    """Return what stands for the session that the browser named, so that its author is known without a database."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    # What is sealed in cookies and sessions by now carries SHA-1, which Django 2028 no longer assumes.
    return salted_hmac(SALT, key, algorithm="sha1").hexdigest() if key else ""


def _is_theirs(request, opened, *, is_in_session):
    """Return whether whoever is here typed it. Nobody else who signs in on the same browser sees it.

    What a visitor typed, whoever that was, is for visitors, and for whoever signs in from the page that carries it.
    """
    mark, author = opened.get("session"), opened.get("by")
    if mark and constant_time_compare(mark, _session_mark(request)):
        return True
    if not author:
        return not mark and (is_in_session or not is_signed_in(request))
    return is_signed_in(request) and author == str(request.user.pk)


def _sealed_in_session(request):
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    try:
        return request.session.get(FIELD, {}).get(request.path, "")
    except DatabaseError:
        return ""


def _put_by(request, sealed):
    forms = {**request.session.get(FIELD, {})}
    path = _open(sealed)["path"]
    forms.pop(path, None)
    forms[path] = sealed
    # The newest ones, so that a session does not grow for ever.
    newest = list(forms.items())[-MOST_FORMS:]
    while sum(len(text) for _, text in newest[:-1]) + len(sealed) > MOST_BYTES_IN_SESSION and len(newest) > 1:
        del newest[0]
    request.session[FIELD] = dict(newest)


def _store(request, sealed):
    """Write {path: sealed} to the session at once, and return whether that worked; the answer goes out either way."""
    session = request.session
    before, was_modified = session.get(FIELD), session.modified
    for one in sealed.values():
        _put_by(request, one)
    try:
        session.save()
    except (DatabaseError, UpdateError):
        session[FIELD] = before or {}
        session.modified = was_modified
        return False
    session.modified = was_modified
    return True


def _drop(request, path=None):
    forms = {**request.session.get(FIELD, {})}
    if forms.pop(path or request.path, None):
        request.session[FIELD] = forms
