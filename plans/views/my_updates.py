"""What the agencies of a person have to report in the open round, with the forms in place."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions.reporting_rules import PRIVACY_HINT
from plans.choices import Freshness, Status
from plans.forms.updates import UpdateForm, card_of, cards_in, is_entered
from plans.models import Activity, Barrier, StatusUpdate
from plans.permissions import agencies_of, can_administer, get_plan, own_activities
from plans.summaries import Parties
from plans.views.cards import keep_cards
from plans.views.form_recovery import kept, signed_in

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
        keep_cards(request, plan_slug, cards_in(request.POST))
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
