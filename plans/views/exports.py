"""A plan's activities and barriers as files."""

from django.http import HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_safe

from plans.filters.barriers import BarrierFilter
from plans.filters.exports import ExportFilter
from plans.filters.file_names import file_name
from plans.outgoing import absolute_link
from plans.permissions import get_plan
from plans.spreadsheets.writing.export import write_csv, write_xlsx
from plans.spreadsheets.writing.lists import write_barriers_csv, write_barriers_xlsx
from plans.summaries.reference_names import read_names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def activities_csv(request, plan_slug):
    """The activities that the filters in the address leave, all pages of them, as CSV."""
    plan = get_plan(request.user, plan_slug)
    names = read_names()
    filters = ExportFilter(request.GET, plan=plan, on=localdate(), names=names)
    if not filters.is_valid():
        return refuse_export(request, plan, filters)
    rows = write_csv(filters.activities, names)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    return as_download(response, file_name(plan, filters.file_labels, filters.on, "csv"))


@require_safe
def activities_xlsx(request, plan_slug):
    """The activities that the filters in the address leave, all pages of them, as an Excel workbook."""
    plan = get_plan(request.user, plan_slug)
    names = read_names()
    filters = ExportFilter(request.GET, plan=plan, on=localdate(), names=names)
    if not filters.is_valid():
        return refuse_export(request, plan, filters)
    view = absolute_link(request, f"{plan.get_absolute_url()}activities/?{filters.query}")
    said = [("Filter", chip.label) for chip in filters.chips]
    workbook = write_xlsx(filters.activities, plan, said, view, now(), names)
    name = file_name(plan, filters.file_labels, filters.on, "xlsx")
    return as_download(HttpResponse(workbook, content_type=XLSX), name)


@require_safe
def barriers_csv(request, plan_slug):
    """The barriers that the filters in the address leave, all pages of them, as CSV."""
    plan = get_plan(request.user, plan_slug)
    filters = BarrierFilter(request.GET, plan=plan)
    if not filters.is_valid:
        return refuse_export(request, plan, filters)
    rows = write_barriers_csv(filters.barriers.for_export())
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    return as_download(response, file_name(plan, filters.file_labels, localdate(), "csv"))


@require_safe
def barriers_xlsx(request, plan_slug):
    """The barriers that the filters in the address leave, all pages of them, as an Excel workbook."""
    plan = get_plan(request.user, plan_slug)
    filters = BarrierFilter(request.GET, plan=plan)
    if not filters.is_valid:
        return refuse_export(request, plan, filters)
    view = absolute_link(request, f"{plan.get_absolute_url()}barriers/?{filters.query}")
    workbook = write_barriers_xlsx(filters.barriers.for_export(), plan, filters.said, view, now())
    name = file_name(plan, filters.file_labels, localdate(), "xlsx")
    return as_download(HttpResponse(workbook, content_type=XLSX), name)


def as_download(response, name):
    """Return a response that browsers save as a file of that name, which is plain letters."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def refuse_export(request, plan, filters):
    """Return the page that says what is wrong with the filters of a file."""
    context = {"plan": plan, "errors": filters.form.errors, "problem": "These filters cannot be exported."}
    return HttpResponseBadRequest(render_to_string("400.html", context, request))
