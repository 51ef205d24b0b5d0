"""What happened to an activity: its history, its earlier versions, and the whole record as one file."""

import hashlib
import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import get_default_timezone, localdate, now
from django.views.decorators.http import require_safe

from plans.actions import restore_version
from plans.as_at import current, stay, today
from plans.fast.conditional_page import conditional_page
from plans.forms.activities import ReasonForm
from plans.models import Activity
from plans.outgoing import absolute_link
from plans.permissions import can_administer, get_activity, get_activity_to_edit, get_plan, visible_plans
from plans.spreadsheets.writing.activity_record import write_record
from plans.summaries.lineage import read_relatives
from plans.summaries.record import (
    compare_versions,
    find_restorable,
    read_events,
    read_record,
    version_at,
    version_now,
)
from plans.views.exports import XLSX
from plans.views.form_page import form_page
from plans.views.form_recovery import kept

ENTRIES_PER_PAGE = 20
KEY = re.compile(r"[0-9]{1,17}")


@conditional_page
def activity_history(request, plan_slug, number):
    """What happened to an activity, newest first, in sentences; `before` in the address leads to what is older."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity(request.user, plan, number)
    asked = request.GET.get("before", "")
    before = int(asked) if KEY.fullmatch(asked) else None
    record = read_record(activity, before, ENTRIES_PER_PAGE)
    context = {
        "plan": plan,
        "section": "activities",
        "activity": activity,
        "record": record,
        "is_newest": before is None,
        "relatives": read_relatives(activity, visible_plans(request.user)),
        "restorable": find_restorable(activity, record) if can_administer(request.user) else set(),
    }
    return render(request, "plans/history.html", context)


@require_safe
def activity_record(request, plan_slug, number):
    """The whole record of an activity as an Excel workbook, as an Official Information Act request may ask for it."""
    plan = get_plan(request.user, plan_slug)
    get_activity(request.user, plan, number)
    activity = Activity.objects.for_export(today()).get(plan=plan, number=number)
    updates = activity.updates.select_related("agency", "author", "round").order_by("made_at", "pk")
    updates = updates.prefetch_related("evidence")
    url = absolute_link(request, stay(activity.get_absolute_url()))
    relatives = read_relatives(activity, visible_plans(request.user))
    workbook = write_record(activity, plan, read_events(activity), updates, url, now(), relatives)
    response = HttpResponse(workbook, content_type=XLSX)
    then = f"-{as_at.label}" if (as_at := current()) else ""
    name = f"{plan.slug}-activity-{number}-record{then}-{plan.get_marking_display()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@form_page
def activity_restore(request, plan_slug, number, key):
    """What restoring an earlier version would change; when the form is sent, restore it."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_to_edit(request.user, plan, number)
    if request.method == "POST":
        return _restore(request, plan, activity, key)
    return _preview(request, plan, activity, _version(activity, key), ReasonForm(kept(request)))


@transaction.atomic
def _restore(request, plan, activity, key):
    """Restore a version under a lock, if it still changes what the page said that it would."""
    locked = get_object_or_404(Activity.objects.select_for_update(), pk=activity.pk)
    version, form = _version(locked, key), ReasonForm(request.POST)
    if _fingerprint(compare_versions(version_now(locked), version)) != request.POST.get("seen"):
        form.add_error(None, "Someone changed this activity after you opened this page. Check the changes again.")
    if not form.is_valid():
        return _preview(request, plan, locked, version, form)
    reason, day = form.cleaned_data["reason"], localdate(timezone=get_default_timezone())
    try:
        restore_version(activity=locked, version=version, by=request.user, reason=reason, on=day)
    except ValidationError as refused:
        form.add_error(None, ["This version cannot be restored.", *refused.messages])
        return _preview(request, plan, Activity.objects.get(pk=locked.pk), version, form)
    return redirect("plans:activity_history", plan.slug, locked.number)


def _preview(request, plan, activity, version, form):
    changes = compare_versions(version_now(activity), version)
    context = {"plan": plan, "section": "activities", "activity": activity, "version": version, "form": form}
    context |= {"changes": changes, "seen": _fingerprint(changes)}
    return render(request, "plans/history_restore.html", context)


def _version(activity, key):
    """Return the version of that key; raises `Http404` when the record has none that can be restored."""
    if KEY.fullmatch(str(key)):
        record = read_record(activity, key + 1, most=1)
        if key in find_restorable(activity, record):
            return version_at(activity, next(entry.until for entry in record.entries if entry.key == key))
    raise Http404("There is no such version of this activity.")


def _fingerprint(changes):
    told = repr([(change.subject, change.before, change.after) for change in changes])
    return hashlib.sha256(told.encode()).hexdigest()
