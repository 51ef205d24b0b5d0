"""What has changed in a plan between two moments."""

from django.core.paginator import Paginator
from django.shortcuts import render

from plans.as_at import today
from plans.fast.conditional_page import conditional_page
from plans.filters.comparison import ComparisonFilter
from plans.models import Pack
from plans.permissions import can_administer, get_plan
from plans.sessions import last_visit_before
from plans.spreadsheets.writing.lists import COMPARISON
from plans.views.exports import ListFiles

ACTIVITIES_PER_PAGE = 25


@conditional_page
def compare(request, plan_slug):
    """The activities of a plan that are not as they were: new, withdrawn, ended, changed, with what was and what is."""
    plan = get_plan(request.user, plan_slug)
    filters = _filters(request, plan)
    # First, since it says how the page is marked.
    is_valid = filters.is_valid()
    page = Paginator(filters.activities, ACTIVITIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"plan": plan, "section": "compare", "filters": filters, "is_valid": is_valid, "page": page}
    return render(request, "plans/compare.html", context)


def _filters(request, plan):
    return ComparisonFilter(
        request.GET,
        plan=plan,
        on=today(),
        may_see_drafts=can_administer(request.user),
        last_visit=last_visit_before(request),
        last_pack=Pack.objects.last_of(plan) if request.user.is_authenticated else None,
    )


FILES = ListFiles(
    page="compare/",
    read=_filters,
    write_csv=lambda filters: COMPARISON.write_csv(filters.activities),
    write_xlsx=lambda filters, *about: COMPARISON.write_xlsx(filters.activities, filters.plan, *about),
)
compare_csv, compare_xlsx = FILES.csv(), FILES.xlsx()
