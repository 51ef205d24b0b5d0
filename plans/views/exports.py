"""The lists of a plan as files: one shape for all of them, and the lists of activities and of barriers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from plans.as_at import stay, today
from plans.filters.barriers import BarrierFilter
from plans.filters.exports import ExportFilter
from plans.filters.file_names import file_name
from plans.outgoing import absolute_link
from plans.permissions import can_see_checks, get_plan
from plans.spreadsheets.writing.export import write_csv, write_xlsx
from plans.spreadsheets.writing.lists import BARRIERS as BARRIER_TABLE
from plans.summaries.reference_names import read_names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class ListFiles:
    """A list that goes out as files, all pages of it, as the filters in the address leave it.

    `page` is where it is seen, below the address of its plan. `read(request, plan)` returns its filters, which know
    `is_valid()`, `form`, `query`, `said` and `file_labels`. `write_csv(filters)` yields bytes;
    `write_xlsx(filters, said, view, made_at)` returns them.
    """

    page: str
    read: Callable[[Any, Any], Any]
    write_csv: Callable[[Any], Any]
    write_xlsx: Callable[[Any, Any, str, Any], bytes]

    def csv(self):
        """Return the view that answers the list as CSV."""
        return self._view("csv", self._csv)

    def xlsx(self):
        """Return the view that answers the list as an Excel workbook."""
        return self._view("xlsx", self._xlsx)

    def _view(self, ending, answer):
        @require_safe
        def view(request, plan_slug):
            plan = get_plan(request.user, plan_slug)
            filters = self.read(request, plan)
            if not filters.is_valid():
                return refuse_export(request, plan, filters)
            response = answer(request, plan, filters)
            name = file_name(plan, filters.file_labels, today(), ending)
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response

        return view

    def _csv(self, request, plan, filters):
        return StreamingHttpResponse(self.write_csv(filters), content_type="text/csv; charset=utf-8")

    def _xlsx(self, request, plan, filters):
        view = absolute_link(request, stay(f"{plan.get_absolute_url()}{self.page}?{filters.query}"))
        return HttpResponse(self.write_xlsx(filters, filters.said, view, now()), content_type=XLSX)


def refuse_export(request, plan, filters):
    """Return the page that says what is wrong with the filters of a file."""
    context = {"plan": plan, "errors": filters.form.errors, "problem": "These filters cannot be exported."}
    return HttpResponseBadRequest(render_to_string("400.html", context, request))


ACTIVITIES = ListFiles(
    page="activities/",
    read=lambda request, plan: ExportFilter(
        request.GET, plan=plan, on=today(), names=read_names(), has_checks=can_see_checks(request.user)
    ),
    write_csv=lambda filters: write_csv(filters.activities, filters.names),
    write_xlsx=lambda filters, said, view, made_at: write_xlsx(
        filters.activities, filters.plan, said, view, made_at, filters.names
    ),
)
BARRIERS = ListFiles(
    page="barriers/",
    read=lambda request, plan: BarrierFilter(request.GET, plan=plan),
    write_csv=lambda filters: BARRIER_TABLE.write_csv(filters.barriers.for_export()),
    write_xlsx=lambda filters, *about: BARRIER_TABLE.write_xlsx(filters.barriers.for_export(), filters.plan, *about),
)
activities_csv, activities_xlsx = ACTIVITIES.csv(), ACTIVITIES.xlsx()
barriers_csv, barriers_xlsx = BARRIERS.csv(), BARRIERS.xlsx()
