"""Where agencies report."""

from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions import NewerUpdate, NotCorrectable, add_note, correct_update, record_update
from plans.actions.reporting_rules import PRIVACY_HINT
from plans.actions.updates import refuse_correction
from plans.choices import Freshness, Status
from plans.forms.idempotency import idempotent
from plans.forms.updates import OF_CARD, NoteForm, UpdateForm, card_of, cards_in, is_entered
from plans.models import Activity, Barrier, StatusUpdate
from plans.permissions import (
    agencies_of,
    can_administer,
    get_activity_for_note,
    get_activity_for_update,
    get_plan,
    get_update_to_correct,
    noting_agencies,
    own_activities,
    reporting_agencies,
)
from plans.summaries import Parties
from plans.views.form_recovery import keep_elsewhere, kept, signed_in

NOTHING_CHANGED = "Nothing has changed. Correct what is wrong, then save."
NONE_SAVED = "No update is saved yet. Choose Save update for the activity you want to save."
FORMS_IN_PLACE = 20
FIELDS_IN_PLACE = 800
"""How many fields the forms of a page may have together: Django refuses to read more than 1,000."""
URGENCY = {Freshness.OVERDUE: 0, Freshness.NEVER: 1, Freshness.DUE: 2, Freshness.CURRENT: 3}


@dataclass(frozen=True)
class Owed:
    """An activity that needs an update, the form for it, and the update before it."""

    activity: Activity
    form: UpdateForm
    latest: StatusUpdate | None


@dataclass(frozen=True)
class Done:
    """An activity that has its update, and whether that can be corrected here."""

    activity: Activity
    latest: StatusUpdate | None
    is_correctable: bool


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def my_updates(request, plan_slug):
    """What the person's agencies owe in the open round, the overdue first, with the forms in place.

    What was typed into forms of this page and not saved yet is in them again. Sent as a whole, as by Enter without a
    script, it saves no update and keeps all that was typed.
    """
    plan = get_plan(request.user, plan_slug)
    if request.method == "POST":
        _keep_cards(request, plan_slug, cards_in(request.POST))
        messages.info(request, NONE_SAVED)
        response = redirect("plans:my_updates", plan_slug)
        response.nothing_is_saved = True
        return response
    today = timezone.localdate()
    typed = kept(request)
    cards = {card for card, fields in cards_in(typed or QueryDict()).items() if is_entered(fields)}
    own = own_activities(request.user, plan).with_freshness(plan.open_round, today)
    activities = sorted(own.for_list_page().with_sub_activities(), key=lambda one: (URGENCY[one.freshness], one.number))
    latest = {update.activity_id: update for update in StatusUpdate.objects.latest_of(own).select_related("agency")}
    agencies = list(agencies_of(request.user))
    is_typed = {one.pk for one in activities if card_of(one.number) in cards}
    owed = [one for one in activities if one.freshness != Freshness.CURRENT or one.pk in is_typed]
    in_place, more = _that_fit([*(one for one in owed if one.pk in is_typed), *owed], owed)
    forms = _with_forms(plan, in_place, agencies, latest)
    for one in forms:
        if one.activity.pk in is_typed:
            one.form.fill(typed)
    context = {
        "plan": plan,
        "section": "updates",
        "agencies": agencies,
        "owed": forms,
        "more": more,
        "done": _done(request.user, plan, agencies, activities, latest),
        "left": _left_over(typed, cards - {card_of(one.number) for one in in_place}),
        "is_filled": bool(is_typed),
        "statuses": Status,
        "privacy_hint": PRIVACY_HINT,
        "is_admin": can_administer(request.user),
    }
    return render(request, "plans/my_updates.html", context)


def _that_fit(first, owed):
    """Return (the activities of `owed` whose forms one page can have, the others); those that come `first` do first."""
    chosen, fields = set(), 0
    for activity in first:
        if activity.pk not in chosen:
            fields += len(UpdateForm.base_fields) + 2 * len(activity.sub_activities.all())
            if len(chosen) == FORMS_IN_PLACE or (chosen and fields > FIELDS_IN_PLACE):
                break
            chosen.add(activity.pk)
    return [one for one in owed if one.pk in chosen], [one for one in owed if one.pk not in chosen]


def _done(user, plan, agencies, activities, latest):
    own, round_id = {agency.pk for agency in agencies}, plan.open_round.pk if plan.open_round else None
    found = [(one, latest.get(one.pk)) for one in activities if one.freshness == Freshness.CURRENT]
    return [
        Done(
            activity,
            update,
            update is not None
            and update.round_id == round_id
            and (update.author_id == user.pk or update.agency_id in own),
        )
        for activity, update in found
    ]


