"""Pages on which programme admins add and edit a plan, and say which plan is the current one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render

from plans.actions import plans as actions
from plans.forms.merging import kept_in_words
from plans.forms.plans import NewPlanForm, PlanForm, suggest_plan
from plans.models import Plan
from plans.permissions import check_administers, check_still_administers, get_plan_to_administer, visible_plans
from plans.views.form_page import form_page
from plans.views.form_recovery import kept


@form_page
@transaction.atomic
def plan_new(request):
    """The form of a new plan, filled in for the year after the current one; adds it when sent."""
    check_administers(request.user, "add plans")
    if request.method == "POST":
        return _add(request)
    return _page(request, NewPlanForm(kept(request), initial=suggest_plan(Plan.objects.all())))


def _add(request):
    form = NewPlanForm(request.POST)
    check_still_administers(request.user)
    if not form.is_valid():
        return _page(request, form)
    is_current = form.cleaned_data["is_made_current"]
    try:
        plan = actions.add_plan(plan=form.instance, by=request.user, is_current=is_current)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _page(request, form)
    messages.success(request, f"{plan} added.{' It is now the current plan.' if is_current else ''}")
    return redirect(plan)


def _page(request, form):
    return render(
        request,
        "plans/plan_new.html",
        {"section": "plan_new", "form": form, "current": visible_plans(request.user).current()},
    )


@form_page
@transaction.atomic
def plan_edit(request, plan_slug):
    """The form of a plan; what is sent is merged with what colleagues saved meanwhile, and saved."""
    plan = get_plan_to_administer(request.user, plan_slug, "edit plans")
    if request.method != "POST":
        return _edit_page(request, plan, PlanForm(kept(request), instance=plan))
    locked = Plan.objects.select_for_update().get(pk=plan.pk)
    check_still_administers(request.user)
    was_published = locked.is_published
    form = PlanForm(request.POST, instance=locked)
    if not form.is_valid():
        return _edit_page(request, plan, form, status=409 if form.conflicts else 200)
    reason = form.cleaned_data["reason"] or "Plan edited"
    try:
        actions.edit_plan(plan=locked, by=request.user, reason=reason, fields=form.columns)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _edit_page(request, plan, form)
    messages.success(request, " ".join(_saved(form, was_published)))
    return redirect(locked)


def _saved(form, was_published):
    """Return what to say of a plan that was saved, in sentences."""
    said = ["Changes saved."]
    if form.instance.is_published != was_published:
        said.append("Readers can see this plan now." if not was_published else "Readers can no longer see this plan.")
    return said + [sentence for sentence in [kept_in_words(form.kept)] if sentence]


def _edit_page(request, plan, form, *, status=200):
    context = {"plan": plan, "section": "plan_edit", "form": form}
    return render(request, "plans/plan_edit.html", context, status=status)


@form_page
@transaction.atomic
def make_current(request, plan_slug):
    """Ask, and make a plan the current one in place of the one that was."""
    plan = get_plan_to_administer(request.user, plan_slug, "choose the current plan")
    current = Plan.objects.filter(is_current=True).first()
    if plan == current:
        messages.info(request, f"{plan} is the current plan.")
        return redirect("plans:plan_list")
    if request.method == "POST":
        check_still_administers(request.user)
        actions.make_current(plan=plan, by=request.user)
        messages.success(request, f"{plan} is now the current plan.")
        return redirect("plans:plan_list")
    return render(request, "plans/plan_make_current.html", {"plan": plan, "section": "plans", "current": current})
