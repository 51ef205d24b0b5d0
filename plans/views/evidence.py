"""Links to evidence on an activity: adding one, and removing one."""

from django.contrib import messages
from django.shortcuts import redirect, render

from plans.actions.evidence import add_evidence, remove_evidence
from plans.forms.evidence import EvidenceForm
from plans.permissions import get_activity_for_update, get_evidence_to_remove, get_plan
from plans.views.form_page import form_page, is_done
from plans.views.form_recovery import kept


@form_page
def evidence_add(request, plan_slug, number):
    """Add a link to an activity, beside any update."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_for_update(request.user, plan, number)
    form = EvidenceForm(request.POST if request.method == "POST" else kept(request))
    if is_done(request, form, add_evidence, activity=activity):
        messages.success(request, f"Link added: {activity}.")
        return redirect("plans:activity", plan.slug, activity.number)
    context = {"plan": plan, "section": "activities", "activity": activity, "form": form}
    return render(request, "plans/evidence_add.html", context)


@form_page
def evidence_remove(request, plan_slug, number, pk):
    """Ask whether to remove a link, and remove it."""
    plan = get_plan(request.user, plan_slug)
    link = get_evidence_to_remove(request.user, plan, number, pk)
    if request.method == "POST":
        remove_evidence(link=link, by=request.user)
        messages.success(request, f"Link removed: {link}. It stays in the history.")
        return redirect("plans:activity", plan.slug, number)
    context = {"plan": plan, "section": "activities", "activity": link.activity, "link": link}
    return render(request, "plans/evidence_remove.html", context)
