"""When the work of a plan is due, and how often that has moved."""

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_safe

from plans.fast.conditional_page import conditional_page
from plans.filters.due_dates import DueDateFilter
from plans.filters.file_names import file_name
from plans.models import Activity
from plans.outgoing import absolute_link
from plans.permissions import can_administer, get_plan
from plans.spreadsheets.writing.lists import write_due_dates_csv, write_due_dates_xlsx
from plans.views.exports import XLSX, as_download, refuse_export

ROWS_PER_PAGE = 50


@conditional_page
def due_dates(request, plan_slug):
    """The due dates of a plan, past ones, coming ones and none: how often each has moved, by whom and why."""
    plan = get_plan(request.user, plan_slug)
    filters = DueDateFilter(request.GET, plan=plan, on=localdate())
    page = Paginator(filters.works, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"plan": plan, "section": "due_dates", "filters": filters, "page": page}
    context["may_edit"] = can_administer(request.user)
    return render(request, "plans/due_dates.html", {**context, "rows": _with_activities(page)})


@require_safe
def due_dates_csv(request, plan_slug):
    """The due dates that the filters in the address leave, a row for each move, as CSV."""
    plan = get_plan(request.user, plan_slug)
    filters = DueDateFilter(request.GET, plan=plan, on=localdate())
    if not filters.is_valid():
        return refuse_export(request, plan, filters)
    rows = write_due_dates_csv(_with_activities(filters.works))
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    return as_download(response, file_name(plan, ["Due dates", *filters.file_labels], filters.on, "csv"))


@require_safe
def due_dates_xlsx(request, plan_slug):
    """The due dates that the filters in the address leave, a row for each move, as an Excel workbook."""
    plan = get_plan(request.user, plan_slug)
    filters = DueDateFilter(request.GET, plan=plan, on=localdate())
    if not filters.is_valid():
        return refuse_export(request, plan, filters)
    view = absolute_link(request, f"{plan.get_absolute_url()}dates/?{filters.query}")
    said = [("Filter", chip.label) for chip in filters.chips]
    workbook = write_due_dates_xlsx(_with_activities(filters.works), plan, said, view, now())
    name = file_name(plan, ["Due dates", *filters.file_labels], filters.on, "xlsx")
    return as_download(HttpResponse(workbook, content_type=XLSX), name)


def _with_activities(works):
    """Return [(`DueWork`, its activity with its agencies)] in the same order. Two queries."""
    works = list(works)
    activities = Activity.objects.with_agencies().in_bulk({one.activity_id for one in works})
    return [(one, activities[one.activity_id]) for one in works]
