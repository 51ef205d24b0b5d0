"""Reminders, to read: they are sent from the page of a round."""

from django.contrib import admin

from plans.admin.access import ReadingAdmin
from plans.admin.filters import PlanFilter
from plans.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(ReadingAdmin):
    """Who was reminded when, the latest first."""

    list_display = ("day", "person", "round", "activity_count", "state", "problem", "by")
    list_filter = ("state", ("round__plan", PlanFilter))
    list_select_related = ("person", "round", "by")
    search_fields = ("person__email", "person__name", "by__email")
    date_hierarchy = "day"
    fields = ("round", "person", "day", "agencies", "activity_count", "state", "problem", "by", "tried_at", "sent_at")
