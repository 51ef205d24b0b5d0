"""Accepted plan checks, to read: they are accepted, and withdrawn, from the page of the checks of a plan."""

from django.contrib import admin

from plans.admin.access import ReadingAdmin
from plans.admin.filters import PlanFilter
from plans.models import AcceptedCheck


@admin.register(AcceptedCheck)
class AcceptedCheckAdmin(ReadingAdmin):
    """What was accepted by whom, why and until when, the latest first."""

    list_display = ("activity", "name", "reason", "until", "author", "made_at", "retracted_at")
    list_filter = (("activity__plan", PlanFilter),)
    list_select_related = ("activity", "author")
    search_fields = ("reason", "activity__title")
    fields = ("activity", "name", "reason", "until", "author", "made_at", "retracted_at", "retracted_by")
