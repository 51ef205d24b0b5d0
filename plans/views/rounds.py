"""Reporting rounds: what is outstanding and what was received; for programme admins opening, changing, closing."""

from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from plans.actions import rounds as actions
from plans.as_at import today
from plans.choices import RoundStatus
from plans.fast.conditional_page import conditional_page
from plans.forms.rounds import NewRoundForm, RoundForm, suggest_round
from plans.models import Agency, Reminder
from plans.permissions import can_administer, get_plan, get_plan_to_administer
from plans.summaries.parties import Parties
from plans.summaries.reminders import AgencyToRemind, agencies_to_remind, list_runs
from plans.summaries.rounds import LeadTally, count_shared, freeze_report, summarise_round
from plans.views.form_page import form_page
from plans.views.form_recovery import kept


@dataclass(frozen=True)
class RoundAgency:
    """A lead agency on the page of a round; `to_remind` is None for whoever sends no reminders.

    `shared_count` is how many outstanding activities count for it that do not name it. `ended` is the agency of an open
    round if it has ended, None otherwise.
    """

    tally: LeadTally
    shared_count: int
    to_remind: AgencyToRemind | None
    is_ticked: bool
    ended: Agency | None


@conditional_page
def round_list(request, plan_slug):
    """The reporting rounds of a plan, the latest first."""
    plan = get_plan(request.user, plan_slug)
    rounds = _with_the_one_before(plan.rounds.all())
    context = {"plan": plan, "section": "rounds", "rounds": rounds, "is_admin": can_administer(request.user)}
    return render(request, "plans/round_list.html", context)


def _with_the_one_before(rounds):
    """Return [(round, the one that was closed last before it was)], in the order of `rounds`; None for the first."""
    closed = sorted((one for one in rounds if one.closed_at), key=attrgetter("closed_at"))
    before = {later.pk: earlier for earlier, later in pairwise(closed)}
    return [(one, before.get(one.pk) if one.closed_at else closed[-1] if closed else None) for one in rounds]


@conditional_page
def round_detail(request, plan_slug, pk):
    """One round: who owes what, by agency and by activity; of a closed one, what it came to when it was closed."""
    plan = get_plan(request.user, plan_slug)
    reporting_round = get_object_or_404(plan.rounds.select_related("closed_by"), pk=pk)
    report, is_admin = summarise_round(reporting_round), can_administer(request.user)
    lead, receipt = (request.GET.get(name, "").strip().lower() for name in ("agency", "receipt"))
    leads = {one.lead.code.lower(): one.lead for one in report.leads}
    problems = [f"There is no lead agency called “{lead}” in this round."] if lead and lead not in leads else []
    if receipt and receipt not in RoundStatus.values:
        problems.append(f"There is no “{receipt}” here. Choose from: {', '.join(RoundStatus.values)}.")
    context = {
        "plan": plan,
        "section": "round" if reporting_round.is_open else "rounds",
        "round": reporting_round,
        "report": report,
        "rows": [] if problems else report.narrowed(lead=leads[lead].code if lead else "", round_status=receipt),
        "problems": problems,
        "chosen": " · ".join(filter(None, [leads[lead].name if lead in leads else "", _label(receipt)])),
        "is_admin": is_admin,
        **_by_status(report),
        **_by_agency(request, plan, reporting_round, report, is_admin=is_admin),
    }
    return render(request, "plans/round.html", context)


def _by_status(report):
    return {"by_status": {one.value: report.narrowed(round_status=one) for one in RoundStatus}}


def _by_agency(request, plan, reporting_round, report, *, is_admin):
    """Return what the page says of lead agencies. A query for an open round, three more for programme admins."""
    is_none_ticked = request.GET.get("tick") == "none"
    parties = Parties(plan) if reporting_round.is_open else None
    shared = count_shared(report, parties) if parties else {}
    to_remind = []
    if parties and is_admin:
        to_remind = agencies_to_remind(report, parties, Reminder.objects.latest_by_agency(reporting_round))
    by_lead, day = {one.lead: one for one in to_remind}, today()
    ended = {one.code: one for one in (parties.by_id.values() if parties else ()) if one.has_ended(day)}
    rows = [
        RoundAgency(
            tally=one,
            shared_count=shared.get(one.lead.code, 0),
            to_remind=by_lead.get(one.lead),
            is_ticked=not is_none_ticked and one.lead in by_lead and by_lead[one.lead].reminded_on != day,
            ended=ended.get(one.lead.code),
        )
        for one in report.leads
    ]
    return {
        "outstanding": [one for one in rows if one.tally.to_come_count or one.shared_count],
        "finished": [one for one in rows if not (one.tally.to_come_count or one.shared_count)],
        "without_people": [one.lead for one in to_remind if one.is_without_people and one.lead.code not in ended],
        "ended": [row for row in rows if row.ended],
        "runs": list_runs(reporting_round) if is_admin else [],
        "is_none_ticked": is_none_ticked,
        "has_shared": any(shared.values()),
    }


@form_page
def round_open(request, plan_slug):
    """The form that opens a round."""
    plan = get_plan_to_administer(request.user, plan_slug)
    data = request.POST if request.method == "POST" else kept(request)
    form = NewRoundForm(data, initial=suggest_round(plan, timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.open_round(plan=plan, by=request.user, opened_on=timezone.localdate(), **form.cleaned_data)
        except ValidationError as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{opened.name} is open. Next: ask agencies for their updates.")
            return redirect("plans:round", plan.slug, opened.pk)
    return render(request, "plans/round_form.html", {"plan": plan, "section": "round_open", "form": form})


@form_page
def round_change(request, plan_slug, pk):
    """The form that gives an open round another name or due date."""
    plan, reporting_round = get_round_to_administer(request, plan_slug, pk)
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


@form_page
def round_close(request, plan_slug, pk):
    """Ask, and close a round for ever."""
    plan, reporting_round = get_round_to_administer(request, plan_slug, pk)
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


def get_round_to_administer(request, plan_slug, pk):
    """Return (plan, round of that id), if whoever is here may administer it; raises as `get_plan_to_administer`."""
    plan = get_plan_to_administer(request.user, plan_slug)
    return plan, get_object_or_404(plan.rounds, pk=pk)


def _label(receipt):
    return RoundStatus(receipt).label if receipt in RoundStatus.values else ""
