"""Reminders and update links, to read: they are sent from the page of a round, and ended on the page of a person."""

from django.contrib import admin

from plans.admin.access import ReadingAdmin
from plans.admin.filters import PlanFilter
from plans.models import Reminder, UpdateLink


@admin.register(Reminder)
class ReminderAdmin(ReadingAdmin):
    """Who was reminded when, the latest first."""

    list_display = ("day", "person", "round", "activity_count", "state", "problem", "by")
    list_filter = ("state", ("round__plan", PlanFilter))
    list_select_related = ("person", "round", "by")
    search_fields = ("person__email", "person__name", "by__email")
    date_hierarchy = "day"
    fields = ("round", "person", "day", "agencies", "activity_count", "state", "problem", "by", "tried_at", "sent_at")


@admin.register(UpdateLink)
class UpdateLinkAdmin(ReadingAdmin):
    """Who can add updates without signing in, the newest link first. Nothing here opens one."""

    list_display = ("person", "round", "made_at", "last_used_at", "revoked_at", "revoked_by")
    list_filter = (("round__plan", PlanFilter), ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("person", "round", "revoked_by")
    search_fields = ("person__email", "person__name")
    date_hierarchy = "made_at"
    fields = ("person", "round", "made_at", "last_used_at", "revoked_at", "revoked_by")
