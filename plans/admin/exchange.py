"""Import and export of activities in the admin: choose a file, see every change, confirm."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.db import transaction
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.timezone import get_default_timezone, localdate, now
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.results import RowResult

from plans.admin.uploads import SignedStorage
from plans.exchange.reading import ActivityCSV, ActivityXLSX, UnreadableFile, format_of
from plans.exchange.resources import ActivityResource
from plans.exchange.writing import write_csv, write_xlsx
from plans.models import Activity, Plan
from plans.permissions import can_administer

FORMATS = [ActivityXLSX, ActivityCSV]
LARGEST_FILE_BYTES = 1_500_000
"""What still fits into the confirmation form once it is encoded there; see `DATA_UPLOAD_MAX_MEMORY_SIZE`."""


class _WithPlan(forms.Form):
    """A form that asks which plan, and offers the current one."""

    plan = forms.ModelChoiceField(Plan.objects.all(), empty_label=None)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["plan"].initial = Plan.objects.current()


class ActivityImportForm(ImportForm, _WithPlan):
    """A file, and the plan that its rows belong to. The file itself says what format it has."""

    field_order = ["plan", "import_file"]

    def __init__(self, *args, **kwargs):
        """Ask for a file by the endings that can be read."""
        super().__init__(*args, **kwargs)
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["import_file"].widget = forms.FileInput(attrs={"accept": ".csv,.xlsx"})
        self.fields["import_file"].help_text = "Excel (.xlsx) or CSV in UTF-8, up to 1.5 MB."

    @property
    def media(self):
        """The library's script guesses the format from the name; this form reads it from the file."""
        return forms.Media()

    def clean_import_file(self):
        """Answer the file, if it is not too large."""
        file = self.cleaned_data["import_file"]
        if file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError("The file is larger than 1.5 MB. Import it in parts: fewer rows at a time.")
        return file

    def clean(self):
        """Answer the values with the format that the file has."""
        cleaned = super().clean()
        if file := cleaned.get("import_file"):
            start = file.read(8)
            file.seek(0)
            cleaned["format"] = str(FORMATS.index(format_of(start)))
        return cleaned


class ActivityConfirmForm(ConfirmImportForm):
    """What was previewed: the file, the plan, and a fingerprint of the changes that were shown."""

    plan = forms.ModelChoiceField(Plan.objects.all(), widget=forms.HiddenInput)
    fingerprint = forms.CharField(widget=forms.HiddenInput)


class ActivityExportForm(ExportForm, _WithPlan):
    """Which plan, as what."""

    field_order = ["plan", "format"]

    def _init_formats(self, formats):
        """Offer Excel first, chosen."""
        choices = [(str(index), each().get_title()) for index, each in enumerate(formats)]
        self.fields["format"] = forms.ChoiceField(choices=choices, initial="0", widget=forms.RadioSelect)


