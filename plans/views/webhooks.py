"""The page on which programme admins say where cards about a plan go, with a test card and what went."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone

from plans.actions.outbox import KINDS
from plans.actions.webhooks import remove_webhook, save_webhook
from plans.choices import MessageState
from plans.forms.webhooks import EVENTS, WebhookForm
from plans.models import Webhook
from plans.permissions import check_still_administers, get_plan_to_administer
from plans.views.form_page import form_page
from plans.webhooks.events import ask_for_test, messages_of

DOING = "send cards about it"
MOST_SHOWN = 20


@form_page
@transaction.atomic
def webhook(request, plan_slug):
    """The form, the test card and what went. What was typed is not kept: the address is a secret."""
    plan = get_plan_to_administer(request.user, plan_slug, DOING)
    found = Webhook.objects.filter(plan=plan).select_related("saved_by").first()
    if request.method != "POST":
        return _page(request, plan, found, _form(found))
    check_still_administers(request.user)
    if request.POST.get("what") == "test":
        return _test(request, plan, found)
    if request.POST.get("what") == "remove":
        return _remove(request, plan)
    form = WebhookForm(request.POST, has_address=found is not None)
    if not form.is_valid():
        return _page(request, plan, found, form)
    told = form.cleaned_data
    save_webhook(
        plan=plan,
        by=request.user,
        address=told["address_token"],
        host=form.host,
        is_on=told["is_on"],
        wanted=form.wanted,
    )
    messages.success(request, "Saved. Send a test card to see that it arrives." if told["is_on"] else "Saved.")
    return redirect("plans:webhook", plan.slug)


def _test(request, plan, found):
    if found is None or not found.is_on:
        messages.warning(request, "Save an address and turn cards on first.")
    else:
        ask_for_test(found, timezone.now())
        messages.success(request, "A test card is on its way. It goes out within a few minutes; see below.")
    return redirect("plans:webhook", plan.slug)


def _remove(request, plan):
    if remove_webhook(plan=plan, by=request.user):
        messages.success(request, "Removed. No cards are sent about this plan.")
    return redirect("plans:webhook", plan.slug)


def _form(found):
    initial = {"is_on": found.is_on if found else True}
    initial |= {name: getattr(found, name) if found else True for name in EVENTS}
    return WebhookForm(initial=initial, has_address=found is not None)


def _page(request, plan, found, form):
    went = [(one, KINDS[one.kind].label, MessageState(one.state).label) for one in messages_of(plan)[:MOST_SHOWN]]
    context = {"plan": plan, "section": "webhook", "webhook": found, "form": form, "went": went}
    return render(request, "plans/webhook.html", context)
