"""Where agencies report."""

from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plans.actions import NewerUpdate, add_note, record_update
from plans.actions.reporting_rules import PRIVACY_HINT
from plans.choices import Freshness, Role, Status
from plans.forms.once import once
from plans.forms.updates import NoteForm, UpdateForm
from plans.models import Activity, StatusUpdate
from plans.permissions import (
    agencies_of,
    can_administer,
    get_activity_for_note,
    get_activity_for_update,
    get_plan,
    own_activities,
    reporting_agencies,
)
from plans.summaries import Parties
from plans.views.keeping import kept, signed_in

FORMS_IN_PLACE = 20
URGENCY = {Freshness.OVERDUE: 0, Freshness.NEVER: 1, Freshness.DUE: 2, Freshness.CURRENT: 3}


@dataclass(frozen=True)
class Owed:
    """An activity that owes an update, the form for it, and the update before it."""

    activity: Activity
    form: UpdateForm
    latest: StatusUpdate | None


@require_safe
@never_cache
@signed_in
def my_updates(request, plan_slug):
    """What the person's agencies owe in the open round, the overdue first, with the forms in place."""
    plan = get_plan(request.user, plan_slug)
    today = timezone.localdate()
    own = own_activities(request.user, plan).with_freshness(plan.open_round, today)
    activities = sorted(own.for_list_page().with_sub_activities(), key=lambda one: (URGENCY[one.freshness], one.number))
    owed = [one for one in activities if one.freshness != Freshness.CURRENT]
    latest = {update.activity_id: update for update in StatusUpdate.objects.latest_of(own).select_related("agency")}
    agencies = list(agencies_of(request.user))
    context = {
        "plan": plan,
        "section": "updates",
        "agencies": agencies,
        "owed": _with_forms(plan, owed[:FORMS_IN_PLACE], agencies, latest),
        "more": owed[FORMS_IN_PLACE:],
        "done": [(one, latest.get(one.pk)) for one in activities if one.freshness == Freshness.CURRENT],
        "statuses": Status,
        "privacy_hint": PRIVACY_HINT,
        "is_admin": can_administer(request.user),
    }
    return render(request, "plans/my_updates.html", context)


def _with_forms(plan, activities, agencies, latest):
    """Answer the activities as [Owed], each with a form for those of `agencies` that lead it. Two queries."""
    parties = Parties(plan)
    forms = []
    for activity in activities:
        credited = {one for link in activity.lead_links for one in parties.credited(link.agency_id)}
        leading = [agency for agency in agencies if agency.pk in credited]
        forms.append(
            Owed(
                activity,
                UpdateForm(activity=activity, agencies=leading, latest=latest.get(activity.pk)),
                latest.get(activity.pk),
            )
        )
    return forms


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@once
def update(request, plan_slug, number):
    """The form for one activity. A report that crossed with another is shown beside it, and nothing typed is lost."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_for_update(request.user, plan, number)
    if request.method != "POST":
        typed = kept(request)
        return _update_page(request, plan, activity, _form(request, activity, typed), is_kept=typed is not None)
    form = _form(request, activity, request.POST)
    if not form.is_valid():
        return _update_page(request, plan, activity, form)
    try:
        record_update(activity=activity, by=request.user, **form.report)
    except NewerUpdate:
        return _crossed(request, plan, activity, form)
    messages.success(request, f"Your update on {activity} is saved.")
    return redirect(_back(request, plan, activity))


def _form(request, activity, typed=None):
    latest = activity.updates.with_status().select_related("agency").first()
    agencies = reporting_agencies(request.user, activity)
    return UpdateForm(typed, activity=activity, agencies=agencies, latest=latest, may_set=can_administer(request.user))


def _crossed(request, plan, activity, form):
    """The form again, beside what came in meanwhile: a status that only they changed is taken over."""
    updates = activity.updates.with_status().select_related("agency", "author")
    original = updates.filter(pk=form.cleaned_data["seen"]).first()
    newer = list(updates.filter(pk__gt=original.pk if original else 0))
    typed = request.POST.copy()
    typed["seen"] = newer[0].pk if newer else ""
    # "No change" was said of what the person saw, not of what has come in since.
    is_no_change = typed.pop("no_change", None) and original is not None
    yours = original.status if is_no_change else form.cleaned_data["status"]
    is_yours_unchanged = original is not None and yours == original.status
    if newer:
        typed["status"] = newer[0].status if is_yours_unchanged else yours
    crossed = {"original": original, "newer": newer, "yours": Status(yours), "is_merged": is_yours_unchanged}
    crossed["is_own"] = all(one.author_id == request.user.pk for one in newer)
    return _update_page(request, plan, activity, _form(request, activity, typed), status=409, **crossed)


def _update_page(request, plan, activity, form, *, status=200, **crossed):
    context = {
        "plan": plan,
        "section": "updates",
        "activity": activity,
        "form": form,
        "latest": form.latest,
        "statuses": Status,
        "privacy_hint": PRIVACY_HINT,
        "back": (form.data or request.GET).get("back", ""),
        **crossed,
    }
    return render(request, "plans/update.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@once
def note(request, plan_slug, number):
    """The form in which a supporting agency adds a note, which leaves the status alone."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_for_note(request.user, plan, number)
    agencies = reporting_agencies(request.user, activity, Role.SUPPORT)
    typed = request.POST if request.method == "POST" else kept(request)
    form = NoteForm(typed, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        add_note(activity=activity, by=request.user, **form.cleaned_data)
        messages.success(request, f"Your note on {activity} is saved.")
        return redirect("plans:activity", plan.slug, activity.number)
    context = {"plan": plan, "section": "activities", "activity": activity, "form": form, "privacy_hint": PRIVACY_HINT}
    return render(request, "plans/note.html", context)


def _back(request, plan, activity):
    """Answer where the person came from: the list of what they owe, or the activity's page."""
    if request.POST.get("back") == "mine":
        return reverse("plans:my_updates", args=[plan.slug])
    return reverse("plans:activity", args=[plan.slug, activity.number])
