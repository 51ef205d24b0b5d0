"""Reminders, to read: they are sent from the page of a round."""

from django.contrib import admin

from plans.admin.access import ForProgrammeAdmins, NumbersInBounds
from plans.admin.filters import PlanFilter
from plans.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(ForProgrammeAdmins, NumbersInBounds, admin.ModelAdmin):
    """Who was reminded when, the latest first."""

    list_display = ("day", "person", "round", "activity_count", "state", "problem", "by")
    list_filter = ("state", ("round__plan", PlanFilter))
    list_select_related = ("person", "round", "by")
    search_fields = ("person__email", "person__name", "by__email")
    date_hierarchy = "day"
    fields = ("round", "person", "day", "agencies", "activity_count", "state", "problem", "by", "tried_at", "sent_at")
    readonly_fields = fields

    def has_add_permission(self, request, obj=None):
        """Reminders are sent, not written here."""
        return False

    def has_change_permission(self, request, obj=None):
        """Reminders are never edited."""
        return False
