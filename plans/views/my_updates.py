"""What the agencies of a person have to report in the open round, with the forms in place."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from plans.actions import NotRepeated, repeat_updates
from plans.actions.reporting_rules import PRIVACY_HINT
from plans.activity_number import number_in
from plans.choices import Freshness, Status
from plans.forms.idempotency import answer_once
from plans.forms.updates import card_of, cards_in, is_entered, number_of_card
from plans.models import Activity, StatusUpdate
from plans.permissions import can_administer, get_plan
from plans.summaries.activity_row import AgencyName, SaidBy, name_of
from plans.summaries.update_outcomes import say_other_outcomes
from plans.text import count_of
from plans.views.cards import keep_cards
from plans.views.form_recovery import kept, signed_in
from plans.views.owed import read_own, say_who, that_fit, with_forms

NONE_TICKED = "Tick the activities on which nothing changed. Nothing is saved yet."
NOT_YOURS = "Your agencies do not lead these activities any more:"
NONE_SAVED = "No update is saved yet. Choose Save update for the activity you want to save."


@dataclass(frozen=True)
class Done:
    """An activity that has its update, and whether that can be corrected here.

    `said` is who says what of it where its leads differ; `silent` are the leads among the person's own agencies that
    have not reported, so that it is received and not confirmed.
    """

    activity: Activity
    latest: StatusUpdate | None
    is_correctable: bool
    said: tuple[SaidBy, ...] = ()
    silent: tuple[AgencyName, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
def my_updates(request, plan_slug):
    """What the person's agencies owe in the open round, the overdue first, with the forms in place.

    What was typed into forms of this page and not saved yet is in them again. Sent as a whole, as by Enter without a
    script, it saves no update and keeps all that was typed; sent by "No change", it says so of the activities ticked.
    """
    plan = get_plan(request.user, plan_slug)
    if request.method != "POST":
        typed = kept(request)
        ticked = _numbers(typed.getlist("same")) if typed else set()
        return _page(request, plan, typed, ticked)
    if "nothing_changed" in request.POST:
        response, _ = answer_once(request, lambda: _repeat(request, plan))
        # What is typed in other cards stays kept.
        response.nothing_is_saved = True
        return response
    keep_cards(request, plan_slug, cards_in(request.POST))
    messages.info(request, NONE_SAVED)
    response = redirect("plans:my_updates", plan_slug)
    response.nothing_is_saved = True
    return response


def _page(request, plan, typed, ticked=(), refused=(), status=200):
    """The page, with what was `typed` in its forms; `refused` says why nothing is saved, as {number: a sentence}."""
    own = read_own(request.user, plan)
    cards = {card for card, fields in cards_in(typed or QueryDict()).items() if is_entered(fields)}
    is_typed = {one.pk for one in own.activities if card_of(one.number) in cards}
    owed = [one for one in own.activities if one.freshness != Freshness.CURRENT or one.pk in is_typed]
    in_place, more = that_fit([*(one for one in owed if one.pk in is_typed), *owed], owed)
    forms = with_forms(plan, in_place, own)
    for one in forms:
        if one.activity.pk in is_typed:
            one.form.fill(typed)
    asked = _numbers([request.GET.get("card", "")])
    opened = next((one.activity.number for one in forms if one.activity.number in asked), None)
    context = {
        "plan": plan,
        "section": "updates",
        "agencies": own.agencies,
        "owed": forms,
        "opened": opened,
        "repeatable": [one for one in forms if one.form.may_repeat],
        "ticked": ticked,
        "refused": [
            (one, refused[one.number], card_of(one.number) if one in in_place else "")
            for one in own.activities
            if one.number in refused
        ],
        "more": more,
        "to_answer": _to_answer(plan, own),
        "done": _done(request.user, plan, own),
        "left": _left_over(typed, cards - {card_of(one.number) for one in in_place}),
        "is_filled": bool(is_typed),
        "statuses": Status,
        "privacy_hint": PRIVACY_HINT,
        "outstanding": _outstanding_in_words(owed, own.agencies),
        "is_admin": can_administer(request.user),
    }
    return render(request, "plans/my_updates.html", context, status=status)


def _repeat(request, plan):
    """Save that nothing changed on the activities ticked, on all of them or on none; say of each what is wrong."""
    ticked, own = _numbers(request.POST.getlist("same")), read_own(request.user, plan)
    data = request.POST.copy()
    for number in ticked:
        data[f"{card_of(number)}-no_change"] = "on"
    forms = with_forms(plan, [one for one in own.activities if one.number in ticked], own, data)
    refused = {one.activity.number: _why(one.form) for one in forms if not one.form.is_valid()}
    if lost := ticked - {one.activity.number for one in forms}:
        messages.error(request, f"{NOT_YOURS} {', '.join(map(str, sorted(lost)))}. Nothing is saved.")
    if not ticked:
        messages.error(request, NONE_TICKED)
    status = 200
    if ticked and not (refused or lost):
        try:
            repeat_updates(reports={one.activity: one.form.report for one in forms}, by=request.user)
        except NotRepeated as crossed:
            refused, status = crossed.reasons, 409
        else:
            rest = {card: fields for card, fields in cards_in(request.POST).items() if card not in map(card_of, ticked)}
            keep_cards(request, plan.slug, rest)
            told = say_other_outcomes({one.activity: one.form.report["status"] for one in forms})
            messages.success(request, f"No change saved on {count_of(len(forms), 'activity,activities')}.{told}")
            return redirect("plans:my_updates", plan.slug)
    return _page(request, plan, request.POST, ticked, refused, status)


def _why(form):
    return " ".join(sentence for sentences in form.errors.values() for sentence in sentences)


def _numbers(texts):
    return {number for text in texts if (number := number_in(text)) is not None}


def _outstanding_in_words(owed, agencies):
    """Return how many updates are outstanding, as the page of the round counts them; blank for none.

    Shared are those that name none of `agencies`, and count for them through a group or a unit.
    """
    own = {agency.pk for agency in agencies}
    shared_count = sum(own.isdisjoint(link.agency_id for link in activity.lead_links) for activity in owed)
    own_count = len(owed) - shared_count
    if not shared_count:
        return f"{count_of(own_count, 'update,updates')} outstanding" if own_count else ""
    if not own_count:
        return f"{count_of(shared_count, 'shared update,shared updates')} outstanding"
    return f"{count_of(own_count, 'update,updates')} outstanding and {shared_count} shared"


def _done(user, plan, own):
    agencies, round_id = {agency.pk for agency in own.agencies}, plan.open_round.pk if plan.open_round else None
    found = [(one, own.latest.get(one.pk)) for one in own.activities if one.freshness == Freshness.CURRENT]
    return [
        Done(
            activity,
            update,
            update is not None
            and update.round_id == round_id
            and (update.author_id == user.pk or update.agency_id in agencies),
            say_who(activity, own),
            _silent(activity, own),
        )
        for activity, update in found
    ]


def _silent(activity, own):
    """Return the leads that the person reports for and that have not reported on a joint activity, in order."""
    if activity.pk not in own.leads.leads:
        return ()
    silent = own.leads.positions(activity.pk).silent
    mine = {lead for agency in own.agencies for lead in own.leads.leads_of(activity.pk, agency.pk)}
    return tuple(name_of(link.agency) for link in activity.lead_links if link.agency_id in mine.intersection(silent))


def _to_answer(plan, own):
    """Return the updates of the open round that joint leads of the person have still to answer: [(activity, update)].

    Leads that have reported in the round themselves have said how they see it.
    """
    found = []
    for activity in own.activities if plan.open_round else ():
        update = own.latest.get(activity.pk) if activity.pk in own.leads.leads else None
        if update and update.is_report and update.agency and update.round_id == plan.open_round.pk:
            answered = {one.agency_id for one in update.answers}
            if any(
                _has_to_answer(agency, activity, update, own) and agency.pk not in answered for agency in own.agencies
            ):
                found.append((activity, update))
    return found


def _has_to_answer(agency, activity, update, own):
    house = {update.agency_id, update.agency.parent_id, update.agency.merged_into_id}
    is_of_house = agency.pk in house or agency.parent_id == update.agency_id
    leads = own.leads.leads_of(activity.pk, agency.pk)
    return bool(leads) and not is_of_house and own.leads.own(activity.pk, agency.pk) is None


def _left_over(typed, cards):
    """Return what was typed about activities that have no form here any more, as [(number, text)]."""
    found = cards_in(typed) if cards else {}
    return [
        (number_of_card(card), text)
        for card in sorted(cards)
        for name, values in found[card].items()
        for text in values
        if text.strip() and name in ("what_happened", "whats_next", "barrier", "evidence", "no_evidence_reason")
    ]
