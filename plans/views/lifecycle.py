"""Pages on which programme admins finalise the description of an activity, rate it, end it, and bring it back."""

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.timezone import get_default_timezone, localdate

from plans import actions
from plans.choices import Ending
from plans.forms.activities import FinaliseForm, ReasonForm
from plans.forms.endings import EndingForm
from plans.forms.merging import kept_in_words
from plans.forms.ratings import RatingForm
from plans.models import Activity
from plans.permissions import check_still_administers, get_activity_to_edit, get_plan
from plans.views.form_page import form_page
from plans.views.form_recovery import kept


@form_page
@transaction.atomic
def finalise(request, plan_slug, number):
    """Show the description to be finalised; when the form is sent, finalise it as it is in the form."""
    plan, activity = _get_activity(request, plan_slug, number)
    form = FinaliseForm(request.POST if request.method == "POST" else kept(request), instance=activity)
    if request.method == "POST" and form.is_valid():
        wording, reason = form.cleaned_data["description"], form.cleaned_data["reason"] or "Description finalised"
        actions.finalise_description(activity=activity, by=request.user, description=wording, reason=reason)
        messages.success(request, "Description finalised.")
        return redirect("plans:activity", plan.slug, number)
    return _page(request, plan, form, "plans/activity_finalise.html")


@form_page
@transaction.atomic
def rate(request, plan_slug, number):
    """Ask for the programme's rating with its sentence, and save or remove it; the status stays as it is."""
    plan, activity = _get_activity(request, plan_slug, number)
    form = RatingForm(request.POST if request.method == "POST" else kept(request), instance=activity)
    if request.method == "POST" and form.is_valid():
        rated, changed = form.instance, form.changed_columns
        if changed:
            actions.edit_activity(activity=rated, by=request.user, reason=form.why, changed=changed)
        messages.success(request, _rated_in_words(rated) if changed else "No changes to save.")
        return redirect("plans:activity", plan.slug, number)
    return _page(request, plan, form, "plans/activity_rating.html")


def _rated_in_words(activity):
    stays = f"The status stays {activity.status_choice.label}."
    if activity.rating_choice is None:
        return f"Programme rating removed. {stays}"
    return f"Programme rating saved: {activity.rating_choice.label}. {stays}"


@form_page
@transaction.atomic
def end(request, plan_slug, number):
    """Ask how an activity ended, when, and for a sentence about it; of one that has ended, show what was said."""
    plan, activity = _get_activity(request, plan_slug, number)
    form = EndingForm(request.POST if request.method == "POST" else kept(request), instance=activity)
    if request.method == "POST" and form.is_valid():
        ending = Ending(form.cleaned_data["ending"])
        actions.end_activity(
            activity=activity,
            by=request.user,
            ending=ending,
            ended_on=form.cleaned_data["ended_on"],
            note=form.cleaned_data["ending_note"],
            reason="Ending changed" if form.has_ended else "Activity ended",
        )
        messages.success(request, f"Activity {number} has ended: {ending.label.lower()}.")
        if kept_words := kept_in_words(form.kept):
            messages.info(request, kept_words)
        return redirect("plans:activity", plan.slug, number)
    undone = activity.sub_activities.in_force().filter(is_done=False)
    return _page(request, plan, form, "plans/activity_end.html", undone=list(undone))


@form_page
@transaction.atomic
def withdraw(request, plan_slug, number):
    """Ask for the reason, and withdraw an activity from today."""
    plan, activity = _get_activity(request, plan_slug, number)
    if activity.withdrawn_on:
        messages.info(request, f"Activity {number} is already withdrawn.")
        return redirect("plans:activity", plan.slug, number)
    on = localdate(timezone=get_default_timezone())
    done = f"Activity {number} is withdrawn. Its history is kept."
    return _with_reason(request, plan, activity, partial(actions.withdraw, on=on), done, "plans/activity_withdraw.html")


@form_page
@transaction.atomic
def bring_back(request, plan_slug, number):
    """Ask for the reason, and have an activity that was withdrawn or has ended go on."""
    plan, activity = _get_activity(request, plan_slug, number)
    if not (activity.withdrawn_on or activity.has_ended):
        messages.info(request, f"Activity {number} is in the plan and has not ended.")
        return redirect("plans:activity", plan.slug, number)
    done = f"Activity {number} is back in the plan."
    return _with_reason(request, plan, activity, actions.bring_back, done, "plans/activity_bring_back.html")


def _page(request, plan, form, template_name, **more):
    """Show the form of an activity beside the activity as it is saved, which a refused form has changed in memory."""
    context = {"plan": plan, "section": "activities", "form": form, **more}
    context["activity"] = Activity.objects.get(pk=form.instance.pk)
    return render(request, template_name, context, status=409 if form.is_crossed else 200)


def _with_reason(request, plan, activity, act, done, template_name):
    """Show the form that asks for a reason; when it is sent, `act` for that reason, and say that it is `done`."""
    form = ReasonForm(request.POST if request.method == "POST" else kept(request))
    # Nothing else is asked.
    form.fields["reason"].widget.attrs["autofocus"] = not form.is_bound
    if request.method == "POST" and form.is_valid():
        act(activity=activity, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, done)
        return redirect("plans:activity", plan.slug, activity.number)
    context = {"plan": plan, "section": "activities", "activity": activity, "form": form}
    return render(request, template_name, context)


def _get_activity(request, plan_slug, number):
    """Return (plan, activity); for a form that was sent the activity is locked, and the right is asked again."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_to_edit(request.user, plan, number)
    if request.method == "POST":
        activity = Activity.objects.select_for_update().get(pk=activity.pk)
        check_still_administers(request.user)
    return plan, activity
