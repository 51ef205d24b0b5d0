"""What the exports of the admin share: who may export, and in which formats."""

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate
from import_export.admin import ExportMixin
from import_export.forms import ExportForm

from plans.permissions import can_administer


class FormatForm(ExportForm):
    """As what; the first format is chosen."""

    def _init_formats(self, formats):
        """Offer the formats beside one another."""
        choices = [(str(index), each().get_title()) for index, each in enumerate(formats)]
        self.fields["format"] = forms.ChoiceField(choices=choices, initial="0", widget=forms.RadioSelect)


class FilteredExport(ExportMixin):
    """An export of what the filters and the search of the list leave, for programme admins."""

    export_form_class = FormatForm
    export_template_name = "admin/plans/export.html"
    import_export_change_list_template = "admin/import_export/change_list_import_export.html"

    def has_export_permission(self, request):
        """Whether the person may export from here."""
        return can_administer(request.user)

    def export_action(self, request):
        """Return the form, or the file; where a filter makes no sense, go to the list, as that itself does."""
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            changelist = reverse("admin:{}_{}_changelist".format(*self.get_model_info()))
            return redirect(f"{changelist}?{ERROR_FLAG}=1")

    def get_export_filename(self, request, queryset, file_format):
        """Return a name that sorts by date."""
        name = str(self.opts.verbose_name_plural).replace(" ", "-")
        return f"{name}-{localdate(timezone=get_default_timezone())}.{file_format.get_extension()}"
