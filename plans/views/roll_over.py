"""Pages on which programme admins roll a plan over to the next one. The draft is an unpublished plan."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate

from plans.actions import roll_over as actions
from plans.choices import RollOverDates, RollOverOutcome
from plans.forms.plans import suggest_plan
from plans.forms.roll_over import ChoiceForm, DraftForm, EndOldForm, NextPlanForm, UndoRollOverForm, prefix_of
from plans.models import Activity, Plan, RollOver
from plans.permissions import check_still_administers, get_plan_to_administer
from plans.summaries.roll_over import edited_of, problems_of
from plans.views.form_page import form_page
from plans.views.form_recovery import kept

ROWS_PER_PAGE = 20
DOING = "roll a plan over"


def _get(request, plan_slug):
    """Return (plan, its roll-over or None); of a form that was sent the right is asked again."""
    plan = get_plan_to_administer(request.user, plan_slug, DOING)
    if request.method == "POST":
        Plan.objects.select_for_update().get(pk=plan.pk)
        check_still_administers(request.user)
    return plan, RollOver.objects.filter(old_plan=plan).select_related("new_plan").first()


def _is_over(roll_over):
    return bool(roll_over and roll_over.new_plan and roll_over.new_plan.is_published)


@form_page
@transaction.atomic
def roll_over(request, plan_slug):
    """What becomes of each activity, a page at a time; saved as far as it was chosen."""
    plan, found = _get(request, plan_slug)
    activities = list(Activity.objects.in_force().filter(plan=plan).order_by("number"))
    choices = {one.activity_id: one for one in found.choices.select_related("merge_with")} if found else {}
    problems = problems_of(activities, choices)
    page = Paginator(activities, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    data = request.POST if request.method == "POST" else kept(request)
    forms = _forms(page, activities, choices, problems, data)
    sent = [one for one in forms if one.is_bound]
    # Each of them, so that all errors are said at once.
    is_valid = [one.is_valid() for one in sent]
    if request.method == "POST" and not _is_over(found) and all(is_valid):
        changed = {one.activity: one.values for one in sent if one.is_changed}
        try:
            actions.choose(plan=plan, choices=changed, by=request.user)
        except ValidationError:
            # Someone has published the next plan since, which the page says.
            return _choices_page(request, plan, activities, page, forms, problems)
        messages.success(request, "Choices saved." if changed else "No changes to save.")
        return redirect(_after(request, plan, page))
    return _choices_page(request, plan, activities, page, forms, problems)


def _choices_page(request, plan, activities, page, forms, problems):
    found = RollOver.objects.filter(old_plan=plan).select_related("new_plan", "made_by", "undone_by").first()
    context = {"plan": plan, "section": "roll_over", "roll_over": found, "page": page, "forms": forms}
    context |= {"is_over": _is_over(found), "missing": [one for one in activities if one.pk in problems]}
    context |= {"count": len(activities), "outcomes": list(RollOverOutcome)}
    has_errors = any(one.is_bound and one.errors for one in forms)
    status = 409 if any(one.is_crossed for one in forms) else 200
    return render(request, "plans/roll_over.html", {**context, "has_errors": has_errors}, status=status)


def _forms(page, activities, choices, problems, data):
    """Return a form for each activity of the page; those that were not sent show what is saved."""
    numbers = {str(one.number).lower(): one for one in activities}
    return [
        ChoiceForm(
            data if data and f"{prefix_of(one)}-seen" in data else None,
            activity=one,
            choice=choices.get(one.pk),
            numbers=numbers,
            problem=problems.get(one.pk, "") if choices.get(one.pk) else "",
        )
        for one in page
    ]


def _after(request, plan, page):
    """Return where a person goes on after saving: as they asked, the next page, or this one again."""
    here = reverse("plans:roll_over", args=[plan.slug])
    if "next" in request.POST and page.has_next():
        return f"{here}?page={page.next_page_number()}"
    if "next" in request.POST:
        return reverse("plans:roll_over_make", args=[plan.slug])
    return f"{here}?page={page.number}" if page.number > 1 else here


@form_page
@transaction.atomic
def make(request, plan_slug):
    """Say what the draft would be, or what of it would change, and make it."""
    plan, found = _get(request, plan_slug)
    if found is None or _is_over(found):
        return redirect("plans:roll_over", plan.slug)
    data = request.POST if request.method == "POST" else kept(request)
    dates = RollOverDates(found.dates)
    if data and data.get("dates") in RollOverDates.values:
        dates = RollOverDates(data["dates"])
    steps, problem = None, ""
    try:
        steps = actions.read_steps(found, dates)
    except ValidationError as refused:
        problem = refused.messages[0]
    form = DraftForm(data, initial={"dates": found.dates, "seen": steps.fingerprint if steps else ""})
    new_form = None if found.new_plan else NextPlanForm(data, initial=_next(plan))
    valid = [form.is_valid(), new_form is None or new_form.is_valid()] if data else []
    if request.method == "POST" and steps and all(valid):
        try:
            made = actions.make_draft(
                plan=plan, by=request.user, new_plan=new_form and new_form.instance, **_how(form, dates)
            )
        except ValidationError as refused:
            form.add_error(None, refused.messages)
            form.data = form.data.copy()
            form.data["seen"] = steps.fingerprint
            found = RollOver.objects.select_related("new_plan").get(pk=found.pk)
        else:
            messages.success(request, f"The draft of {made.new_plan} is made. Only programme admins see it.")
            return redirect("plans:roll_over", plan.slug)
    context = {"plan": plan, "section": "roll_over", "roll_over": found, "form": form, "new_form": new_form}
    return render(request, "plans/roll_over_make.html", {**context, "steps": steps, "problem": problem})


def _how(form, dates):
    return {
        "dates": dates,
        "is_renumbered": form.cleaned_data["is_renumbered"],
        "is_overwriting": form.cleaned_data["is_overwriting"],
        "seen": form.cleaned_data["seen"],
    }


def _next(plan):
    """Return what the form of the next plan begins with: the names and days of the year after this one."""
    return suggest_plan(Plan.objects.filter(pk=plan.pk))


@form_page
@transaction.atomic
def undo(request, plan_slug):
    """Ask why, and withdraw what the roll-over made."""
    plan, found = _get(request, plan_slug)
    if found is None or not found.is_in_draft or _is_over(found):
        return redirect("plans:roll_over", plan.slug)
    form = UndoRollOverForm(request.POST if request.method == "POST" else kept(request))
    if request.method == "POST" and form.is_valid():
        day = localdate(timezone=get_default_timezone())
        try:
            actions.undo_roll_over(plan=plan, by=request.user, reason=form.cleaned_data["reason"], on=day)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, f"Undone. {found.new_plan} has no activities from {plan.short_name} any more.")
            return redirect("plans:roll_over", plan.slug)
    draft = actions.read_draft(found)
    context = {"plan": plan, "section": "roll_over", "roll_over": found, "form": form}
    context |= {"edited": edited_of(found.made, draft)}
    context |= {"count": sum(one.withdrawn_on is None for one in draft.values())}
    return render(request, "plans/roll_over_undo.html", context)


@form_page
@transaction.atomic
def end_old(request, plan_slug):
    """Ask for the last day, and write down how the activities of the old plan ended, as chosen."""
    plan, found = _get(request, plan_slug)
    if found is None or not found.is_in_draft:
        return redirect("plans:roll_over", plan.slug)
    today = localdate(timezone=get_default_timezone())
    initial = {"on": min(plan.ends_on or today, today)}
    form = EndOldForm(request.POST if request.method == "POST" else kept(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.end_old_activities(plan=plan, by=request.user, on=form.cleaned_data["on"])
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, f"How {count} activities of {plan.short_name} ended is written down.")
            return redirect("plans:closing_report", plan.slug)
    chosen = found.choices.filter(activity__withdrawn_on=None, activity__ending="").exclude(outcome="")
    choices = list(chosen.select_related("activity").order_by("activity__number"))
    context = {"plan": plan, "section": "roll_over", "roll_over": found, "form": form, "choices": choices}
    return render(request, "plans/roll_over_end.html", context)
