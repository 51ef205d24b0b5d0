"""Reporting rounds: what is outstanding and what was received; for programme admins opening, reminding, closing."""

from urllib.parse import quote, urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from plans.actions import rounds as actions
from plans.choices import RoundStatus
from plans.fast.conditional_page import conditional_page
from plans.forms.idempotency import idempotent
from plans.forms.rounds import NewRoundForm, RoundForm
from plans.outgoing import absolute_link, plain_text
from plans.permissions import can_administer, get_plan, get_plan_to_administer
from plans.summaries.reminders import list_reminders
from plans.summaries.rounds import freeze_report, summarise_round
from plans.views.form_recovery import kept, signed_in

LONGEST_LINK = 2000
"""Characters of a link that Windows hands on to a mail program."""


@conditional_page
def round_list(request, plan_slug):
    """The reporting rounds of a plan, the latest first."""
    plan = get_plan(request.user, plan_slug)
    context = {"plan": plan, "section": "rounds", "rounds": plan.rounds.all(), "is_admin": can_administer(request.user)}
    return render(request, "plans/round_list.html", context)


@conditional_page
def round_detail(request, plan_slug, pk):
    """One round: who owes what, by agency and by activity; of a closed one, what it came to when it was closed."""
    plan = get_plan(request.user, plan_slug)
    reporting_round = get_object_or_404(plan.rounds.select_related("closed_by"), pk=pk)
    report = summarise_round(reporting_round)
    lead, receipt = (request.GET.get(name, "").strip().lower() for name in ("agency", "receipt"))
    leads = {one.lead.code.lower(): one.lead for one in report.leads}
    problems = [f"There is no lead agency called “{lead}” in this round."] if lead and lead not in leads else []
    if receipt and receipt not in RoundStatus.values:
        problems.append(f"There is no “{receipt}” here. Choose from: {', '.join(RoundStatus.values)}.")
    context = {
        "plan": plan,
        "section": "rounds",
        "round": reporting_round,
        "report": report,
        "rows": [] if problems else report.narrowed(lead=leads[lead].code if lead else "", round_status=receipt),
        "problems": problems,
        "chosen": " · ".join(filter(None, [leads[lead].name if lead in leads else "", _label(receipt)])),
        "is_admin": can_administer(request.user),
    }
    return render(request, "plans/round.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@idempotent
def round_open(request, plan_slug):
    """The form that opens a round."""
    plan = get_plan_to_administer(request.user, plan_slug)
    form = NewRoundForm(request.POST if request.method == "POST" else kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.open_round(plan=plan, by=request.user, opened_on=timezone.localdate(), **form.cleaned_data)
        except ValidationError as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{opened.name} is open. Next: ask agencies for their updates.")
            return redirect("plans:round", plan.slug, opened.pk)
    return render(request, "plans/round_form.html", {"plan": plan, "section": "rounds", "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@idempotent
def round_change(request, plan_slug, pk):
    """The form that gives an open round another name or due date."""
    plan, reporting_round = _get_round_to_administer(request, plan_slug, pk)
    initial = {"name": reporting_round.name, "due_on": reporting_round.due_on}
    form = RoundForm(request.POST if request.method == "POST" else kept(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_round(reporting_round=reporting_round, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.refuse(refused)
        else:
            messages.success(request, "Round updated.")
            return redirect("plans:round", plan.slug, pk)
    context = {"plan": plan, "section": "rounds", "form": form, "round": reporting_round}
    return render(request, "plans/round_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in
@idempotent
def round_close(request, plan_slug, pk):
    """Ask, and close a round for ever."""
    plan, reporting_round = _get_round_to_administer(request, plan_slug, pk)
    if request.method == "POST":
        try:
            actions.close_round(reporting_round=reporting_round, by=request.user, report=freeze_report)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, f"{reporting_round.name} is closed. Its results are below.")
        return redirect("plans:round", plan.slug, pk)
    context = {"plan": plan, "section": "rounds", "round": reporting_round, "report": summarise_round(reporting_round)}
    return render(request, "plans/round_close.html", context)


@require_safe
@never_cache
@signed_in
def round_reminders(request, plan_slug, pk):
    """Whom to ask for what is still to come, in words that are ready to be mailed."""
    plan, reporting_round = _get_round_to_administer(request, plan_slug, pk)
    report = summarise_round(reporting_round)
    reminders = list_reminders(plan, report) if reporting_round.is_open else []
    shared = {"plan": plan, "round": reporting_round, "today": timezone.localdate()}
    shared["link"] = absolute_link(request, reverse("plans:my_updates", args=[plan.slug]))
    context = {
        "plan": plan,
        "section": "rounds",
        "round": reporting_round,
        "report": report,
        "mails": [_mail(reminder, shared) for reminder in reminders],
    }
    return render(request, "plans/round_reminders.html", context)


def _get_round_to_administer(request, plan_slug, pk):
    plan = get_plan_to_administer(request.user, plan_slug)
    return plan, get_object_or_404(plan.rounds, pk=pk)


def _label(receipt):
    return RoundStatus(receipt).label if receipt in RoundStatus.values else ""


def _mail(reminder, shared):
    """Return (`reminder`, its text, link that opens it in the mail program; none without addresses)."""
    text = plain_text("plans/round_reminder.txt", {"reminder": reminder, **shared})
    link = _mailto(reminder, shared, text)
    if len(link) > LONGEST_LINK:
        link = _mailto(
            reminder, shared, plain_text("plans/round_reminder.txt", {"reminder": reminder, "is_short": True, **shared})
        )
    return reminder, text, link


def _mailto(reminder, shared, text):
    if not reminder.addresses:
        return ""
    subject = f"{shared['round'].name}: updates due {shared['round'].due_on:%-d %B %Y}"
    query = urlencode({"subject": subject, "body": text.replace("\n", "\r\n")}, quote_via=quote)
    return f"mailto:{','.join(map(quote, reminder.addresses))}?{query}"
