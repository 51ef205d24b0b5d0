"""Pages on which programme admins merge an agency into another one, see earlier merges, and undo one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.actions.agency_merges import MergeChanged, merge_agencies, undo_merge
from plans.forms.agency_merges import ChooseAgenciesForm, MergeForm, UndoMergeForm
from plans.models import Agency, AgencyMerge
from plans.permissions import check_still_administers, get_plan_to_administer
from plans.summaries import find_party
from plans.summaries.agency_merges import find_conflicts, read_merge, undo_in_words
from plans.views.form_page import form_page
from plans.views.form_recovery import kept, signed_in


@require_safe
@never_cache
@signed_in
def agency_merges(request, plan_slug):
    """Ask which agency is merged into which, and list the earlier merges; go on once both are chosen."""
    plan = get_plan_to_administer(request.user, plan_slug, "merge agencies")
    is_chosen = {"merged", "into"} <= request.GET.keys()
    chooser = ChooseAgenciesForm(request.GET if is_chosen else None, initial=request.GET.dict())
    if is_chosen and chooser.is_valid():
        pair = (chooser.cleaned_data[name] for name in ("merged", "into"))
        return redirect("plans:agency_merge", plan.slug, *pair)
    merges = AgencyMerge.objects.select_related("merged", "into", "by", "undone_by")
    context = {"plan": plan, "section": "agency_merges", "chooser": chooser, "merges": merges}
    return render(request, "plans/agency_merges.html", context)


@form_page
@transaction.atomic
def agency_merge(request, plan_slug, merged, into):
    """Show what merging an agency into another one comes to, and do it when the form is sent."""
    plan = get_plan_to_administer(request.user, plan_slug, "merge agencies")
    found = read_merge(*(get_object_or_404(Agency.objects.coded(code)) for code in (merged, into)))
    initial = {"on": found.merged.ended_on or localdate()}
    form = MergeForm(request.POST if request.method == "POST" else kept(request), initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _page(request, plan, found, form)
    told = {name: form.cleaned_data[name] for name in ("on", "reason")}
    expected = form.cleaned_data["fingerprint"]
    try:
        with transaction.atomic():
            merge_agencies(merged=found.merged, into=found.into, by=request.user, expected=expected, **told)
            check_still_administers(request.user)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        status = 409 if isinstance(refused, MergeChanged) else 200
        now = (Agency.objects.get(pk=one.pk) for one in (found.merged, found.into))
        return _page(request, plan, read_merge(*now), form, status=status)
    messages.success(request, f"{found.merged} is merged into {found.into}. You can undo this under Merge agencies.")
    return _to_agency(plan, found.into)


def _page(request, plan, found, form, *, status=200):
    context = {"plan": plan, "section": "agency_merges", "merge": found, "form": form}
    return render(request, "plans/agency_merge.html", context, status=status)


@form_page
@transaction.atomic
def agency_merge_undo(request, plan_slug, pk):
    """Show what undoing a merge comes to, or what conflicts with it; undo it when the form is sent."""
    plan = get_plan_to_administer(request.user, plan_slug, "merge agencies")
    merge = get_object_or_404(AgencyMerge.objects.select_related("merged", "into__merged_into", "by"), pk=pk)
    form = UndoMergeForm(request.POST if request.method == "POST" else kept(request))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                undo_merge(merge=merge, by=request.user, reason=form.cleaned_data["reason"])
                check_still_administers(request.user)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, f"{merge.merged} is an agency of its own again.")
            return _to_agency(plan, merge.merged)
    context = {"plan": plan, "section": "agency_merges", "merge": merge, "form": form}
    context |= {"conflicts": find_conflicts(merge), "told": undo_in_words(merge)}
    return render(request, "plans/agency_merge_undo.html", context)


def _to_agency(plan, agency):
    if find_party(plan, agency.code):
        return redirect("plans:agency", plan.slug, agency.code)
    return redirect("plans:agency_list", plan.slug)
