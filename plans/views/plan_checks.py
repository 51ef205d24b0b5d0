"""Where a plan does not add up, and accepting that for a while."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from plans.actions.accepted_checks import accept_check, withdraw_acceptance
from plans.as_at import today
from plans.choices import PlanCheck
from plans.fast.conditional_page import conditional_page
from plans.filters.plan_checks import PlanCheckFilter
from plans.forms.plan_checks import AcceptCheckForm
from plans.models import Activity
from plans.permissions import (
    can_administer,
    check_administers,
    check_still_administers,
    get_activity,
    get_plan,
)
from plans.spreadsheets.writing.lists import CHECKS
from plans.summaries.check_reasons import explain
from plans.summaries.plan_checks import find_finding
from plans.views.exports import ListFiles
from plans.views.form_page import form_page, is_done
from plans.views.form_recovery import kept, signed_in

ACTIVITIES_PER_PAGE = 50


@require_safe
@signed_in
@conditional_page
def plan_checks(request, plan_slug):
    """The checks that activities of a plan fail, with the reason and what would settle it; or the accepted ones."""
    plan = get_plan(request.user, plan_slug)
    filters = _filters(request, plan)
    page = Paginator(filters.checked, ACTIVITIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"plan": plan, "section": "plan_checks", "filters": filters, "page": page}
    context |= {"rows": _with_activities(page, filters.on), "may_accept": can_administer(request.user)}
    return render(request, "plans/plan_checks.html", context)


@form_page
@transaction.atomic
def accept(request, plan_slug, number, check):
    """Ask why an activity may fail a check, and until when; accept it when the form is sent."""
    plan, activity, finding = _get_finding(request, plan_slug, number, check)
    if finding is None:
        messages.info(request, f"Activity {number} does not fail this check now, so there is nothing to accept.")
        return redirect("plans:activity", plan.slug, number)
    now = finding.accepted
    initial = {"reason": now.reason, "until": now.until} if now else None
    form = AcceptCheckForm(request.POST if request.method == "POST" else kept(request), initial=initial)
    if is_done(request, form, accept_check, activity=activity, check=finding.check, on=localdate()):
        messages.success(request, f"Accepted: “{finding.check.label}” on activity {number}.")
        return redirect("plans:plan_checks", plan.slug)
    context = {"plan": plan, "section": "plan_checks", "activity": activity, "finding": finding, "form": form}
    return render(request, "plans/check_accept.html", context)


@form_page
@transaction.atomic
def withdraw(request, plan_slug, number, check):
    """Ask whether an accepted check needs attention again; withdraw the acceptance when the form is sent."""
    plan, activity, finding = _get_finding(request, plan_slug, number, check)
    if finding is None or finding.accepted is None:
        messages.info(request, f"This check is not accepted on activity {number}.")
        return redirect("plans:activity", plan.slug, number)
    if request.method == "POST":
        withdraw_acceptance(accepted=finding.accepted, by=request.user)
        messages.success(request, f"“{finding.check.label}” on activity {number} needs attention again.")
        return redirect("plans:plan_checks", plan.slug)
    context = {"plan": plan, "section": "plan_checks", "activity": activity, "finding": finding}
    return render(request, "plans/check_withdraw.html", context)


def _get_finding(request, plan_slug, number, check):
    """Return (plan, activity, the `Finding` of that check on it, None where it does not fail it).

    For a form that was sent the activity is locked, and the right is asked again. Raises `Http404` for no such check.
    """
    plan = get_plan(request.user, plan_slug)
    activity = get_activity(request.user, plan, number)
    check_administers(request.user, "accept plan checks")
    if check not in PlanCheck.values:
        raise Http404(f"There is no plan check “{check}”.")
    if request.method == "POST":
        activity = Activity.objects.select_for_update().get(pk=activity.pk)
        check_still_administers(request.user)
    return plan, activity, find_finding(activity, PlanCheck(check), localdate())


def _filters(request, plan):
    return PlanCheckFilter(request.GET, plan=plan, on=today(), has_checks=True)


def _with_activities(checked, on):
    """Return [(`CheckedActivity`, its activity with its agencies)] in the same order. Five queries at most."""
    checked = list(checked)
    activities = Activity.objects.with_agencies().in_bulk([one.activity_id for one in checked])
    return [(one, activities[one.activity_id]) for one in explain(checked, activities, on)]


def _rows(filters):
    return _with_activities(filters.checked, filters.on)


FILES = ListFiles(
    page="checks/",
    read=_filters,
    write_csv=lambda filters: CHECKS.write_csv(_rows(filters)),
    write_xlsx=lambda filters, *about: CHECKS.write_xlsx(_rows(filters), filters.plan, *about),
)
checks_csv, checks_xlsx = (require_safe(signed_in(view)) for view in (FILES.csv(), FILES.xlsx()))
