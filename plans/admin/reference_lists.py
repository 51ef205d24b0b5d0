"""Import with preview and export of the lists that plans refer to, by django-import-export."""

from base64 import b64decode, b64encode
from functools import partial

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from import_export.admin import ImportMixin
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.tmp_storages import BaseStorage

from plans.admin.exports import FilteredExport
from plans.forms.idempotency import answer_once
from plans.permissions import can_administer
from plans.spreadsheets.pages.upload import OneFileField, bounded, is_too_large
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reference.reference_files import ReferenceCSV, ReferenceFile, ReferenceXLSX, reference_limits
from plans.text import count_of

SALT = "plans.admin.reference_lists"
OUT_OF_DATE = "This preview is out of date. Choose the file again."


class SealedFile(BaseStorage):
    """A file that waits for its confirmation in the form itself, signed: nothing of it is left behind on the server."""

    def save(self, data):
        """Seal the bytes; the name of the file is what is sealed."""
        self.name = signing.dumps(b64encode(data).decode(), salt=SALT, compress=True)

    def read(self):
        """Return the bytes. Raise `BadSignature` for what was not sealed here."""
        return b64decode(signing.loads(self.name, salt=SALT))

    def remove(self):
        """Do nothing: it goes with its page."""


class FileForm(ImportForm):
    """A file, of whichever format."""

    import_file = OneFileField()

    def __init__(self, formats, resources, *, is_too_large=False, **kwargs):
        """Say how large the file may be; `is_too_large` is one that was thrown away while it came in."""
        super().__init__(formats, resources, **kwargs)
        most = reference_limits().max_mb
        self.fields["format"].widget = forms.HiddenInput()
        file = self.fields["import_file"]
        file.label = "File"
        file.help_text = f"Excel, OpenDocument, CSV or Word, up to {most} MB."
        file.error_messages["required"] = (
            f"The file is larger than {most} MB. Keep only the sheet that is imported, or import it in parts."
            if is_too_large
            else "Choose a file first."
        )


class ConfirmForm(ConfirmImportForm):
    """What was shown, and why it is imported."""

    format = forms.ChoiceField(choices=[("0", "Spreadsheet")], widget=forms.HiddenInput)
    resource = forms.ChoiceField(choices=[("0", "Rows")], widget=forms.HiddenInput, required=False)
    fingerprint = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason for change",
        required=False,
        max_length=500,
        help_text="Kept in the history of each row that changes. Without one it says which file was imported.",
        widget=forms.TextInput({"class": "vTextField"}),
    )

    def clean_import_file_name(self):
        """Return the sealed file, if it was sealed here."""
        sealed = self.cleaned_data["import_file_name"]
        try:
            SealedFile(name=sealed).read()
        except signing.BadSignature as error:
            raise forms.ValidationError(OUT_OF_DATE) from error
        return sealed


class ReferenceListAdmin(FilteredExport, ImportMixin):
    """Adds import with preview, and export, to the admin of a list."""

    import_template_name = "admin/plans/reference/import.html"
    import_form_class = FileForm
    confirm_form_class = ConfirmForm
    tmp_storage_class = SealedFile
    export_formats = [ReferenceXLSX, ReferenceCSV]

    @property
    def import_formats(self):
        """The one format in which files come in: whatever they are."""
        return [partial(ReferenceFile, self.resource_classes[0])]

    def has_import_permission(self, request):
        """Whether the person may import here."""
        return can_administer(request.user)

    def get_urls(self):
        """Return the addresses, with bounds on what is sent to that of the import."""
        page = self.admin_site.admin_view(bounded(self.import_action))
        name = "{}_{}_import".format(*self.get_model_info())
        urls = super().get_urls()
        for pattern in urls:
            if pattern.name == name:
                pattern.callback = page
        return urls

    def import_action(self, request, **kwargs):
        """Ask for a file; show what it comes to, which saves nothing."""
        response = super().import_action(request, **kwargs)
        context = response.context_data
        result = context.setdefault("result", None)
        if "confirm_form" in context:
            context["confirm_form"].initial["fingerprint"] = result.fingerprint()
        context.update(self._of_the_page(result.sentences if result else []))
        return response

    @method_decorator(require_POST)
    def process_import(self, request, **kwargs):
        """Import what was shown, once, however often it is confirmed."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request)
        if not form.is_valid():
            return self._refuse(request, [message for found in form.errors.values() for message in found])
        return answer_once(request, lambda: super(ReferenceListAdmin, self).process_import(request, **kwargs))[0]

    def create_import_form(self, request):
        """Return the form, which knows of a file that was thrown away for its size."""
        kwargs = {**self.get_import_form_kwargs(request), "is_too_large": False}
        if request.method == "POST" and is_too_large(request):
            # Its fields may have been thrown away with it.
            kwargs |= {"data": request.POST or {"format": "0"}, "is_too_large": True}
        return FileForm(self.get_import_formats(), self.get_import_resource_classes(request), **kwargs)

    def get_import_data_kwargs(self, request=None, form=None, **kwargs):
        """Return why the rows change, and what was shown of them before."""
        cleaned = form.cleaned_data
        file = cleaned.get("original_file_name") or cleaned["import_file"].name
        return {
            **kwargs,
            "reason": cleaned.get("reason") or f"Import of {file}",
            "expected": cleaned.get("fingerprint", ""),
        }

    def add_data_read_fail_error_to_form(self, form, e):
        """Say beside the file why it cannot be read; raise what nobody expects."""
        if not isinstance(e, UnreadableFile):
            raise e
        form.add_error("import_file", str(e))

    def process_result(self, result, request):
        """Go to the list, or show why nothing was imported."""
        if result.sentences:
            return self._refuse(request, result.sentences)
        return super().process_result(result, request)

    def generate_log_entries(self, result, request):
        """Note the rows among what the person did lately."""
        for flag, rows in (
            (ADDITION, [row.instance for row in result.changed_rows if row.is_new()]),
            (CHANGE, [row.instance for row in result.changed_rows if row.is_update()]),
        ):
            if rows:
                reason = rows[0]._change_reason
                LogEntry.objects.log_actions(request.user.pk, rows, flag, reason, single_object=len(rows) == 1)

    def add_success_message(self, result, request):
        """Say how many rows were imported."""
        new = sum(row.is_new() for row in result.changed_rows)
        counts = [
            f"{count_of(new, 'row,rows')} added",
            f"{count_of(len(result.changed_rows) - new, 'row,rows')} changed",
            f"{count_of(result.unchanged_count, 'row,rows')} unchanged",
        ]
        messages.success(request, f"The file was imported: {', '.join(counts)}.")

    def _refuse(self, request, sentences):
        """Return the page that asks for a file, with what is wrong with the one that was confirmed."""
        form = FileForm(self.get_import_formats(), self.get_import_resource_classes(request))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form}
        return TemplateResponse(request, [self.import_template_name], {**context, **self._of_the_page(sentences)})

    def _of_the_page(self, sentences):
        headings = [field.column_name for field in self.resource_classes[0]().get_import_fields()]
        return {"title": f"Import {self.opts.verbose_name_plural}", "sentences": sentences, "headings": headings}
