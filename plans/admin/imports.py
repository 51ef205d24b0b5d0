"""Import and export of activities in the admin: a file of a plan comes in here and is looked at on its own page."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.timezone import localdate, now
from import_export.formats import base_formats
from import_export.resources import modelresource_factory

from plans.admin.access import ReadingAdmin
from plans.admin.exports import FilteredExport, FormatForm
from plans.admin.filters import PlanFilter
from plans.choices import ImportScope
from plans.models import Activity, Import, Plan
from plans.outgoing import absolute_link
from plans.permissions import can_administer
from plans.spreadsheets.columns import COLUMNS, NUMBER
from plans.spreadsheets.importing import jobs, workflow
from plans.spreadsheets.importing.jobs import wait_a_moment
from plans.spreadsheets.importing.storage import NoRoom
from plans.spreadsheets.pages.upload import UploadForm, bounded, content_of, is_too_large
from plans.spreadsheets.reading.limits import Limits
from plans.spreadsheets.writing.export import write_csv, write_xlsx


class _WithPlan(forms.Form):
    """A form that asks which plan, and offers the current one."""

    plan = forms.ModelChoiceField(Plan.objects.all(), empty_label=None)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["plan"].initial = Plan.objects.current()


class PlanUploadForm(UploadForm, _WithPlan):
    """A file, and the plan that its rows belong to."""

    field_order = ["plan", "file"]

    def __init__(self, *args, limits, **kwargs):
        super().__init__(*args, limits=limits, **kwargs)
        self.fields["file"].help_text = f"Excel, OpenDocument, CSV or Word, up to {limits.max_mb} MB."


class ActivityExportForm(FormatForm, _WithPlan):
    """Which plan, as what."""

    field_order = ["plan", "format"]


class ActivityCSV(base_formats.CSV):
    """CSV in UTF-8."""

    def get_title(self):
        """Return what people call it."""
        return "CSV"


class ActivityXLSX(base_formats.XLSX):
    """An Excel workbook with the hidden versions of its rows."""

    def get_title(self):
        """Return what people call it."""
        return "Excel"


ActivityResource = modelresource_factory(
    Activity,
    meta_options={"fields": [column.attribute for column in COLUMNS], "import_id_fields": [NUMBER.attribute]},
    custom_fields={column.attribute: column for column in COLUMNS},
)
"""Activities as django-import-export knows them: the columns are its fields. `importing` reads files instead of it."""


class ExchangeAdmin(FilteredExport):
    """Adds import and export to the admin of activities."""

    resource_classes = [ActivityResource]
    formats = [ActivityXLSX, ActivityCSV]
    export_form_class = ActivityExportForm
    import_template_name = "admin/plans/activity/import.html"
    export_template_name = "admin/plans/activity/export.html"

    def get_urls(self):
        """Return the addresses with that of the import."""
        page = self.admin_site.admin_view(bounded(self.import_view))
        return [path("import/", page, name="plans_activity_import"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        """Return the list, which offers import and export."""
        offered = {"has_import_permission": can_administer(request.user)}
        return super().changelist_view(request, {**offered, **(extra_context or {})})

    def import_view(self, request):
        """Ask for a file and its plan; keep it, have it checked, and go to the page that shows what it comes to."""
        if not can_administer(request.user):
            raise PermissionDenied
        form, source = self._import_form(request), None
        if form.is_valid():
            plan, (name, content) = form.cleaned_data["plan"], content_of(form.cleaned_data["file"])
            source = self._keep(form, plan, content, name, request.user)
        if source:
            jobs.start(source, "check")
            wait_a_moment(source)
            return redirect("plans:import", plan.slug, source.pk)
        context = {**self.admin_site.each_context(request), "title": "Import activities", "opts": self.opts}
        return TemplateResponse(request, self.import_template_name, {**context, "form": form})

    def _keep(self, form, plan, content, name, user):
        """Return the new `Import`; None when there is no room for it, which the form then says."""
        try:
            return workflow.keep_file(plan, content, name, by=user, scope=ImportScope.PLAN)
        except NoRoom as full:
            form.add_error("file", str(full))
            return None

    def _import_form(self, request):
        limits = Limits.from_settings()
        if request.method != "POST":
            return PlanUploadForm(limits=limits)
        return PlanUploadForm(request.POST, request.FILES, limits=limits, is_too_large=is_too_large(request))

    def get_export_resource_kwargs(self, request, **kwargs):
        """Return nothing: the columns are the same for all."""
        return {}

    def get_export_queryset(self, request):
        """Return the activities that the list's filters and search leave."""
        return self.get_changelist_instance(request).queryset

    def get_export_data(self, file_format, request, queryset, **kwargs):
        """Return the file's bytes."""
        plan = kwargs["export_form"].cleaned_data["plan"]
        chosen = queryset.filter(plan=plan).values("pk")
        activities = Activity.objects.filter(pk__in=chosen).order_by("number").for_export(localdate())
        if isinstance(file_format, ActivityCSV):
            return b"".join(write_csv(activities))
        return write_xlsx(activities, plan, self._filters_in_words(request), absolute_link(request), now())

    def _filters_in_words(self, request):
        changelist = self.get_changelist_instance(request)
        chosen = [
            (str(spec.title).capitalize(), str(choice["display"]))
            for spec in changelist.filter_specs
            for choice in list(spec.choices(changelist))[1:]
            if choice["selected"]
        ]
        return chosen + ([("Search", changelist.query)] if changelist.query else [])


@admin.register(Import)
class ImportAdmin(ReadingAdmin):
    """The imports of all plans, to be found; each is a receipt, and has a page of its own, where it can be undone."""

    list_display = ("file_name", "plan", "state", "uploaded_by", "uploaded_at", "page")
    list_filter = (("plan", PlanFilter), "state", "scope")
    search_fields = ("file_name", "sha256")
    fields = ("page", "plan", "scope", "state", "file_name", "size_bytes", "sha256", "uploaded_by", "uploaded_at")

    def get_queryset(self, request):
        """Return the imports without the bytes of their files."""
        return super().get_queryset(request).for_list()

    @admin.display(description="Result")
    def page(self, source):
        """Return the page about the import."""
        address = reverse("plans:import", args=[source.plan.slug, source.pk])
        return format_html('<a href="{}">Open</a>', address)
