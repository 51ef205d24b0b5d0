"""Adding updates by a link in an email, without signing in, and saying that updates by a link were someone else's.

Programs that check mail open every link, run the scripts of the page and press its buttons. So GET changes nothing, and
no button does anything unless something was chosen on the page first: a status, or which updates were not theirs.
"""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from plans.actions.reporting_rules import PRIVACY_HINT
from plans.actions.update_links import (
    LinkRefused,
    NotReported,
    WhyNot,
    open_link,
    open_not_me,
    report_by_link,
    reverse_by_link,
    updates_by,
)
from plans.choices import Freshness, Status
from plans.forms.updates import LinkedUpdateForm, card_of, cards_in, is_entered, number_of_card
from plans.outgoing import is_mail_sent
from plans.permissions import get_plan
from plans.text import count_of, whole_number
from plans.views.form_recovery import kept
from plans.views.owed import read_own, that_fit, with_forms
from plans.views.secret_address import at_secret_address

NONE_CHOSEN = "Choose a status for at least one activity. Nothing is saved yet."
NONE_TICKED = "Choose at least one. Nothing is changed yet."
TOO_OFTEN = "Too many attempts by this link. Nothing is saved yet. Wait 10 minutes, then send again."
STATUS_OF = {WhyNot.UNKNOWN: 404}
NONE = "none"


@at_secret_address
def update_link(request, token):
    """What the person of a link owes in its round, with a form for each; sent together, and saved together or not."""
    try:
        link = open_link(token)
        plan = get_plan(link.person, link.round.plan.slug)
        if request.method != "POST":
            return _page(request, plan, link, typed=_kept_words(request), is_kept=True)
        if not _entered(request.POST):
            # As cheap as reading; counted, a scanner would use up what the person may send.
            return _page(request, plan, link, problem=NONE_CHOSEN)
        if not ratelimit.consume(request, action="update_link", key=token):
            return _page(request, plan, link, typed=request.POST, problem=TOO_OFTEN, status=429)
        return _save(request, plan, link)
    except LinkRefused as refused:
        return _refused(request, refused.why)


def _save(request, plan, link):
    own, entered = read_own(link.person, plan), _entered(request.POST)
    chosen = [one for one in own.activities if card_of(one.number) in entered]
    forms = {one.activity: one.form for one in _forms(plan, chosen, own, request.POST)}
    lost = [card for card in entered if card not in {card_of(one.number) for one in chosen}]
    wrong = [form for form in forms.values() if not form.is_valid()]
    if wrong or lost:
        return _page(request, plan, link, typed=request.POST)
    try:
        saved = report_by_link(link=link, reports={activity: form.report for activity, form in forms.items()})
    except NotReported as crossed:
        return _page(request, plan, link, typed=request.POST, crossed=crossed.reasons, status=409)
    receipt = " We will email you a receipt." if is_mail_sent() else ""
    messages.success(request, f"{count_of(len(saved), 'update,updates')} saved.{receipt}")
    return redirect(request.path)


def _kept_words(request):
    """Return what was typed into the page in this browser and not saved, but for the statuses: they are chosen anew."""
    typed = kept(request)
    if typed is None:
        return None
    # The page says so itself: a page that sends no Referer cannot send the form by which words are discarded elsewhere.
    request.kept_in_form = None
    fields = typed.copy()
    for name in list(fields):
        if name.endswith("-status"):
            del fields[name]
    return fields


def _entered(typed):
    """Return the cards, {name of a form: its fields}, in which a status was chosen or anything written."""
    cards = cards_in(typed)
    return {card: fields for card, fields in cards.items() if any(fields.get("status", ())) or is_entered(fields)}


def _forms(plan, activities, own, data=None):
    return with_forms(plan, activities, own, data, LinkedUpdateForm)


def _page(request, plan, link, *, typed=None, is_kept=False, problem="", crossed=(), status=200):
    """The page, with what was `typed` in its forms, now or earlier; `crossed` are {number: why it was not saved}."""
    own, entered = read_own(link.person, plan), _entered(typed) if typed else {}
    is_typed = {one.pk for one in own.activities if card_of(one.number) in entered}
    owed = [one for one in own.activities if one.freshness != Freshness.CURRENT or one.pk in is_typed]
    in_place, more = that_fit([*(one for one in owed if one.pk in is_typed), *owed], owed)
    again = None if is_kept else _look_again(typed, own, crossed)
    filled = _forms(plan, [one for one in in_place if one.pk in is_typed], own, again)
    for one in filled if is_kept else ():
        one.form.fill(typed)
    for one in filled:
        if one.activity.number in crossed:
            one.form.add_error(None, crossed[one.activity.number])
    empty = _forms(plan, [one for one in in_place if one.pk not in is_typed], own)
    in_order = {one.activity.pk: one for one in (*filled, *empty)}
    context = {
        "plan": plan,
        "section": "updates",
        "link": link,
        "owed": [in_order[one.pk] for one in in_place],
        "more": more,
        "done": [
            (one, own.latest.get(one.pk))
            for one in own.activities
            if one.freshness == Freshness.CURRENT and one.pk not in is_typed
        ],
        "left": _left_over(entered, in_place),
        "is_kept": is_kept and bool(entered),
        "is_filled": bool(filled),
        "wrong": [one for one in filled if one.form.errors],
        "problem": problem,
        "statuses": Status,
        "privacy_hint": PRIVACY_HINT,
    }
    return render(request, "plans/update_link.html", context, status=status)


def _look_again(typed, own, crossed):
    """Return what was `typed`, compared with the newest update from now on, and without a status where that is new."""
    if not crossed:
        return typed
    fields = typed.copy()
    for activity in own.activities:
        if activity.number in crossed:
            card, latest = card_of(activity.number), own.latest.get(activity.pk)
            fields[f"{card}-seen"] = latest.pk if latest else ""
            fields.pop(f"{card}-status", None)
    return fields


def _left_over(entered, in_place):
    """Return what was typed about activities that have no form here any more, as [(number, text)]."""
    here = {card_of(one.number) for one in in_place}
    words = ("what_happened", "whats_next", "barrier", "evidence", "no_evidence_reason")
    return [
        (number_of_card(card), text)
        for card, fields in sorted(entered.items())
        for name in words
        for text in (fields.get(name, ()) if card not in here else ())
        if text.strip()
    ]


@at_secret_address
def not_me(request, token):
    """The updates made by a link: those that its person chooses are reversed, and the link ends."""
    try:
        link = open_not_me(token)
        if chosen := request.POST.getlist("update"):
            if not ratelimit.consume(request, action="update_link", key=token):
                return render(request, "429.html", status=429)
            count = reverse_by_link(link=link, chosen={whole_number(one) or 0 for one in chosen if one != NONE})
            reversed_in_words = f"{count_of(count, 'update,updates')} reversed. " if count else ""
            messages.success(request, f"{reversed_in_words}The link no longer works.")
            return redirect(request.path)
        context = {
            "plan": _plan_of(link),
            "link": link,
            "updates": updates_by(link),
            "problem": NONE_TICKED if request.method == "POST" else "",
        }
        return render(request, "plans/not_me.html", context)
    except LinkRefused as refused:
        return _refused(request, refused.why)


def _plan_of(link):
    """Return the plan of a link, as its person sees it; None where they do not any more."""
    try:
        return get_plan(link.person, link.round.plan.slug)
    except Http404:
        return None


def _refused(request, why):
    """Say why a link opens nothing, and how to go on; nothing tells an unknown link from a forged one."""
    return render(request, "plans/update_link_refused.html", {"why": why.value}, status=STATUS_OF.get(why, 410))
