"""Updates, their evidence and what others answered, to read: what was reported stays as it was reported."""

from django.contrib import admin

from plans.admin.access import ReadingAdmin
from plans.admin.filters import PlanFilter
from plans.models import Agreement, EvidenceLink, StatusUpdate


@admin.register(StatusUpdate)
class StatusUpdateAdmin(ReadingAdmin):
    """Every update on every activity, newest first; they are made by reporting, and never edited."""

    list_display = ("made_at", "activity", "kind", "status", "agency", "author", "what_happened")
    list_filter = ("status", ("activity__plan", PlanFilter), "agency")
    # They are only ever added, so their keys are in the order in which they were made, and have an index.
    ordering = ("-pk",)
    show_full_result_count = False
    list_select_related = ("activity", "agency", "author")
    search_fields = ("what_happened", "activity__title")
    date_hierarchy = "made_at"
    fields = (
        "activity",
        "kind",
        "status",
        "agency",
        "author",
        "made_at",
        "by_link",
        "round",
        "what_happened",
        "whats_next",
        "barrier",
        "needs_escalation",
        "no_evidence_reason",
        "retracted_at",
        "replaced_by",
    )


@admin.register(EvidenceLink)
class EvidenceLinkAdmin(ReadingAdmin):
    """Every link to evidence, newest first; those that were removed on the page of their activity, too."""

    list_display = ("made_at", "activity", "label", "address", "author", "retracted_at")
    list_filter = (("activity__plan", PlanFilter), ("retracted_at", admin.EmptyFieldListFilter))
    ordering = ("-pk",)
    show_full_result_count = False
    list_select_related = ("activity", "author")
    search_fields = ("label", "address", "activity__title")
    fields = ("activity", "update", "label", "address", "author", "made_at", "retracted_at", "retracted_by")


@admin.register(Agreement)
class AgreementAdmin(ReadingAdmin):
    """Every answer of an agency to the update of another one, newest first; those that were taken back, too."""

    list_display = ("made_at", "activity", "agency", "agrees", "words", "author", "retracted_at")
    list_filter = ("agrees", ("update__activity__plan", PlanFilter), ("retracted_at", admin.EmptyFieldListFilter))
    ordering = ("-pk",)
    show_full_result_count = False
    list_select_related = ("update__activity", "agency", "author")
    search_fields = ("words", "update__activity__title")
    fields = ("update", "agency", "agrees", "words", "author", "made_at", "retracted_at", "retracted_by")

    @admin.display(description="Activity")
    def activity(self, answer):
        """Return the activity whose update it answers."""
        return answer.update.activity
