"""The filters beside the lists."""

from django.contrib import admin
from django.db.models import Exists, OuterRef

from plans.choices import NO_LEAD, NOT_ENDED, Ending, Role
from plans.models import ActivityAgency, Agency, Plan
from plans.text import whole_number

MOST_PLANS = 20


class PlanFilter(admin.RelatedFieldListFilter):
    """The latest plans, as many as can be looked through, and the chosen one; the list of plans leads to the others."""

    def field_choices(self, field, request, model_admin):
        """Return the plans to choose from, [(id, name)]. One query, or two where an older plan is chosen."""
        plans = list(Plan.objects.all()[: MOST_PLANS + 1])
        if len(plans) > MOST_PLANS:
            self.title = f"plan: the latest {MOST_PLANS}, for others go by the list of plans"
        offered = plans[:MOST_PLANS]
        keys = {whole_number(key) for key in self.lookup_val or ()} - {None} - {plan.pk for plan in offered}
        older = Plan.objects.filter(pk__in=keys) if keys else ()
        return [(plan.pk, str(plan)) for plan in (*older, *offered)]


class LeadFilter(admin.SimpleListFilter):
    """Activities that an agency leads: itself, through a unit, or as one of a group."""

    title = "lead agency"
    parameter_name = "lead"

    def lookups(self, request, model_admin):
        """Return the agencies that lead anything, by name. One query."""
        # One link of each is enough to know, of however many.
        links = ActivityAgency.objects.order_by().filter(agency=OuterRef("pk"), role=Role.LEAD)
        leading = Agency.objects.filter(Exists(links))
        return [(NO_LEAD, "No lead agency"), *((agency.code, agency.name) for agency in leading)]

    def queryset(self, request, queryset):
        """Return the activities that the chosen agency leads."""
        if self.value() == NO_LEAD:
            return queryset.without_lead()
        if self.value():
            agency = Agency.objects.coded(self.value()).values("pk")
            return queryset.involving(agency, role=Role.LEAD)
        return queryset


class EndingFilter(admin.SimpleListFilter):
    """Activities by how they ended, or that have not."""

    title = "ending"
    parameter_name = "ending"

    def lookups(self, request, model_admin):
        """Return the endings, those that are open first."""
        return [(NOT_ENDED, "Open"), *Ending.choices]

    def queryset(self, request, queryset):
        """Return the activities that are open, or that ended as chosen."""
        if self.value() == NOT_ENDED:
            return queryset.going_on()
        return queryset.filter(ending=self.value()) if self.value() in Ending.values else queryset


class WithdrawnFilter(admin.SimpleListFilter):
    """Activities in force, unless asked otherwise."""

    title = "withdrawn"
    parameter_name = "withdrawn"

    def lookups(self, request, model_admin):
        """Return the other choices."""
        return [("yes", "Withdrawn"), ("all", "Both")]

    def choices(self, changelist):
        """Return the choices, with the default in words."""
        default, *others = super().choices(changelist)
        return [{**default, "display": "Active"}, *others]

    def queryset(self, request, queryset):
        """Return the activities in force, the withdrawn ones, or both."""
        if self.value() == "all":
            return queryset
        return queryset.exclude(withdrawn_on=None) if self.value() == "yes" else queryset.in_force()
