"""What is true of every request: it has a number and a line in the log, it can be understood, and nobody keeps it.

The number comes from the web server before this one, or is made here. It stands on every log line of the request, in
its answer as `X-Request-ID`, and on the page that says that something broke, so that the three find each other.
"""

import codecs
import logging
import re
import secrets
from time import perf_counter
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from django.core.signals import request_finished, request_started
from django.http import HttpResponseRedirect
from django.utils.http import escape_leading_slashes, parse_header_parameters
from django.views.defaults import bad_request

from rocc.logs import REQUEST_ID, without_key

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
# What our pages have browsers send. Others take bytes for text in ways that forms do not expect, or not at all.
CHARSETS = {"utf-8", "ascii"}
ODD_CHARSET = "rocc.odd_charset"
TRACKING = re.compile(
    r"(?:utm|mtm|pk|mc|hsa|oly|vero)_.{1,40}|_(?:ga|gl|hsenc|hsmi|openstat|kx)"
    r"|(?:fb|g|d|y|tw|tt|ir)clid|msclkid|[gw]braid|gclsrc|gad_(?:source|campaignid)|srsltid|igsh(?:id)?"
    r"|li_fat_id|mkt_tok|s_kwcid|epik|ml_subscriber(?:_hash)?",
    re.IGNORECASE,
)
"""Names of parameters that mailers, search engines and social networks add to links, to see who follows them."""
LETS_IN = ("/u/", "/not-me/", "/feeds/")
"""Addresses of links that ask nobody to sign in. Browsers send no Origin from them: their forms need no CSRF token."""
PATH_SIGNS = "/~:@!$&'()*+,;="
"""The signs that stand in a path as they are."""
log = logging.getLogger("rocc.access")


def number_and_log(get_response):
    """Middleware, the first of all: gives each request its number, and writes its line once it is answered."""

    def respond(request):
        started = perf_counter()
        said = request.META.get("HTTP_X_REQUEST_ID", "")
        number = request.request_id = said if WELL_FORMED.fullmatch(said) else secrets.token_hex(8)
        REQUEST_ID.set(number)
        response = get_response(request)
        response.headers[HEADER] = number
        if response.streaming and "Content-Length" not in response.headers:
            response.streaming_content = _counted(response.streaming_content, request, response, started)
        else:
            _write(request, response, started, _length(request, response))
        return response

    return respond


def private_by_default(get_response):
    """Middleware: tells browsers and caches to keep nothing, where whoever made the answer said nothing about it.

    What may be kept says so itself: static files, and the pages for reading. Nothing at an address that lets in whoever
    has it tells that address to others, whatever is answered there.
    """

    def respond(request):
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        if request.path_info.startswith(LETS_IN):
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return respond


def refuse_malformed(get_response):
    """Middleware: answers 400 to what no browser sends, and what would otherwise break whoever reads it later."""

    def respond(request):
        address = request.META.get("HTTP_HX_CURRENT_URL", "")
        if ODD_CHARSET in request.META or (address and not _is_address(address)):
            return bad_request(request, exception=None)
        return get_response(request)

    return respond


def drop_tracking(get_response):
    """Middleware: sends whoever follows a link with tracking parameters to the address without them.

    So no page has to know them, and none has them in its links, in what is copied or in what a file says of itself.
    """

    def respond(request):
        parts = request.META.get("QUERY_STRING", "").split("&")
        kept = [part for part in parts if not TRACKING.fullmatch(unquote_plus(part.partition("=")[0]))]
        if len(kept) == len(parts) or request.method not in ("GET", "HEAD"):
            return get_response(request)
        path = escape_leading_slashes(quote(request.path, safe=PATH_SIGNS))
        return HttpResponseRedirect(f"{path}?{'&'.join(kept)}".removesuffix("?"))

    return respond


def set_odd_charset_aside(environ, **kwargs):
    """Take from what was sent a charset that no form comes in: Django would read the address by it, and fail."""
    if "charset" not in environ.get("CONTENT_TYPE", "").lower():
        return
    kind, parameters = parse_header_parameters(environ["CONTENT_TYPE"])
    try:
        name = codecs.lookup(parameters.get("charset", "utf-8")).name
    except (LookupError, ValueError):
        # Django leaves out of account what it does not know.
        return
    if name not in CHARSETS:
        environ.update({"CONTENT_TYPE": kind, ODD_CHARSET: name})


def forget_number(**kwargs):
    """Have no line between two requests carry the number of the first."""
    REQUEST_ID.set(None)


request_started.connect(set_odd_charset_aside, dispatch_uid="rocc.charset")
request_finished.connect(forget_number, dispatch_uid="rocc.number")


def _is_address(text):
    """Return whether it can be taken apart, also once it is decoded, as htmx asks for."""
    try:
        return bool(urlsplit(text) and urlsplit(unquote(text)))
    except ValueError:
        return False


def _counted(chunks, request, response, started):
    """Give the chunks of an answer that is made while it is sent, and write its line when it ends or is broken off."""
    count = 0
    try:
        for chunk in chunks:
            count += len(chunk)
            yield chunk
    finally:
        _write(request, response, started, count)


def _length(request, response):
    if request.method == "HEAD":
        return 0
    return int(response.headers["Content-Length"]) if response.streaming else len(response.content)


def _write(request, response, started, count):
    """Write the line: never the query, the address of a person or what they typed, only the number of who is here."""
    person = getattr(getattr(request, "_cached_user", None), "pk", None)
    told = {
        "method": request.method,
        "path": _path(request),
        "status": response.status_code,
        "ms": round((perf_counter() - started) * 1000),
        "bytes": count,
        "user": person,
    }
    log.info("%(method)s %(path)s %(status)s %(ms)sms %(bytes)sB user=%(user)s", told, extra=told)


def _path(request):
    """The path, as it is sent over the wire; the key of a link that sets a password is left out."""
    return quote(without_key(request.path), safe=PATH_SIGNS)
