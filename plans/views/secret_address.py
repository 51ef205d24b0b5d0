"""Pages whose address alone lets in whoever has it, as links in emails do."""

from django.contrib.auth.decorators import login_not_required
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods


def at_secret_address(view):
    """Wrap `view`, a page with a form that asks nobody to sign in; browsers keep nothing of it.

    Its form carries no CSRF token: what lets it do anything is the address itself, which no other site knows. A browser
    that is told to send no Referer sends no Origin either, so that Django could not check where the form came from.
    """
    return login_not_required(csrf_exempt(never_cache(require_http_methods(["GET", "HEAD", "POST"])(view))))
