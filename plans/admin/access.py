"""What every page of the admin shares: who may use it, and that nothing is deleted, overwritten or put back unseen."""

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import transaction
from simple_history.admin import SimpleHistoryAdmin

from plans.forms.merging import VERSION, MergingForm
from plans.forms.once import answer_once
from plans.permissions import can_administer


class ForProgrammeAdmins:
    """Lets programme admins see, add and change; lets nobody delete, since records are kept."""

    def has_module_permission(self, request):
        """Whether the index shows it."""
        return can_administer(request.user)

    def has_view_permission(self, request, obj=None):
        """Whether the page can be read."""
        return can_administer(request.user)

    def has_add_permission(self, request, obj=None):
        """Whether a row can be added."""
        return can_administer(request.user)

    def has_change_permission(self, request, obj=None):
        """Whether a row can be changed."""
        return can_administer(request.user)

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes."""
        return False


class Merged:
    """Has forms carry what they were opened with, so that nobody overwrites anybody."""

    form = MergingForm

    def get_fieldsets(self, request, obj=None):
        """Answer the fields with the hidden one that says what the page showed."""
        fieldsets = super().get_fieldsets(request, obj)
        if VERSION in flatten_fieldsets(fieldsets):
            return fieldsets
        title, options = fieldsets[-1]
        return [*fieldsets[:-1], (title, {**options, "fields": [*options["fields"], VERSION]})]


class RecordAdmin(Merged, ForProgrammeAdmins, SimpleHistoryAdmin):
    """A model whose every change is kept: who, when, what and why."""

    change_form_template = "admin/plans/change_form.html"
    object_history_list_template = "admin/plans/history_list.html"
    object_history_template = "admin/plans/history.html"
    save_on_top = False

    def get_object(self, request, object_id, from_field=None):
        """Answer the row; locked when a form is sent, so that nobody can save between comparing and writing."""
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            key = self.opts.pk.to_python(object_id) if object_id.isdecimal() else None
            self.model._default_manager.select_for_update().filter(pk=key).first()
        return super().get_object(request, object_id, from_field)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Answer the form; one that is sent twice is saved once."""
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
        if kept := [label for one in forms for label in one.kept]:
            self.message_user(
                request, f"What a colleague changed meanwhile was kept: {', '.join(kept)}.", messages.INFO
            )

    def revert_disabled(self, request, obj=None):
        """History is read here, not written: going back would skip the updates that a status needs."""
        return True

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """Answer a page with an earlier version, for reading."""
        if request.method != "GET":
            raise PermissionDenied("An earlier version cannot be put back from here. Edit the record instead.")
        return super().history_form_view(request, object_id, version_id, extra_context)
