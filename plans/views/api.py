"""`/api/v1/`: the lists of a plan for programs, to be read alone, as JSON and CSV at fixed addresses."""

from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from tempfile import SpooledTemporaryFile

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from plans.api.description import describe
from plans.api.limits import usage_headers
from plans.api.lists import MOST, PAGE, cells_in, get_list, rows_in_json
from plans.api.problems import Refused, not_found, wrong_parameters
from plans.api.readers import reader_of
from plans.as_at import PARAMETER, MomentRefused, PlanNotThere, plan_as_at, read_moment
from plans.fast.conditional_page import conditional_page
from plans.outgoing import absolute_link
from plans.permissions import can_administer, get_plan, visible_plans
from plans.spreadsheets.writing.lists import PLANS
from plans.text import whole_number

CSV = "text/csv; charset=utf-8"
ALLOWED = "GET, HEAD, OPTIONS"
IN_MEMORY = 1 << 20
"""Bytes of CSV of an earlier moment that are kept in memory; more of them go to a file."""


def for_programs(view):
    """Answer a program: GET and HEAD alone, by its token, session or as a visitor, and with problems as JSON.

    The view is called with `request.user` as the person of the token, and with its `reader`.
    """

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def answer(request, *args, **kwargs):
        try:
            response = _respond(view, request, *args, **kwargs)
        except Refused as refused:
            response = refused.response()
        except Http404 as missing:
            response = not_found(str(missing)).response()
        except PermissionDenied as denied:
            response = Refused(HTTPStatus.FORBIDDEN, str(denied)).response()
        for name, value in usage_headers(request).items():
            response[name] = value
        patch_vary_headers(response, ["Authorization"])
        return response

    return answer


def _respond(view, request, *args, **kwargs):
    if request.method == "OPTIONS":
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": ALLOWED})
    if request.method not in ("GET", "HEAD"):
        detail = "This can be read alone. Use GET."
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, detail, headers={"Allow": ALLOWED})
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Refused(HTTPStatus.FORBIDDEN, "Use https://. What was sent could be read on its way: end that token.")
    reader = reader_of(request, get_adapter().get_client_ip(request))
    if "slug" in kwargs:
        reader.refuse_other(kwargs["slug"])
    request.user, request.reader = reader.person, reader
    request.seen_only = reader.only and reader.only.pk
    return view(request, *args, **kwargs)


@for_programs
@conditional_page
def plans_json(request):
    """The plans that the reader may see."""
    _refuse_parameters(request)
    rows = rows_in_json(PLANS.columns, cells_in(PLANS, _plans(request)))
    return _json({"plan": None, PARAMETER: None, "data": rows, "next": None})


@for_programs
@conditional_page
def plans_csv(request):
    """The plans that the reader may see, as CSV."""
    _refuse_parameters(request)
    return StreamingHttpResponse(PLANS.write_csv(_plans(request)), content_type=CSV)


@for_programs
@conditional_page
def list_json(request, slug, name):
    """Rows of a list of a plan, with the address of those that follow."""
    listed, plan = get_list(name), get_plan(request.user, slug)
    as_at = _moment(request, listed)
    limit, after = _limit(request), _once(request, "after")
    with _as_at(request, plan, as_at):
        part = listed.take(listed.filters(request.GET, plan, request.user), after, limit)
        rows = rows_in_json(listed.columns, part.rows)
    following = None
    if part.after:
        query = request.GET.copy()
        query["after"] = part.after
        following = absolute_link(request, f"{request.path}?{query.urlencode()}")
    return _json({"plan": plan.slug, PARAMETER: as_at.asked if as_at else None, "data": rows, "next": following})


@for_programs
@conditional_page
def list_csv(request, slug, name):
    """All rows of a list of a plan, as CSV."""
    listed, plan = get_list(name), get_plan(request.user, slug)
    as_at = _moment(request, listed)
    if wrong := {one: ["CSV has all rows. Leave this out."] for one in ("limit", "after") if one in request.GET}:
        raise wrong_parameters(wrong)
    with _as_at(request, plan, as_at):
        chunks = listed.csv(listed.filters(request.GET, plan, request.user))
        if as_at is None:
            return StreamingHttpResponse(chunks, content_type=CSV)
        # Written while the tables of then are there, and sent afterwards.
        return FileResponse(_written(chunks), content_type=CSV)


@for_programs
@conditional_page
def description(request):
    """What there is, as OpenAPI describes it."""
    return _json(describe(absolute_link(request, "/").rstrip("/")))


@for_programs
def nothing_here(request):
    """What stands at no address."""
    raise not_found("There is nothing at this address. What there is stands in /api/v1/openapi.json.")


def _json(content):
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def _written(chunks):
    """Return a file of what is yielded, at its start. Of a long one memory holds a part."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the answer
    file.writelines(chunks)
    file.seek(0)
    return file


def _plans(request):
    plans = visible_plans(request.user)
    return plans.filter(pk=request.reader.only.pk) if request.reader.only else plans


def _refuse_parameters(request):
    if wrong := {name: [f"There is no “{name}” here."] for name in request.GET}:
        raise wrong_parameters(wrong)


def _once(request, name):
    values = request.GET.getlist(name)
    if len(values) > 1:
        raise wrong_parameters({name: [f"Use “{name}” only once."]})
    return values[0] if values else ""


def _limit(request):
    typed = _once(request, "limit")
    limit = whole_number(typed) if typed else PAGE
    if not limit or not 1 <= limit <= MOST:
        raise wrong_parameters({"limit": [f"Choose from 1 to {MOST}."]})
    return limit


def _moment(request, listed):
    typed = _once(request, PARAMETER)
    if typed and not listed.takes_moment:
        raise wrong_parameters({PARAMETER: ["Use “since” and “until” here."]})
    try:
        return read_moment(typed) if typed.strip() else None
    except MomentRefused as refused:
        raise wrong_parameters({PARAMETER: [str(refused)]}) from None


@contextmanager
def _as_at(request, plan, as_at):
    """Have rows be read as at a moment, where there is one. Raises `Refused` where the plan was not there."""
    if as_at is None:
        yield
        return
    try:
        with plan_as_at(plan.pk, as_at, may_see_drafts=can_administer(request.user)):
            yield
    except PlanNotThere as refused:
        raise not_found(f"{plan} was not {refused} on {as_at}. Choose a later day.") from None
