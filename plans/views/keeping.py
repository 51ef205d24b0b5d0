"""Nothing typed is lost when a session has ended: it travels through the sign-in page, back into its form.

What was typed travels sealed: signed together with its address, for an hour at most. It is only ever used to fill
a form in again; the person looks at it and saves it themselves.
"""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from plans.forms.people import SignInForm

FIELD = "kept"
SALT = "plans.views.keeping"
MOST_SECONDS = 60 * 60
MOST_BYTES = 500_000
MOST_FORMS = 5
IS_ABOUT_THE_TOKEN = "CSRF "  # noqa: S105 - how Django's reasons begin, when it is not about another site
NOT_SAVED_YET = "Not saved yet: the page had been open for too long. Check what you typed, and save it again."


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


def kept(request):
    """What was typed into the form at this address before signing in, as a `QueryDict`; None when there is nothing.

    It is answered once, and only within an hour. Costs no query of its own: it lies in the person's session.
    """
    all_kept = request.session.get(FIELD, {})
    if request.path not in all_kept:
        return None
    sealed = all_kept.pop(request.path)
    request.session[FIELD] = all_kept
    opened = _open(sealed)
    return QueryDict(opened["typed"]) if opened else None


def sign_in_to_go_on(request):
    """The answer to a form sent by somebody who is not signed in: the sign-in page, which carries on what they typed.

    Its status is 403, since nothing was saved.
    """
    sealed = _seal(request)
    context = {"next": request.get_full_path(), "kept": sealed, "is_interrupted": True, "is_too_long": not sealed}
    return _sign_in_page(request, context, status=403)


def sign_in_again(request, *, status, is_too_often=False):
    """The sign-in page once more, after it was refused: it goes on carrying what was typed elsewhere."""
    context = {"next": _next(request), "kept": carried(request), "is_too_often": is_too_often}
    return _sign_in_page(request, {**context, "is_stale": not is_too_often}, status=status)


def carried(request):
    """The sealed text that the sign-in form brought along, if it is whole and not too old; otherwise blank."""
    sealed = request.POST.get(FIELD, "")
    return sealed if _open(sealed) else ""


def remember(request):
    """Put what the sign-in form brought along into the session, where `kept` finds it."""
    if sealed := carried(request):
        _put_by(request, sealed)


def csrf_failure(request, reason=""):
    """The answer to a form whose token is missing or out of date: what was typed is offered again.

    A form sent from another site is refused, and nothing of it is kept.
    """
    if reason.startswith(IS_ABOUT_THE_TOKEN):
        match = _match(request)
        if match and match.view_name == "account_login":
            return _sign_in_after_all(request)
        if match and getattr(match.func, "keeps_what_is_typed", False):
            return _offer_again(request)
    return render(request, "403_csrf.html", status=403)


def _offer_again(request):
    if not request.user.is_authenticated:
        return sign_in_to_go_on(request)
    sealed = _seal(request)
    if not sealed:
        return render(request, "403_csrf.html", status=403)
    _put_by(request, sealed)
    messages.warning(request, NOT_SAVED_YET)
    return redirect(request.get_full_path())


def _sign_in_after_all(request):
    if not request.user.is_authenticated:
        return sign_in_again(request, status=403)
    # Signed in meanwhile, in another window: this one can go straight on.
    remember(request)
    return redirect(_next(request) or "/")


def _next(request):
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None, require_https=request.is_secure())
    return address if is_ours else ""


def _match(request):
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _sign_in_page(request, context, *, status):
    address = {"login": request.POST.get("login", "")} if "is_interrupted" not in context else {}
    form = SignInForm(initial=address, request=request)
    response = render(request, "account/login.html", {"form": form, **context}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _seal(request):
    typed = request.POST.copy()
    for name in [name for name in typed if name in ("csrfmiddlewaretoken", FIELD) or "password" in name]:
        del typed[name]
    text = typed.urlencode()
    if len(text) > MOST_BYTES:
        return ""
    return signing.dumps({"path": request.path, "typed": text}, salt=SALT, compress=True)


def _open(sealed):
    try:
        return signing.loads(sealed, salt=SALT, max_age=MOST_SECONDS)
    except signing.BadSignature:
        return None


def _put_by(request, sealed):
    forms = {**request.session.get(FIELD, {}), _open(sealed)["path"]: sealed}
    # The newest ones, so that a session does not grow for ever.
    request.session[FIELD] = dict(list(forms.items())[-MOST_FORMS:])
