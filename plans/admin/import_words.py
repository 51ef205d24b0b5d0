"""Words of spreadsheets that were explained: what the next file takes them for."""

from django.contrib import admin

from plans.admin.access import RecordAdmin
from plans.models import ImportWord


@admin.register(ImportWord)
class ImportWordAdmin(RecordAdmin):
    """What each word means; without a meaning, the next file asks again."""

    list_display = ("word", "kind", "meaning")
    list_filter = ("kind", "meaning")
    search_fields = ("word",)
    fieldsets = ((None, {"fields": ("kind", "word", "meaning")}),)

    def get_readonly_fields(self, request, obj=None):
        """A word stays what it is; another one is another row."""
        return ("kind", "word") if obj else ()
