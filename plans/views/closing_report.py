"""The closing report of a plan: how its activities ended, on a page and as files."""

from django.shortcuts import render

from plans.fast.conditional_page import conditional_page
from plans.filters.whole_plan import WholePlan
from plans.permissions import get_plan, visible_plans
from plans.spreadsheets.writing.lists import CLOSING_REPORT
from plans.summaries.closing_report import by_outcome, read_closing_report
from plans.views.exports import ListFiles


@conditional_page
def closing_report(request, plan_slug):
    """How the activities of a plan ended: counts first, then each with its note and what continues it."""
    plan = get_plan(request.user, plan_slug)
    rows = read_closing_report(plan, visible_plans(request.user))
    context = {"plan": plan, "section": "closing_report", "outcomes": by_outcome(rows), "count": len(rows)}
    return render(request, "plans/closing_report.html", context)


def _read(request, plan):
    return WholePlan(plan, read_closing_report(plan, visible_plans(request.user)), "closing report")


FILES = ListFiles(
    page="closing-report/",
    read=_read,
    write_csv=lambda whole: CLOSING_REPORT.write_csv(whole.rows),
    write_xlsx=lambda whole, *about: CLOSING_REPORT.write_xlsx(whole.rows, whole.plan, *about),
)
closing_report_csv, closing_report_xlsx = FILES.csv(), FILES.xlsx()
