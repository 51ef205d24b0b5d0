"""When the work of a plan is due, and how often that has moved."""

from django.core.paginator import Paginator
from django.shortcuts import render

from plans.as_at import today
from plans.fast.conditional_page import conditional_page
from plans.filters.due_dates import DueDateFilter
from plans.permissions import can_administer, can_see_checks, can_see_decisions, get_plan
from plans.spreadsheets.writing.lists import DUE_DATES
from plans.summaries.slip_ledger import with_activities
from plans.views.exports import ListFiles

ROWS_PER_PAGE = 50


@conditional_page
def due_dates(request, plan_slug):
    """The due dates of a plan, past ones, coming ones and none: how often each has moved, by whom and why."""
    plan = get_plan(request.user, plan_slug)
    filters = _filters(request, plan)
    page = Paginator(filters.works, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"plan": plan, "section": "due_dates", "filters": filters, "page": page}
    context["may_edit"] = can_administer(request.user)
    context["duties"] = filters.duties if can_see_decisions(request.user) else ()
    return render(request, "plans/due_dates.html", {**context, "rows": with_activities(page)})


def _filters(request, plan):
    return DueDateFilter(request.GET, plan=plan, on=today(), has_checks=can_see_checks(request.user))


FILES = ListFiles(
    page="dates/",
    read=_filters,
    write_csv=lambda filters: DUE_DATES.write_csv(with_activities(filters.works)),
    write_xlsx=lambda filters, *about: DUE_DATES.write_xlsx(with_activities(filters.works), filters.plan, *about),
)
due_dates_csv, due_dates_xlsx = FILES.csv(), FILES.xlsx()
