"""The page on which the contact of an agency for a plan is added, edited and removed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render

from plans.actions.contacts import remove_contact, save_contact
from plans.forms.contacts import ContactForm
from plans.forms.merging import kept_in_words
from plans.models import Agency, AgencyContact
from plans.permissions import check_edits_contact, get_plan
from plans.summaries import find_party
from plans.views.form_page import form_page
from plans.views.form_recovery import kept


@form_page
@transaction.atomic
def agency_contact(request, plan_slug, code):
    """The form of the contact; what is sent is merged with what colleagues saved meanwhile, and saved."""
    plan = get_plan(request.user, plan_slug)
    agency = find_party(plan, code)
    if agency is None:
        raise Http404(f"There is no agency {code} in {plan}.")
    check_edits_contact(request.user, agency)
    if request.method != "POST":
        contact = _contact(plan, agency, AgencyContact.objects.all())
        return _page(request, plan, agency, ContactForm(kept(request), instance=contact))
    # Locked by its agency, since there may be no contact yet.
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    contact = _contact(plan, agency, AgencyContact.objects.select_for_update())
    form = ContactForm(request.POST, instance=contact)
    return _save(request, plan, agency, form)


def _contact(plan, agency, contacts):
    found = contacts.filter(plan=plan, agency=agency).first()
    return found or AgencyContact(plan=plan, agency=agency)


def _save(request, plan, agency, form):
    if not form.is_valid():
        return _page(request, plan, agency, form, status=409 if form.conflicts else 200)
    try:
        if not form.is_removal:
            save_contact(contact=form.instance, by=request.user)
        elif form.instance.pk:
            remove_contact(contact=form.instance, by=request.user)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _page(request, plan, agency, form)
    done = "removed" if form.is_removal else "saved"
    messages.success(request, f"Contact {done}. {kept_in_words(form.kept)}".rstrip())
    return redirect("plans:agency", plan.slug, agency.code)


def _page(request, plan, agency, form, *, status=200):
    context = {"plan": plan, "section": "agencies", "agency": agency, "form": form}
    return render(request, "plans/agency_contact.html", context, status=status)
