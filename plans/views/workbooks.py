"""Workbooks that agencies fill in and send back."""

from itertools import chain

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate, now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.models import Agency
from plans.outgoing import absolute_link
from plans.permissions import get_plan, get_plan_to_hand_out
from plans.spreadsheets.writing.reporting_workbook import (
    all_reporting_workbooks,
    reporting_workbook_name,
    reporting_workbook_of,
    write_all,
    write_reporting_workbook,
)
from plans.summaries import find_remaining
from plans.views.exports import XLSX
from plans.views.form_recovery import signed_in


@require_safe
@never_cache
def fill_in(request, plan_slug, code):
    """The workbook of one agency. It holds nothing but what pages show, so that whoever reads the plan may have it."""
    plan = get_plan(request.user, plan_slug)
    agency = Agency.objects.in_plan(plan).coded(code).first()
    if agency is None:
        if remaining := find_remaining(code):
            return redirect("plans:fill_in", plan.slug, remaining)
        raise Http404(f"There is no agency {code} in {plan}.")
    found = reporting_workbook_of(agency, plan, localdate())
    if not found.rows:
        raise Http404(f"{agency.name} does not lead an activity in this plan, so there is no reporting workbook.")
    content = write_reporting_workbook(found, plan, _import_page(request, plan), now())
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{reporting_workbook_name(plan, agency)}"'
    return response


@require_safe
@never_cache
@signed_in
def fill_in_all(request, plan_slug):
    """The workbooks of all agencies of a plan in one zip file, for the programme admin who sends them out."""
    plan = get_plan_to_hand_out(request.user, plan_slug)
    fill_ins = all_reporting_workbooks(plan, localdate())
    first = next(fill_ins, None)
    if first is None:
        raise Http404("No agency leads an activity in this plan, so there are no reporting workbooks.")
    parts = write_all(chain([first], fill_ins), plan, _import_page(request, plan), now())
    response = StreamingHttpResponse(parts, content_type="application/zip")
    name = f"{plan.slug}-fill-in-{plan.get_marking_display()}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _import_page(request, plan):
    return absolute_link(request, f"{plan.get_absolute_url()}import/")
