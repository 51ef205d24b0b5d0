"""Pages on which programme admins add and edit an agency."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render

from plans.actions.agencies import save_agency
from plans.forms.agencies import AgencyForm
from plans.forms.merging import kept_in_words
from plans.models import Agency
from plans.models.agency_names import lock_agency_names
from plans.permissions import check_still_administers, get_plan_to_administer
from plans.spreadsheets.names import free_code
from plans.summaries import find_party
from plans.views.form_page import form_page
from plans.views.form_recovery import kept


@form_page
@transaction.atomic
def agency_new(request, plan_slug):
    """The form of a new agency; its code is made of its name unless it is chosen."""
    plan = get_plan_to_administer(request.user, plan_slug, "add agencies")
    if request.method == "POST":
        lock_agency_names()
        return _save(request, plan, Agency())
    return _page(request, plan, AgencyForm(kept(request)))


@form_page
@transaction.atomic
def agency_edit(request, plan_slug, code):
    """The form of an agency; what is sent is merged with what colleagues saved meanwhile, and saved."""
    plan = get_plan_to_administer(request.user, plan_slug, "edit agencies")
    agencies = Agency.objects.all()
    if request.method == "POST":
        lock_agency_names()
        agencies = agencies.select_for_update()
    agency = agencies.coded(code).first()
    if agency is None:
        raise Http404(f"There is no agency {code}.")
    if request.method == "POST":
        return _save(request, plan, agency)
    if agency.merged_into:
        messages.info(request, f"{agency} was merged into {agency.merged_into}, which you can edit here.")
        return redirect("plans:agency_edit", plan.slug, agency.merged_into.code)
    return _page(request, plan, AgencyForm(kept(request), instance=agency))


def _save(request, plan, agency):
    check_still_administers(request.user)
    is_new = agency.pk is None
    form = AgencyForm(request.POST, instance=agency)
    if form.is_valid() and agency.merged_into:
        form.add_error(None, f"{agency} has been merged into {agency.merged_into} meanwhile. Edit that agency.")
    if not form.is_valid():
        return _page(request, plan, form, status=409 if form.conflicts else 200)
    if is_new and not agency.code:
        agency.code = free_code(agency.name, {code.lower() for code in Agency.objects.values_list("code", flat=True)})
    reason = form.cleaned_data["reason"] or ("Agency added" if is_new else "Agency edited")
    writes = form.writes
    try:
        with transaction.atomic():
            save_agency(agency=agency, by=request.user, reason=reason, **writes)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _page(request, plan, form)
    if is_new:
        messages.success(request, f"{agency} added. It is in this plan once it leads or supports an activity.")
    else:
        messages.success(request, f"Changes saved. {kept_in_words(form.kept)}".rstrip())
    if not find_party(plan, agency.code):
        return redirect("plans:agency_list", plan.slug)
    return redirect("plans:agency", plan.slug, agency.code)


def _page(request, plan, form, *, status=200):
    agency = Agency.objects.filter(pk=form.instance.pk).first()
    context = {"plan": plan, "section": "agencies" if agency else "agency_new", "form": form, "agency": agency}
    return render(request, "plans/agency_form.html", context, status=status)
