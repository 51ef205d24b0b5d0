"""How programs read a plan: the addresses of what a page shows, and files that connect Power BI to them."""

from urllib.parse import quote

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from plans.api.lists import LISTS, get_list
from plans.api.problems import Refused
from plans.as_at import today
from plans.filters import ActivityFilter
from plans.outgoing import absolute_link
from plans.permissions import can_see_checks, get_plan
from plans.views.refusals import bad_request


@require_safe
def data(request, plan_slug):
    """The addresses of the lists of a plan, with the filters that this one was opened with."""
    plan = get_plan(request.user, plan_slug)
    query = _query(request, plan)
    rows = [(one, _address(request, plan, one.name, query)) for one in LISTS.values()]
    context = {"plan": plan, "section": "activities", "rows": rows, "query": query}
    context["description"] = absolute_link(request, "/api/v1/openapi.json")
    return render(request, "plans/data.html", context)


@require_safe
def power_bi(request, plan_slug, name):
    """A file by which Power BI Desktop opens a list of a plan, and asks for the access token itself."""
    plan = get_plan(request.user, plan_slug)
    try:
        listed = get_list(name)
    except Refused:
        return bad_request(request, None)
    address = {"url": f"{_address(request, plan, listed.name, _query(request, plan))[0]}"}
    details = {"protocol": "http", "address": address, "authentication": None, "query": None}
    connection = {"details": details, "options": {}, "mode": "Import"}
    file = f"{plan.slug}-{listed.name}.pbids"
    headers = {"Content-Disposition": f"attachment; filename={quote(file)}"}
    return JsonResponse({"version": "0.1", "connections": [connection]}, headers=headers)


def _query(request, plan):
    """Return the filters of activities that the address has, as a query string; blank where one is unknown."""
    filters = ActivityFilter(request.GET, plan=plan, on=today(), has_checks=can_see_checks(request.user))
    return filters.query_of_choices if filters.is_valid() else ""


def _address(request, plan, name, query):
    """Return the addresses of a list as CSV and JSON; filters of activities are for what is about activities."""
    filtered = f"?{query}" if query and name in ("activities", "updates", "dates") else ""
    here = f"/api/v1/plans/{plan.slug}/{name}"
    return absolute_link(request, f"{here}.csv{filtered}"), absolute_link(request, f"{here}.json{filtered}")
