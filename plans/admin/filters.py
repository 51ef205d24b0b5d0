"""The filters beside the list of activities."""

from django.contrib import admin

from plans.choices import NO_LEAD, Role
from plans.models import Agency


class LeadFilter(admin.SimpleListFilter):
    """Activities that an agency leads: itself, through a unit, or as one of a group."""

    title = "lead agency"
    parameter_name = "lead"

    def lookups(self, request, model_admin):
        """Answer the agencies that lead anything, by name. One query."""
        leading = Agency.objects.filter(activity_links__role=Role.LEAD).distinct()
        return [(NO_LEAD, "No lead yet"), *((agency.code, agency.name) for agency in leading)]

    def queryset(self, request, queryset):
        """Answer the activities that the chosen agency leads."""
        if self.value() == NO_LEAD:
            return queryset.without_lead()
        if self.value():
            agency = Agency.objects.coded(self.value()).values("pk")
            return queryset.involving(agency, role=Role.LEAD)
        return queryset


class WithdrawnFilter(admin.SimpleListFilter):
    """Activities in force, unless asked otherwise."""

    title = "withdrawn"
    parameter_name = "withdrawn"

    def lookups(self, request, model_admin):
        """Answer the other choices."""
        return [("yes", "Withdrawn"), ("all", "Both")]

    def choices(self, changelist):
        """Answer the choices, with the default in words."""
        default, *others = super().choices(changelist)
        return [{**default, "display": "In force"}, *others]

    def queryset(self, request, queryset):
        """Answer the activities in force, the withdrawn ones, or both."""
        if self.value() == "all":
            return queryset
        return queryset.exclude(withdrawn_on=None) if self.value() == "yes" else queryset.in_force()
