"""What every page of the admin shares: who may use it, and that nothing is deleted, overwritten or put back unseen."""

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from simple_history.admin import SimpleHistoryAdmin

from plans.forms.idempotency import answer_once
from plans.forms.merging import VERSION, MergingForm, kept_in_words
from plans.permissions import can_administer
from plans.text import KEY_DIGITS, whole_number


class NumbersInBounds:
    """Answers lists and histories whose address has a number that no row can have; the database would fail at it."""

    def get_changelist(self, request, **kwargs):
        """Return the class of the list, which treats such a filter as any other that makes no sense."""
        return BoundedChangeList

    def get_object(self, request, object_id, from_field=None):
        """Return the row, or None when there is none."""
        is_possible = from_field or whole_number(object_id) is not None
        return super().get_object(request, object_id, from_field) if is_possible else None

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Return the way to the index. Raise `Http404` for a form that was sent, whose page shows what was typed."""
        # Private to Django, which has no other place that knows at no further query that the row is gone.
        if request.method == "POST":
            raise Http404(f"There is no such {opts.verbose_name}.")
        return super()._get_obj_does_not_exist_redirect(request, opts, object_id)


class BoundedChangeList(ChangeList):
    """A list that refuses filters by numbers out of bounds."""

    def get_filters(self, request):
        """Return the filters. Raise `IncorrectLookupParameters`, which leads to the list without any of them."""
        values = (part for all_values in self.filter_params.values() for one in all_values for part in one.split(","))
        if any(part.strip().lstrip("+-").isdecimal() and len(part) > KEY_DIGITS for part in values):
            raise IncorrectLookupParameters
        return super().get_filters(request)

    def get_queryset(self, request, exclude_parameters=None):
        """Return the rows. Raise `IncorrectLookupParameters` for a year whose end no date can have: 9999."""
        try:
            return super().get_queryset(request, exclude_parameters)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error


class ForProgrammeAdmins:
    """Lets programme admins see, add and change; lets nobody delete, since records are kept."""

    def has_module_permission(self, request):
        """Return whether the index shows it."""
        return can_administer(request.user)

    def has_view_permission(self, request, obj=None):
        """Return whether the page can be read."""
        return can_administer(request.user)

    def has_add_permission(self, request, obj=None):
        """Return whether a row can be added."""
        return can_administer(request.user)

    def has_change_permission(self, request, obj=None):
        """Return whether a row can be changed."""
        return can_administer(request.user)

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes."""
        return False


class ReadingAdmin(ForProgrammeAdmins, NumbersInBounds, admin.ModelAdmin):
    """A model to read: its rows are made, and changed if at all, on pages of their own."""

    def has_add_permission(self, request, obj=None):
        """Nothing is added here."""
        return False

    def has_change_permission(self, request, obj=None):
        """Nothing is changed here."""
        return False


class Merged:
    """Has forms carry what they were opened with, so that nobody overwrites anybody."""

    form = MergingForm

    def get_fieldsets(self, request, obj=None):
        """Return the fields with the hidden one that says what the page showed."""
        fieldsets = super().get_fieldsets(request, obj)
        if VERSION in flatten_fieldsets(fieldsets):
            return fieldsets
        title, options = fieldsets[-1]
        return [*fieldsets[:-1], (title, {**options, "fields": [*options["fields"], VERSION]})]


class RecordAdmin(Merged, ForProgrammeAdmins, NumbersInBounds, SimpleHistoryAdmin):
    """A model whose every change is kept: who, when, what and why."""

    change_form_template = "admin/plans/change_form.html"
    object_history_list_template = "admin/plans/history_list.html"
    object_history_template = "admin/plans/history.html"
    save_on_top = False

    def get_object(self, request, object_id, from_field=None):
        """Return the row; locked when a form is sent, so that nobody can save between comparing and writing."""
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            self.model._default_manager.select_for_update().filter(pk=whole_number(object_id)).first()
        return super().get_object(request, object_id, from_field)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Return the form; one that is sent twice is saved once."""
        show = super().changeform_view
        return answer_once(request, lambda: show(request, object_id, form_url, extra_context))[0]

    def save_model(self, request, obj, form, change):
        """Save the row, unless nothing in it changed."""
        if not change or form.changed_data:
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """Save what belongs to the row, and say what of a colleague's was kept."""
        super().save_related(request, form, formsets, change)
        forms = [form, *(one for formset in formsets for one in formset.forms)]
        if kept := kept_in_words(label for one in forms for label in one.kept):
            self.message_user(request, kept, messages.INFO)

    def revert_disabled(self, request, obj=None):
        """History is read here, not written: going back would skip the updates that a status needs."""
        return True

    def history_view(self, request, object_id, extra_context=None):
        """Return the history of a row."""
        if whole_number(object_id) is None:
            raise Http404("There is no such row.")
        return super().history_view(request, object_id, extra_context)

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """Return a page with an earlier version, for reading."""
        if request.method != "GET":
            raise PermissionDenied("You cannot restore an earlier version here. Edit the record instead.")
        if None in (whole_number(object_id), whole_number(version_id)):
            raise Http404("There is no such version.")
        return super().history_form_view(request, object_id, version_id, extra_context)
