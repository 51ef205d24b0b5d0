"""What every page of the admin shares: who may use it, and that nothing is deleted or put back unseen."""

from django.core.exceptions import PermissionDenied
from simple_history.admin import SimpleHistoryAdmin

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


class RecordAdmin(ForProgrammeAdmins, SimpleHistoryAdmin):
    """A model whose every change is kept: who, when, what and why."""

    object_history_list_template = "admin/plans/history_list.html"
    object_history_template = "admin/plans/history.html"
    save_on_top = False

    def revert_disabled(self, request, obj=None):
        """History is read here, not written: going back would skip the updates that a status needs."""
        return True

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """Answer a page with an earlier version, for reading."""
        if request.method != "GET":
            raise PermissionDenied("An earlier version cannot be put back from here. Edit the record instead.")
        return super().history_form_view(request, object_id, version_id, extra_context)
