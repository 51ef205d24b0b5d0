"""Imports of spreadsheets: the file, what it was found to say, what was done with it, and how to take that back."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from plans.choices import ImportScope, ImportState, RowKind
from plans.models.activity import Activity
from plans.models.fields import NumberField, who_and_when
from plans.models.plan import Plan
from plans.querysets import ImportQuerySet, ImportRowQuerySet


class Import(models.Model):
    """A file that was brought to a plan, from its upload to its receipt. It is never deleted: it is the receipt.

    `content` is the file as it came, `sha256` the checksum of its bytes in hexadecimal. `options` are what the person
    decided about it, `findings` what the file is like, `counts` {value of `RowKind`, or "conflicts": how many};
    `plans.spreadsheets.importing` says what is in each. `rows_attempt` is the `ImportRow.attempt` of the rows that
    count.

    `beat_at` is the last sign of life of the job at work on it. `claim` is a random name for the right to write what
    comes of it: each write asks for it, so that a job whose place another has taken can keep nothing. `job` says which
    process it is, as `plans.spreadsheets.importing.jobs` has it; empty where it never started, or was ended.

    Once `cleared_at` is set, `content` is empty and there are no rows: what was refused or discarded is cleared away
    after a time, and this is what remains of it.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="imports")
    scope = models.CharField(max_length=10, choices=ImportScope.choices, default=ImportScope.PLAN)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.WAITING)
    file_name = models.CharField("file", max_length=255)
    content = models.BinaryField()
    size_bytes = models.PositiveBigIntegerField("size in bytes")
    sha256 = models.CharField("checksum (SHA-256)", max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    options = models.JSONField(default=dict, blank=True, editable=False)
    rows_read = models.PositiveIntegerField(default=0, editable=False)
    rows_total = models.PositiveIntegerField(null=True, blank=True, editable=False)
    rows_attempt = models.PositiveIntegerField(default=0, editable=False)
    beat_at = models.DateTimeField(null=True, blank=True, editable=False)
    claim = models.CharField(max_length=32, blank=True, default="", editable=False)
    job = models.JSONField(default=dict, blank=True, editable=False)
    problem = models.TextField(blank=True, editable=False, help_text="Why it was refused or stopped.")
    counts = models.JSONField(default=dict, blank=True, editable=False)
    findings = models.JSONField(default=dict, blank=True, editable=False, encoder=DjangoJSONEncoder)
    applied_at = models.DateTimeField("imported", null=True, blank=True, editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    undone_at = models.DateTimeField("undone", null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    cleared_at = models.DateTimeField("cleared", null=True, blank=True, editable=False)
    undo_report = models.JSONField(default=dict, blank=True, editable=False, encoder=DjangoJSONEncoder)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=ImportScope.values),
                name="import_scope_known",
                violation_error_message="Choose what the import may change.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ImportState.values),
                name="import_state_known",
                violation_error_message="Choose one of the known states.",
            ),
            who_and_when(
                "applied",
                name="import_applied_by_somebody",
                message="An import says who made it, and when.",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False, applied_at__isnull=False),
                name="import_undone_by_somebody",
                violation_error_message="Only what was imported can be undone, and it says by whom and when.",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None) | Q(state__in=[ImportState.REFUSED, ImportState.DISCARDED]),
                name="import_cleared_unused",
                violation_error_message="Only a file that was refused or discarded can be cleared.",
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk} of {self.file_name}"

    @property
    def state_choice(self) -> ImportState:
        """The state as a member of `ImportState`, which knows its meaning."""
        return ImportState(self.state)

    @property
    def rows(self) -> QuerySet["ImportRow"]:
        """The rows of the file as they count: never those that a job is still writing, or was stopped at."""
        return self.all_rows.filter(attempt=self.rows_attempt)


class ImportRow(models.Model):
    """What one row of the file comes to. `row` counts as the file's own rows do, from 1; None for what is missing.

    `changes` are the cells that differ, `errors` those that have to be mended, as
    `plans.spreadsheets.importing.outcome` words them. `before` and `after` are the values that applying replaced and
    wrote, by which it is undone.

    Rows are written in short transactions under a new `attempt`, and count once `Import.rows_attempt` says so.
    """

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="all_rows")
    attempt = models.PositiveIntegerField(default=0)
    row = models.PositiveIntegerField(null=True, blank=True)
    number = NumberField(null=True, blank=True)
    kind = models.CharField(max_length=10, choices=RowKind.choices)
    has_conflict = models.BooleanField(default=False)
    changes = models.JSONField(default=list, blank=True)
    errors = models.JSONField(default=list, blank=True)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    before = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["source", "kind"], name="importrow_of_kind")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=RowKind.values),
                name="importrow_kind_known",
                violation_error_message="A row of an import comes to one of the known ends.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}, row {self.row}"
