"""Plans and the areas that they share."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from plans.admin.access import RecordAdmin
from plans.admin.forms import CODE_FIELDS, CodedForm, FocusAreaForm, PlanRecordForm
from plans.admin.reference_lists import ReferenceListAdmin
from plans.models import FocusArea, Plan, PriorityArea
from plans.spreadsheets.reference.resources import FocusAreaResource, PriorityAreaResource


@admin.register(Plan)
class PlanAdmin(RecordAdmin):
    """Plans, one a year."""

    form = PlanRecordForm
    formfield_overrides = CODE_FIELDS
    list_display = ("name", "starts_on", "ends_on", "marking", "is_published", "is_current", "lines")
    list_filter = ("is_published", "marking")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "short_name", "slug", "programme", "source")}),
        ("Dates", {"fields": (("starts_on", "ends_on"),)}),
        ("Access", {"fields": ("marking", "is_published", "is_current")}),
    )

    @admin.display(description="Activities")
    def lines(self, plan):
        """Return the way to the plan's activities."""
        address = reverse("admin:plans_activity_changelist", query={"plan__id__exact": plan.pk})
        return format_html('<a href="{}">List</a>', address)

    def get_readonly_fields(self, request, obj=None):
        """A plan keeps its name in addresses, since people have shared them."""
        return ("slug",) if obj else ()


class AreaAdmin(ReferenceListAdmin, RecordAdmin):
    """Something that activities are sorted under."""

    form = CodedForm
    formfield_overrides = CODE_FIELDS
    ordering = ("position", "code")
    list_display_links = ("code",)

    def get_readonly_fields(self, request, obj=None):
        """An area keeps its code, which stands in addresses."""
        return ("code",) if obj else ()


@admin.register(FocusArea)
class FocusAreaAdmin(AreaAdmin):
    """Strategic focus areas."""

    form = FocusAreaForm
    resource_classes = [FocusAreaResource]
    list_display = ("position", "code", "statement")
    search_fields = ("code", "statement")


@admin.register(PriorityArea)
class PriorityAreaAdmin(AreaAdmin):
    """Priority action areas."""

    resource_classes = [PriorityAreaResource]
    list_display = ("position", "code", "name")
    search_fields = ("code", "name")
