"""Activities as django-import-export knows them: its formats, and our engine of imports behind its API."""

import tablib
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.timezone import get_default_timezone, localdate
from import_export.formats import base_formats
from import_export.resources import ModelResource, modelresource_factory
from import_export.results import Error, Result, RowResult

from plans.choices import RowKind
from plans.models import Activity, Plan
from plans.spreadsheets.columns import COLUMNS, NUMBER
from plans.spreadsheets.importing.apply import apply_check
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.importing.job_state import in_words
from plans.spreadsheets.importing.questions import question_in_words
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reading.read import PACKED, read_table
from plans.spreadsheets.reading.table import Table, TableRow

__all__ = ["ActivityCSV", "ActivityXLSX", "UnreadableFile", "format_of"]


class ActivityCSV(base_formats.CSV):
    """CSV, in whichever letters and with whichever signs."""

    def get_title(self):
        """Return what people call it."""
        return "CSV"

    def create_dataset(self, in_stream, **kwargs):
        """Return a data set with one row for each row of the file, blank ones too. Raises `UnreadableFile`."""
        return _dataset(in_stream)


class ActivityXLSX(base_formats.XLSX):
    """An Excel workbook: its sheet "Activities", else the one that is most like it."""

    def get_title(self):
        """Return what people call it."""
        return "Excel"

    def create_dataset(self, in_stream, **kwargs):
        """Return a data set with one row for each row of the sheet, blank ones too. Raises `UnreadableFile`."""
        return _dataset(in_stream)


def format_of(content):
    """Return the format of a file with these first bytes."""
    return ActivityXLSX if content.startswith(PACKED) else ActivityCSV


def _dataset(content):
    """Return a data set whose attribute `table` is the `Table` that it was made of."""
    table = read_table(content.encode() if isinstance(content, str) else content, "")
    dataset = tablib.Dataset(headers=list(table.headings))
    for row in table.rows:
        # The library counts rows from the headings, so that the blank ones count too.
        while dataset.height < row.row - table.heading_row - 1:
            dataset.append([""] * len(table.headings))
        dataset.append(row.cells)
    dataset.table = table
    return dataset


IMPORT_TYPES = {
    RowKind.CREATED: RowResult.IMPORT_TYPE_NEW,
    RowKind.UPDATED: RowResult.IMPORT_TYPE_UPDATE,
    RowKind.UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
    RowKind.SKIPPED: RowResult.IMPORT_TYPE_SKIP,
    RowKind.ERROR: RowResult.IMPORT_TYPE_INVALID,
}
TO_DECIDE = "was changed in the file and in the plan. Import it on the plan's own page, where you can choose."

TO_CONFIRM = "Import the file on the plan's own page, where you can choose."


class ActivityRowResult(RowResult):
    """What a row comes to. `file_row` counts from 1, the headings; `changes` are [(heading, before, after)]."""

    def __init__(self, outcome=None):
        """Take over a `RowOutcome`."""
        super().__init__()
        self.file_row = self.number = None
        self.changes = []
        if outcome is not None:
            self.file_row, self.number, self.object_id = outcome.row, outcome.number, outcome.activity_id
            self.changes = [(change.column, change.old, change.new) for change in outcome.changes]
            self.import_type = IMPORT_TYPES[outcome.kind]
            if problems := list(_problems(outcome)):
                self.import_type = RowResult.IMPORT_TYPE_INVALID
                self.validation_error = ValidationError(problems)


class ActivityResult(Result):
    """What a file comes to. `check` is the `Check` that it was made of."""

    check = None

    def problems(self):
        """Return everything that is wrong with the file, as sentences in the order of its rows."""
        sentences = []
        for base in self.base_errors:
            sentences += base.error.messages if isinstance(base.error, ValidationError) else [str(base.error)]
        for row in self.rows:
            sentences += row.validation_error.messages if row.validation_error else []
        return sentences

    def changed_rows(self):
        """Return the rows that make or change an activity."""
        return [row for row in self.rows if row.is_new() or row.is_update()]

    def fingerprint(self):
        """Return a short text that is the same only for the same changes to the same values."""
        return self.check.fingerprint()


