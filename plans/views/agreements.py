"""The page on which an agency answers the update of another one."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localdate

from plans.actions.agreements import NotAnswerable, answer_update, refuse_answer, take_answer_back
from plans.actions.reporting_rules import PRIVACY_HINT
from plans.forms.agreements import AGREE, TAKE_BACK, AgreementForm
from plans.models import Agreement
from plans.permissions import agreeing_agencies, get_plan, get_update_to_answer
from plans.views.form_page import form_page
from plans.views.form_recovery import kept


@form_page
def agreement(request, plan_slug, number, pk):
    """Show the update with the buttons to answer it; when one is pressed, save the answer, or take it back."""
    plan = get_plan(request.user, plan_slug)
    update = get_update_to_answer(request.user, plan, number, pk)
    answers = Agreement.objects.by_update([update.pk]).get(update.pk, [])
    form = _form(request, update, answers)
    try:
        refuse_answer(update, update.activity)
        if request.method != "POST" or not form.is_valid():
            return _page(request, plan, update, form, answers)
        with transaction.atomic():
            receipt = _save(update, request.user, **form.cleaned_data)
    except NotAnswerable as refused:
        return _page(request, plan, update, form, answers, too_late=str(refused))
    messages.success(request, receipt)
    return redirect("plans:activity", plan.slug, number)


def _form(request, update, answers):
    agencies = list(agreeing_agencies(request.user, update.activity, update))
    own = {one.agency_id: one for one in answers if one.agency in agencies}
    return AgreementForm(request.POST if request.method == "POST" else kept(request), agencies=agencies, given=own)


def _save(update, by, *, agency, answer, words):
    """Save the answer, or take it back, and return the receipt in words."""
    about = f"the update of {update.said_by} of {date_format(localdate(update.made_at))}"
    stays = f"The status stays {update.activity.status_choice.label}."
    if answer == TAKE_BACK:
        take_answer_back(update=update, by=by, agency=agency)
        return f"Withdrawn: the answer of {agency.label} to {about}. {stays}"
    answer_update(update=update, by=by, agency=agency, agrees=answer == AGREE, words=words)
    if answer == AGREE:
        return f"Saved: {agency.label} agrees with {about}. {stays}"
    return f"Saved: {agency.label} sees {about} differently. {stays}"


def _page(request, plan, update, form, answers, *, too_late=""):
    context = {
        "plan": plan,
        "section": "activities",
        "activity": update.activity,
        "update": update,
        "form": form,
        "answers": answers,
        "too_late": too_late,
        "privacy_hint": PRIVACY_HINT,
    }
    return render(request, "plans/agreement.html", context, status=409 if too_late else 200)
