"""The page with the forms of several activities, each a card: saving one keeps what is typed in the others."""

from functools import wraps

from django.http import QueryDict
from django.urls import reverse

from plans.activity_number import number_in
from plans.forms.updates import OF_CARD, card_of, cards_in, is_entered
from plans.views.form_recovery import keep_elsewhere


def keeping_other_cards(view):
    """Keep what was typed into the other forms of "My updates" when one of them is sent, or comes back by signing in.

    The page is one form, so that all of it is sent, also without a script.
    """

    @wraps(view)
    def keep_typed(request, plan_slug, number):
        if request.method == "POST":
            keep_others(request, plan_slug, number, request.POST)
        return view(request, plan_slug=plan_slug, number=number)

    return keep_typed


def keep_others(request, plan_slug, number, typed):
    """Keep what was `typed` into the forms of other activities than that of `number`, if it came from their page."""
    cards = cards_in(typed)
    if not cards.pop(card_of(number), None) or not cards:
        # The page of one activity, which knows nothing of what was typed about others.
        return
    keep_cards(request, plan_slug, cards)


def keep_cards(request, plan_slug, cards):
    """Keep what was typed into `cards` {name of a form: {field: values}} for "My updates", and drop the empty ones."""
    entered = QueryDict(mutable=True)
    for card, fields in cards.items():
        if is_entered(fields):
            for name, values in fields.items():
                entered.setlist(f"{card}-{name}", values)
    keep_elsewhere(request, reverse("plans:my_updates", args=[plan_slug]), entered)


def is_card(typed, number):
    """Return whether `typed` comes from the page with the forms of several activities, that of `number` among them."""
    return f"{card_of(number)}-seen" in typed


def page_after(request, plan_slug, number):
    """Return the address to go on to once the card of activity `number` is saved: the page, open at the next card."""
    then = number_in(request.POST.get(f"{card_of(number)}-then", ""))
    page = reverse("plans:my_updates", args=[plan_slug])
    return page if then is None else f"{page}?card={then}#{card_of(then)}"


def fields_of_card(request, plan_slug, number):
    """Return what was sent of the form of one activity, without what was typed into the forms of others."""
    fields = request.POST.copy()
    for name in list(fields):
        if OF_CARD.fullmatch(name) and not name.startswith(f"{card_of(number)}-"):
            del fields[name]
    return fields
