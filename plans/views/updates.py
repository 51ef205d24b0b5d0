"""Where agencies report."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions import NewerUpdate, NotCorrectable, add_note, correct_update, record_update
from plans.actions.reporting_rules import PRIVACY_HINT
from plans.actions.updates import refuse_correction
from plans.choices import Status
from plans.forms.idempotency import idempotent
from plans.forms.updates import NoteForm, UpdateForm
from plans.permissions import (
    can_administer,
    get_activity_for_note,
    get_activity_for_update,
    get_plan,
    get_update_to_correct,
    noting_agencies,
    reporting_agencies,
)
from plans.summaries.lead_positions import ReportsOfLeads, read_own_updates
from plans.summaries.update_outcomes import say_outcome
from plans.views.cards import fields_of_card, is_card, keep_others, keeping_other_cards, page_after
from plans.views.form_page import form_page
from plans.views.form_recovery import kept, signed_in

NOTHING_CHANGED = "Nothing has changed. Correct what is wrong, then save."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@keeping_other_cards
@idempotent(typed=fields_of_card)
def update(request, plan_slug, number):
    """The form for one activity. A report that crossed with another is shown beside it, and nothing typed is lost."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_for_update(request.user, plan, number)
    if request.method != "POST":
        typed = kept(request)
        if typed is not None:
            keep_others(request, plan_slug, number, typed)
        return _update_page(request, plan, activity, _form(request, activity, typed))
    form = _form(request, activity, request.POST)
    if not form.is_valid():
        return _update_page(request, plan, activity, form)
    try:
        saved = record_update(activity=activity, by=request.user, **form.report)
    except NewerUpdate:
        return _crossed(request, plan, activity, form)
    messages.success(request, f"Update saved: {activity}.{_outcome(activity, saved)}")
    return redirect(_back(request, plan, activity))


def _form(request, activity, typed=None, *, corrected=None):
    agencies = list(reporting_agencies(request.user, activity))
    found = ReportsOfLeads.load((), if_joint=[activity.pk])
    return UpdateForm(
        typed,
        activity=activity,
        agencies=agencies,
        own=read_own_updates(found, {activity.pk: agencies}).get(activity.pk),
        latest=activity.updates.with_status().select_related("agency").first(),
        barriers=activity.barriers.open().order_by("pk"),
        may_set=can_administer(request.user),
        is_card=typed is not None and is_card(typed, activity.number),
        corrected=corrected,
    )


def _crossed(request, plan, activity, form):
    """The form again, beside what came in meanwhile: a status that only they changed is taken over."""
    updates = activity.updates.with_status().select_related("agency", "author")
    original = updates.filter(pk=form.cleaned_data["seen"]).first()
    newer = list(updates.filter(pk__gt=original.pk if original else 0))
    typed = request.POST.copy()
    typed[form.add_prefix("seen")] = newer[0].pk if newer else ""
    # "No change" was said of what the person saw, not of what has come in since.
    is_no_change = typed.pop(form.add_prefix("no_change"), None) and original is not None
    own = form.own_of(form.cleaned_data["agency"])
    # What another lead has said is its position, and changes nothing of this one.
    is_of_other_lead = own is not None and bool(newer) and newer[0].agency_id != own.agency_id
    yours = original.status if is_no_change and not is_of_other_lead else form.cleaned_data["status"]
    is_yours_unchanged = original is not None and yours == original.status and not is_of_other_lead
    if newer:
        typed[form.add_prefix("status")] = newer[0].status if is_yours_unchanged else yours
    crossed = {"original": original, "newer": newer, "yours": Status(yours), "is_merged": is_yours_unchanged}
    crossed["is_own"] = all(one.author_id == request.user.pk for one in newer)
    return _update_page(request, plan, activity, _form(request, activity, typed), status=409, **crossed)


def _update_page(request, plan, activity, form, *, status=200, **crossed):
    context = {
        "plan": plan,
        "section": "updates",
        "activity": activity,
        "form": form,
        "latest": form.repeated,
        "then": form.data.get(form.add_prefix("then"), ""),
        "statuses": Status,
        "privacy_hint": PRIVACY_HINT,
        "back": (form.data or request.GET).get("back", ""),
        **crossed,
    }
    return render(request, "plans/update.html", context, status=status)


@form_page
def correct(request, plan_slug, number, pk):
    """The form of an update that was sent, filled in; saving it makes a new update, which replaces that one."""
    plan = get_plan(request.user, plan_slug)
    corrected = get_update_to_correct(request.user, plan, number, pk)
    activity = corrected.activity
    try:
        refuse_correction(corrected, activity, plan.open_round)
        if request.method != "POST":
            form = _form(request, activity, kept(request), corrected=corrected)
            return _update_page(request, plan, activity, form, corrected=corrected)
        form = _form(request, activity, request.POST, corrected=corrected)
        if form.is_valid() and not form.is_changed:
            form.add_error(None, NOTHING_CHANGED)
        if not form.is_valid():
            return _update_page(request, plan, activity, form, corrected=corrected)
        saved = correct_update(update=corrected, by=request.user, **form.correction)
    except NotCorrectable as refused:
        return _too_late(request, plan, activity, str(refused))
    messages.success(
        request, f"Correction saved: {activity}. The earlier update stays in the history.{_outcome(activity, saved)}"
    )
    return redirect(_back(request, plan, activity))


def _too_late(request, plan, activity, why):
    """Return the form for a new update in place of a correction, with what was typed and the sentence why."""
    form = _form(request, activity)
    if request.method == "POST":
        seen = form.initial["seen"]
        form.fill(request.POST)
        # They are shown the newest update now, and what they save is compared with it.
        form.initial["seen"] = seen
    return _update_page(request, plan, activity, form, status=409, too_late=why)


@form_page
def note(request, plan_slug, number):
    """The form in which a supporting agency adds a note, which leaves the status alone."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_for_note(request.user, plan, number)
    agencies = noting_agencies(request.user, activity)
    typed = request.POST if request.method == "POST" else kept(request)
    form = NoteForm(typed, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        add_note(activity=activity, by=request.user, **form.cleaned_data)
        messages.success(request, f"Note saved: {activity}.")
        return redirect("plans:activity", plan.slug, activity.number)
    context = {"plan": plan, "section": "activities", "activity": activity, "form": form, "privacy_hint": PRIVACY_HINT}
    return render(request, "plans/note.html", context)


def _outcome(activity, saved):
    """Return what a report did to the status of a joint activity, as a sentence after another one; mostly blank."""
    return say_outcome(activity, saved.status) if saved.agency_id else ""


def _back(request, plan, activity):
    """Return where the person came from: the list of what they owe, or the activity's page."""
    if request.POST.get("back") == "mine":
        return page_after(request, plan.slug, activity.number)
    return reverse("plans:activity", args=[plan.slug, activity.number])
