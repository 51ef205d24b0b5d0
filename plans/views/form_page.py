"""What every page with a form has in common."""

from django.core.exceptions import ValidationError
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.forms.idempotency import idempotent
from plans.views.form_recovery import signed_in


def form_page(view):
    """Wrap `view`, the page of a form: for people who are signed in, never cached, and done once however often sent.

    It is shown by GET and sent by POST. What somebody typed whose session has ended is in the form after they sign in:
    the view fills it from `form_recovery.kept`.
    """
    return require_http_methods(["GET", "HEAD", "POST"])(never_cache(signed_in(idempotent(view))))


def is_done(request, form, action, **told):
    """Return whether a form that was sent is done: `action` takes what it says. Why that refuses is an error of it."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        action(by=request.user, **told, **form.cleaned_data)
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    return True
