"""The pages on which programme admins add and edit an activity."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import slug_re
from django.db import transaction
from django.forms import BaseInlineFormSet
from django.shortcuts import redirect, render

from plans.actions import add_activity, edit_activity
from plans.forms.activities import ActivityEditForm, NewActivityForm, SubActivityFormSet
from plans.forms.merging import kept_in_words
from plans.models import Activity, Agency, FocusArea, Plan, PriorityArea
from plans.permissions import check_still_administers, get_activity_to_edit, get_plan, get_plan_to_administer
from plans.spreadsheets.names import names_of_agencies
from plans.views.form_page import form_page
from plans.views.form_recovery import kept


@form_page
def activity_edit(request, plan_slug, number):
    """The form of an activity; what is sent is merged with what colleagues saved meanwhile, and saved."""
    plan = get_plan(request.user, plan_slug)
    activity = get_activity_to_edit(request.user, plan, number)
    if request.method == "POST":
        return _save(request, plan, activity)
    return _page(request, plan, _Editing.of(_as_shown(activity.pk), kept(request)))


@form_page
def activity_new(request, plan_slug):
    """The form of a new activity, under the `focus` and `priority` area that the address names; adds it when sent."""
    plan = get_plan_to_administer(request.user, plan_slug, "add activities")
    if request.method == "POST":
        return _add(request, plan)
    return _new_page(request, plan, _Editing.new(plan, kept(request), _areas_named(request, plan)))


@dataclass(frozen=True)
class _Editing:
    """The forms of the page: the activity's own, and one for each sub-activity."""

    activity: Activity
    form: ActivityEditForm
    items: BaseInlineFormSet

    @classmethod
    def of(cls, activity, typed=None, *, form=ActivityEditForm, **options):
        """Return the forms of `activity`, with what was `typed` in them."""
        every = list(Agency.objects.prefetch_related("aliases"))
        find = names_of_agencies(every).find
        agencies = [agency for agency in every if agency.merged_into_id is None]
        filled = form(typed, instance=activity, agencies=agencies, find=find, **options)
        items = SubActivityFormSet(typed, instance=activity, prefix="items", form_kwargs={"agencies": agencies})
        return cls(activity, filled, items)

    @classmethod
    def new(cls, plan, typed=None, areas=None):
        """Return the forms of an activity that is to be added to `plan`, under `areas` {field: area}."""
        return cls.of(Activity(plan=plan), typed, form=NewActivityForm, initial=areas)

    @property
    def forms(self):
        return [self.form, *self.items.forms]

    @property
    def conflicts(self):
        return [conflict for form in self.forms for conflict in form.conflicts]

    @property
    def errors(self):
        """Every error as (id of its field or blank, label, sentence), in the order of the page."""
        of_forms = [error for form in self.forms for error in _errors_of(form)]
        return of_forms + [("", "", sentence) for sentence in self.items.non_form_errors()]

    def is_valid(self):
        """Return whether everything can be saved; checks all forms, so that all errors show at once."""
        return all([self.form.is_valid(), self.items.is_valid()])


def _errors_of(form):
    errors = form.errors if form.is_bound else {}
    told = [("", "", sentence) for sentence in errors.get(NON_FIELD_ERRORS, ())]
    for name in form.fields:
        told += [(form[name].id_for_label, form[name].label, sentence) for sentence in errors.get(name, ())]
    return told


@transaction.atomic
def _add(request, plan):
    """Add the activity under a lock on its plan, so that no number is given twice."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    check_still_administers(request.user)
    editing = _Editing.new(plan, request.POST)
    if not editing.is_valid():
        return _new_page(request, plan, editing)
    form = editing.form
    reason, agencies = form.cleaned_data["reason"] or "Activity added", form.agencies or {}
    try:
        activity = add_activity(
            activity=form.instance,
            by=request.user,
            reason=reason,
            agencies=agencies,
            items=editing.items.changed_items(),
        )
    except ValidationError as refused:
        form.add_error(None, refused)
        return _new_page(request, plan, editing)
    messages.success(request, f"Activity {activity.number} added.")
    _warn_of_ended(request, form)
    return redirect("plans:activity", plan.slug, activity.number)


@transaction.atomic
def _save(request, plan, activity):
    """Merge and save under a lock, so that nobody can save between the comparison and the writing."""
    locked = _as_shown(activity.pk, lock=True)
    check_still_administers(request.user)
    editing = _Editing.of(locked, request.POST)
    if not editing.is_valid():
        return _page(request, plan, editing, status=409 if editing.conflicts else 200)
    form, items = editing.form, editing.items.changed_items()
    changes = {"changed": form.changed_columns, "agencies": form.agencies, "items": items}
    try:
        with transaction.atomic():
            edit_activity(activity=form.instance, by=request.user, reason=form.cleaned_data["reason"], **changes)
    except ValidationError as refused:
        form.add_error(None, refused)
        return _page(request, plan, editing)
    _tell(request, editing, any(changes.values()))
    return redirect("plans:activity", plan.slug, activity.number)


def _as_shown(pk, *, lock=False):
    activities = Activity.objects.with_agencies().select_related("plan")
    return (activities.select_for_update(of=("self",)) if lock else activities).get(pk=pk)


def _tell(request, editing, is_changed):
    said = "Changes saved." if is_changed else "No changes to save."
    kept_labels = (label for form in editing.forms for label in form.kept)
    messages.success(request, f"{said} {kept_in_words(kept_labels)}".rstrip())
    _warn_of_ended(request, editing.form)


def _warn_of_ended(request, form):
    """Warn of agencies that have ended, and that the saved form makes lead agencies or leaves as such."""
    for agency in form.ended_leads:
        messages.warning(
            request, f"{agency.end_in_words} and leads this activity. No one may be left to report for it."
        )


def _page(request, plan, editing, *, status=200):
    editing.form.shows_others = request.GET.get("open") == "agencies"
    context = {"plan": plan, "section": "activities", "editing": editing}
    context["activity"] = Activity.objects.get(pk=editing.activity.pk)
    return render(request, "plans/activity_edit.html", context, status=status)


def _new_page(request, plan, editing):
    context = {"plan": plan, "section": "activity_new", "editing": editing}
    return render(request, "plans/activity_new.html", context)


def _areas_named(request, plan):
    """Return {field: area} of the areas that the address names; what it does not know is left to be chosen.

    Where all activities of the priority area are under one focus area, a new one is, too.
    """
    focus, priority = (
        _area(FocusArea, request.GET.get("focus", "")),
        _area(PriorityArea, request.GET.get("priority", "")),
    )
    if priority and not focus:
        used = FocusArea.objects.filter(activities__plan=plan, activities__priority_area=priority).distinct()[:2]
        focus = used[0] if len(used) == 1 else None
    return {"focus_area": focus, "priority_area": priority}


def _area(model, code):
    # PostgreSQL refuses to look for text with NUL in it.
    return model.objects.coded(code).first() if slug_re.fullmatch(code) else None