class ExchangeAdmin(ImportExportMixin):
    """Adds import and export to the admin of activities."""

    resource_classes = [ActivityResource]
    formats = FORMATS
    tmp_storage_class = SignedStorage
    import_form_class = ActivityImportForm
    confirm_form_class = ActivityConfirmForm
    export_form_class = ActivityExportForm
    import_template_name = "admin/plans/activity/import.html"
    export_template_name = "admin/plans/activity/export.html"

    def has_import_permission(self, request):
        """Whether the person may import."""
        return can_administer(request.user)

    def has_export_permission(self, request):
        """Whether the person may export from here."""
        return can_administer(request.user)

    def get_import_resource_kwargs(self, request, **kwargs):
        """Answer the plan that the form names."""
        form = kwargs.get("form")
        return {"plan": form.cleaned_data.get("plan")} if form and form.is_bound and form.is_valid() else {}

    def get_export_resource_kwargs(self, request, **kwargs):
        """Answer nothing: the columns are the same for all."""
        return {}

    def get_import_data_kwargs(self, **kwargs):
        """Answer nothing: the resource is all-or-nothing by itself."""
        return {}

    def get_confirm_form_initial(self, request, import_form):
        """Answer what the confirmation carries."""
        initial = super().get_confirm_form_initial(request, import_form)
        return {**initial, "plan": import_form.cleaned_data["plan"].pk} if import_form else initial

    def add_data_read_fail_error_to_form(self, form, e):
        """Say what is wrong with the file."""
        known = isinstance(e, UnreadableFile)
        form.add_error("import_file", str(e) if known else "The file cannot be read. Save it again as CSV UTF-8.")

    def import_action(self, request, **kwargs):
        """Answer the form, or a preview of what the file would change; nothing is saved."""
        response = super().import_action(request, **kwargs)
        context = response.context_data
        context["title"] = "Import activities"
        if "confirm_form" in context:
            context["confirm_form"].initial["fingerprint"] = context["result"].fingerprint()
        return response

    def process_import(self, request, **kwargs):
        """Save what was previewed, if it still means the same changes; otherwise show what it means now."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request)
        if request.method != "POST" or not form.is_valid():
            return self._start_again(request)
        try:
            dataset = self._kept_dataset(form)
        except (BadSignature, UnreadableFile):
            return self._start_again(request)
        with transaction.atomic():
            result = self.process_dataset(dataset, form, request)
            is_as_shown = result.fingerprint() == form.cleaned_data["fingerprint"]
            if result.problems() or not is_as_shown:
                transaction.set_rollback(True)
        if result.problems() or not is_as_shown:
            return self._show_again(request, form, result)
        return self.process_result(result, request)

    def _kept_dataset(self, form):
        file_format = FORMATS[int(form.cleaned_data["format"])]()
        return file_format.create_dataset(SignedStorage(name=form.cleaned_data["import_file_name"]).read())

    def _start_again(self, request):
        messages.error(request, "Nothing was saved: the preview is too old. Choose the file again.")
        return redirect("admin:plans_activity_import")

    def _show_again(self, request, form, result):
        """Answer a new preview, since somebody changed the plan after the first."""
        context = {**self.admin_site.each_context(request), "title": "Import activities", "opts": self.opts}
        context |= {"form": self.create_import_form_again(request), "result": result, "has_changed_meanwhile": True}
        if not result.problems():
            initial = {**form.cleaned_data, "plan": form.cleaned_data["plan"].pk, "fingerprint": result.fingerprint()}
            context["confirm_form"] = self.confirm_form_class(initial=initial)
        return TemplateResponse(request, self.import_template_name, context)

    def create_import_form_again(self, request):
        """Answer an empty form for another file."""
        return self.import_form_class(FORMATS, self.resource_classes)

    def add_success_message(self, result, request):
        """Say what the import did."""
        new, changed, unchanged = (
            result.totals[kind]
            for kind in (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE, RowResult.IMPORT_TYPE_SKIP)
        )
        messages.success(request, f"Imported: {new} new, {changed} changed, {unchanged} unchanged.")

    def get_export_queryset(self, request):
        """Answer the activities that the list's filters and search leave."""
        return self.get_changelist_instance(request).queryset

    def get_export_data(self, file_format, request, queryset, **kwargs):
        """Answer the file's bytes."""
        plan = kwargs["export_form"].cleaned_data["plan"]
        chosen = queryset.filter(plan=plan).values("pk")
        activities = Activity.objects.filter(pk__in=chosen).order_by("number").for_export(localdate())
        if isinstance(file_format, ActivityCSV):
            return b"".join(write_csv(activities))
        return write_xlsx(activities, plan, self._filters_in_words(request), request.build_absolute_uri(), now())

    def get_export_filename(self, request, queryset, file_format):
        """Answer a name that sorts by date."""
        return f"activities-{localdate(timezone=get_default_timezone())}.{file_format.get_extension()}"

    def _filters_in_words(self, request):
        changelist = self.get_changelist_instance(request)
        chosen = [
            (str(spec.title).capitalize(), str(choice["display"]))
            for spec in changelist.filter_specs
            for choice in list(spec.choices(changelist))[1:]
            if choice["selected"]
        ]
        return chosen + ([("Search", changelist.query)] if changelist.query else [])
