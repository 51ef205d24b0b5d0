"""Agencies, the other names that people write for them, and whom to ask there."""

from django.contrib import admin
from django.db import transaction
from django.forms import BaseInlineFormSet

from plans.actions.agencies import keep_earlier_name
from plans.admin.access import ForProgrammeAdmins, Merged, RecordAdmin
from plans.admin.filters import PlanFilter
from plans.admin.forms import CODE_FIELDS, CodedForm
from plans.admin.reference_lists import ReferenceListAdmin
from plans.models import Agency, AgencyAlias, AgencyContact
from plans.models.agency_names import lock_agency_names
from plans.spreadsheets.reference.resources import AgencyResource
from plans.text import fold, search_words


class AliasFormSet(BaseInlineFormSet):
    """Refuses two new names that are the same without case and macrons; the database would too, less kindly."""

    def clean(self):
        """Put an error beside the second of two that are the same."""
        super().clean()
        seen = set()
        for form in self.forms:
            key = fold(form.cleaned_data.get("alias") or "") if hasattr(form, "cleaned_data") else ""
            if key and not form.cleaned_data.get("DELETE"):
                if key in seen:
                    form.add_error("alias", "This other name is listed twice. Case and macrons do not matter.")
                seen.add(key)


class AliasInline(Merged, ForProgrammeAdmins, admin.TabularInline):
    """Other names. One that is wrong can be removed; the history keeps it."""

    model = AgencyAlias
    formset = AliasFormSet
    extra = 1
    verbose_name = "other name"
    verbose_name_plural = "also known as (used to match spreadsheets)"

    def has_delete_permission(self, request, obj=None):
        """Whoever may change them may remove one."""
        return self.has_change_permission(request, obj)


@admin.register(Agency)
class AgencyAdmin(ReferenceListAdmin, RecordAdmin):
    """Parties of plans."""

    form = CodedForm
    formfield_overrides = CODE_FIELDS
    resource_classes = [AgencyResource]
    list_display = ("name", "name_mi", "name_en", "kind", "parent", "ended_on")
    list_filter = ("kind", ("ended_on", admin.EmptyFieldListFilter))
    list_select_related = ("parent",)
    search_fields = ("name",)
    search_help_text = "Search by name, code or other name."
    autocomplete_fields = ("parent", "members")
    inlines = (AliasInline,)
    fieldsets = (
        (None, {"fields": ("name", "code", "name_mi", "name_en", "kind")}),
        ("Structure", {"fields": ("parent", "members", "ended_on", "note")}),
    )

    def get_object(self, request, object_id, from_field=None):
        """Return the agency; when a form is sent, nobody else can change names of agencies from here on."""
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            lock_agency_names()
        return super().get_object(request, object_id, from_field)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Return the form; nobody else can change names of agencies once a new agency is sent."""
        if request.method == "POST" and not change:
            lock_agency_names()
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request, obj, form, change):
        """Save the row, and note what it was called."""
        form.earlier_name = Agency.objects.filter(pk=obj.pk).values_list("name", flat=True).first()
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """Save the other names, the earlier one among them if the agency was renamed."""
        super().save_related(request, form, formsets, change)
        if form.earlier_name:
            reason = "Agency renamed"
            keep_earlier_name(agency=form.instance, earlier=form.earlier_name, by=request.user, reason=reason)

    def get_search_results(self, request, queryset, search_term):
        """Find agencies one of whose names holds each word, macrons or not."""
        for word in search_words(search_term):
            queryset = queryset.matching(word)
        return queryset, False

    def get_readonly_fields(self, request, obj=None):
        """An agency keeps its code, which stands in addresses."""
        return ("code",) if obj else ()


@admin.register(AgencyContact)
class AgencyContactAdmin(RecordAdmin):
    """Whom to ask at each agency about a plan."""

    list_display = ("agency", "plan", "role", "email")
    list_filter = (("plan", PlanFilter),)
    list_select_related = ("agency", "plan")
    search_fields = ("agency__name", "role", "email")
    autocomplete_fields = ("agency",)
    fields = ("plan", "agency", "role", "email")