class PlanResource(ModelResource):
    """The activities of one plan. Rows find them by number; a blank cell leaves a value as it is.

    `import_data` needs `user`, who is named in the history, and saves nothing when any row is wrong. It checks and
    applies as `plans.spreadsheets.importing` does, in as many queries, and keeps no receipt: that is for
    `importing.workflow`. "Last Updated" and "Reporting Status" are not read: they follow from the updates.
    """

    def __init__(self, plan=None, **kwargs):
        """Take the plan that rows belong to; without one, the resource can only export."""
        super().__init__(**kwargs)
        self.plan = plan

    @classmethod
    def get_result_class(cls):
        """Return the class of the whole result."""
        return ActivityResult

    @classmethod
    def get_row_result_class(cls):
        """Return the class of a row's result."""
        return ActivityRowResult

    def get_queryset(self):
        """Return the activities of the plan, as columns need them."""
        activities = Activity.objects.for_export(localdate())
        return activities.filter(plan=self.plan) if self.plan else activities

    def import_data(self, dataset, dry_run=False, raise_errors=False, *, user, file_name="", options=None, **kwargs):
        """Return an `ActivityResult`. Nothing is saved if `dry_run`, or if there is any problem.

        `options` are `importing.outcome.Options`. With `raise_errors`, what the database refuses is raised.
        """
        on = localdate(timezone=get_default_timezone())
        reason = f"Import of {file_name}" if file_name else "Import"
        check = None
        try:
            with transaction.atomic():
                # Imports of one plan take turns.
                plan = Plan.objects.select_for_update().get(pk=self.plan.pk)
                check = check_table(plan, _table(dataset), by=user, on=on, options=options, lock=not dry_run)
                if check.is_acceptable and not dry_run:
                    apply_check(check, plan=plan, by=user, reason=reason, on=on)
        except (ValidationError, DatabaseError) as error:
            if raise_errors:
                raise
            return _failed(in_words(error), check)
        return _result(check)


ActivityResource = modelresource_factory(
    Activity,
    PlanResource,
    meta_options={"fields": [column.attribute for column in COLUMNS], "import_id_fields": [NUMBER.attribute]},
    custom_fields={column.attribute: column for column in COLUMNS},
)
"""`PlanResource` with the columns as its fields."""


def _table(dataset):
    """Return the `Table` that a data set was read from; one made otherwise has its headings in row 1."""
    if hasattr(dataset, "table"):
        return dataset.table
    rows = [["" if cell is None else str(cell) for cell in row] for row in dataset]
    found = [TableRow(place, tuple(cells)) for place, cells in enumerate(rows, start=2) if any(cells)]
    return Table("Data", "", 1, tuple(dataset.headers), tuple(range(1, len(dataset.headers) + 1)), found)


def _result(check):
    result = ActivityResult()
    result.check = check
    for sentence in check.problems:
        result.append_base_error(Error(ValidationError(sentence)))
    for one in check.open_questions:
        sentence = question_in_words(one.kind, one.count, one.done, len(one.rows))
        result.append_base_error(Error(ValidationError(f"{sentence} {TO_CONFIRM}")))
    if not check.problems:
        result.rows = [ActivityRowResult(one) for one in check.rows if one.row is not None]
    for row in result.rows:
        result.increment_row_result_total(row)
        if row.validation_error:
            result.append_invalid_row(row.file_row, {}, row.validation_error)
    result.total_rows = len(result.rows)
    return result


def _failed(sentence, check):
    result = ActivityResult()
    result.check = check
    result.append_base_error(Error(ValidationError(sentence)))
    return result


def _problems(outcome):
    """Yield what is wrong with a row, or to be decided in it, as sentences."""
    for error in outcome.errors:
        yield f"Row {outcome.row}{error.column and f', {error.column}'}: {error.message}"
    for change in outcome.changes:
        if change.is_conflict and not change.taken:
            yield f"Row {outcome.row}, {change.column}: {TO_DECIDE}"