def _left_over(typed, cards):
    """Return what was typed about activities that have no form here any more, as [(number, text)]."""
    found = cards_in(typed) if cards else {}
    return [
        (card.removeprefix("activity-"), text)
        for card in sorted(cards)
        for name, values in found[card].items()
        for text in values
        if text.strip() and name in ("what_happened", "whats_next", "barrier")
    ]


def _with_forms(plan, activities, agencies, latest):
    """Return the activities as [Owed], each with a form for those of `agencies` that report on it. Three queries."""
    parties, barriers = Parties(plan), {}
    for barrier in Barrier.objects.open().filter(activity__in=[one.pk for one in activities]).order_by("pk"):
        barriers.setdefault(barrier.activity_id, []).append(barrier)
    forms = []
    for activity in activities:
        may_report = parties.reporting_on(activity)
        reporting = [agency for agency in agencies if agency.pk in may_report]
        newest = latest.get(activity.pk)
        parts = {"latest": newest, "barriers": barriers.get(activity.pk, ()), "is_card": True}
        forms.append(Owed(activity, UpdateForm(activity=activity, agencies=reporting, **parts), newest))
    return forms


def keeping_other_cards(view):
    """Keep what was typed into the other forms of "My updates" when one of them is sent, or comes back by signing in.

    The page is one form, so that all of it is sent, also without a script.
    """

    @wraps(view)
    def keep_others(request, plan_slug, number):
        if request.method == "POST":
            _keep_others(request, plan_slug, number, request.POST)
        return view(request, plan_slug=plan_slug, number=number)

    return keep_others


def _keep_others(request, plan_slug, number, typed):
    cards = cards_in(typed)
    if not cards.pop(card_of(number), None) or not cards:
        # The page of one activity, which knows nothing of what was typed about others.
        return
    _keep_cards(request, plan_slug, cards)


def _keep_cards(request, plan_slug, cards):
    """Keep what was typed into `cards` {name of a form: {field: values}} for "My updates", and drop the empty ones."""
    entered = QueryDict(mutable=True)
    for card, fields in cards.items():
        if is_entered(fields):
            for name, values in fields.items():
                entered.setlist(f"{card}-{name}", values)
    keep_elsewhere(request, reverse("plans:my_updates", args=[plan_slug]), entered)


def _is_card(typed, number):
    """Return whether `typed` comes from the page with the forms of several activities, that of `number` among them."""
    return f"{card_of(number)}-seen" in typed


def _fields_of_card(request, plan_slug, number):
    """Return what was sent of the form of one activity, without what was typed into the forms of others."""
    fields = request.POST.copy()
    for name in list(fields):
        if OF_CARD.fullmatch(name) and not name.startswith(f"{card_of(number)}-"):
            del fields[name]
    return fields


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@keeping_other_cards
@idempotent(typed=_fields_of_card)
def update(request, plan_slug, number):
    """The form for one activity. A report that crossed with another is shown beside it, and nothing typed is lost."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_for_update(request.user, plan, number)
    if request.method != "POST":
        typed = kept(request)
        if typed is not None:
            _keep_others(request, plan_slug, number, typed)
        return _update_page(request, plan, activity, _form(request, activity, typed))
    form = _form(request, activity, request.POST)
    if not form.is_valid():
        return _update_page(request, plan, activity, form)
    try:
        record_update(activity=activity, by=request.user, **form.report)
    except NewerUpdate:
        return _crossed(request, plan, activity, form)
    messages.success(request, f"Update saved: {activity}.")
    return redirect(_back(request, plan, activity))


def _form(request, activity, typed=None, *, corrected=None):
    return UpdateForm(
        typed,
        activity=activity,
        agencies=reporting_agencies(request.user, activity),
        latest=activity.updates.with_status().select_related("agency").first(),
        barriers=activity.barriers.open().order_by("pk"),
        may_set=can_administer(request.user),
        is_card=typed is not None and _is_card(typed, activity.number),
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
    yours = original.status if is_no_change else form.cleaned_data["status"]
    is_yours_unchanged = original is not None and yours == original.status
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
@idempotent
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
        correct_update(update=corrected, by=request.user, **form.correction)
    except NotCorrectable as refused:
        return _too_late(request, plan, activity, str(refused))
    messages.success(request, f"Correction saved: {activity}. The earlier update stays in the history.")
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


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@idempotent
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


def _back(request, plan, activity):
    """Return where the person came from: the list of what they owe, or the activity's page."""
    if request.POST.get("back") == "mine":
        return reverse("plans:my_updates", args=[plan.slug])
    return reverse("plans:activity", args=[plan.slug, activity.number])
