"""Pages for reading are sent once: a browser that has one asks whether it changed, and mostly it did not."""

import hashlib
from functools import cache, wraps
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib.messages import get_messages
from django.utils import cache as http_cache
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.timezone import get_default_timezone, localdate
from django.views.decorators.http import require_safe

from plans.fast.data_version import read_data_version
from plans.fast.kept_answers import data_version_seen
from plans.fast.switch import CONDITIONAL_PAGES, is_on

# What pages are made of, besides the database: `requirements` names the libraries.
MADE_OF = ("plans", "rocc", "templates", "static", "requirements")


def conditional_page(view):
    """Let `view` be read only, and answer 304 to a browser that has the page as it would be sent now.

    Whether it has is told by a tag over all that the page depends on, so a view may show whatever is in the database,
    by the day, the address and the person; not the time of day. The tag is sealed with the secret key: nobody
    gets a 304 for a page that was not sent to them. One query for a visitor, none more than for the person for whoever
    is signed in, and the view's own when the page has to be made.

    A page that shows messages gets no tag, since they are shown once; nor does any while templates are being edited.
    """

    @require_safe
    @wraps(view)
    def answer(request, *args, **kwargs):
        if not is_on(CONDITIONAL_PAGES):
            return _unshared(view(request, *args, **kwargs))
        # Before the page, so that a change in between makes the page newer than its tag, never older.
        version, today = _version_seen_by(request.user), localdate(timezone=get_default_timezone())
        if settings.DEBUG or version is None or get_messages(request):
            return _unshared(view(request, *args, **kwargs))
        # "*" names no page that we sent: it would be answered before anybody looked whether there is such a page.
        is_named = request.headers.get("If-None-Match", "").strip() != "*"
        tag = _tag(request, version, today)
        response = http_cache.get_conditional_response(request, etag=tag) if is_named else None
        if response is None:
            with data_version_seen(version):
                response = view(request, *args, **kwargs)
        if response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            # Sealed again, since the page may have made the secret of its forms, which comes as a cookie.
            response["ETag"] = _tag(request, version, today)
        return _unshared(response)

    return answer


def _version_seen_by(person):
    """Return the data version; that of someone who is signed in came with them."""
    version = getattr(person, "data_version", None)
    return read_data_version() if version is None else version


def _unshared(response):
    """Have browsers ask each time, and nobody else keep it; it differs by what they send."""
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


def _tag(request, version, today):
    htmx = sorted((name, value) for name, value in request.META.items() if name.startswith("HTTP_HX_"))
    depends_on = (
        *(version, what_pages_are_made_of(), settings.ROCC_OPEN_READING, today.isoformat()),
        *(request.scheme, request.get_host(), request.get_full_path(), htmx),
        *(request.user.pk, request.META.get("CSRF_COOKIE")),
        # An access token may be for one plan alone, whatever else its person sees.
        getattr(request, "seen_only", None),
        # What a person sees may begin with their session, as what has changed since the one before does.
        request.user.pk and getattr(getattr(request, "session", None), "session_key", None),
    )
    seal = hashlib.blake2b(repr(depends_on).encode(), key=_key(settings.SECRET_KEY), digest_size=16)
    # Weak, since compression changes the bytes and pads them.
    return f'W/"{seal.hexdigest()}"'


@cache
def _key(secret_key):
    return hashlib.sha256(f"plans.views.reading {secret_key}".encode()).digest()


@cache
def what_pages_are_made_of():
    """Return what the pages are made of besides the database, as a digest: the same in all processes of a version."""
    digest, home = hashlib.sha256(), Path(settings.BASE_DIR)
    for path in sorted(path for folder in MADE_OF for path in (home / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(home)} {path.stat().st_size} ".encode() + path.read_bytes())
    return digest.hexdigest()
