"""Activities as django-import-export knows them: read from a spreadsheet into a plan, all rows or none."""

import hashlib
import json
import logging
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.utils.timezone import get_default_timezone, localdate
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import Result, RowResult

from plans.exchange import columns
from plans.exchange.applying import Author, apply_draft
from plans.exchange.drafts import DraftReader
from plans.exchange.row_versions import ROW_VERSION
from plans.models import Activity
from plans.text import fold, number_in

logger = logging.getLogger(__name__)


class ColumnField(Field):
    """A column of `plans.exchange.columns` as a field of a resource."""

    def __init__(self, column):
        """Take over the column's heading."""
        super().__init__(column_name=column.heading)
        self.column = column

    def export(self, instance, **kwargs):
        """Answer what stands in the column for `instance`."""
        return self.column.value(instance)


class ActivityRowResult(RowResult):
    """What a row comes to. `file_row` counts from 1, the headings; `changes` are [(heading, before, after)]."""

    def __init__(self):
        """Start without changes."""
        super().__init__()
        self.file_row = None
        self.number = None
        self.changes = []


class ActivityResult(Result):
    """What a file comes to."""

    def problems(self):
        """Answer everything that is wrong with the file, as sentences in the order of its rows."""
        sentences = []
        for base in self.base_errors:
            sentences += base.error.messages if isinstance(base.error, ValidationError) else [str(base.error)]
        for row in self.rows:
            sentences += row.validation_error.messages if row.validation_error else []
            sentences += [f"Row {row.file_row}: it could not be saved. {error.error}" for error in row.errors]
        return sentences

    def changed_rows(self):
        """Answer the rows that make or change an activity."""
        return [row for row in self.rows if row.is_new() or row.is_update()]

    def unchanged_rows(self):
        """Answer the rows that leave their activity as it is."""
        return [row for row in self.rows if row.is_skip()]

    def fingerprint(self):
        """Answer a short text that is the same only for the same changes to the same values."""
        rows = [[row.file_row, row.import_type, row.changes] for row in self.rows]
        return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


class ActivityResource(ModelResource):
    """The activities of one plan. Rows find them by number; a blank cell leaves a value as it is.

    An import costs seven queries, and only a savepoint for a row that changes nothing. `import_data` needs
    `user`, who is named in the history, and saves nothing when any row is wrong. "Last Updated" and "Freshness"
    are not read: they follow from the updates.
    """

    number = ColumnField(columns.NUMBER)
    focus_area = ColumnField(columns.FOCUS_AREA)
    priority_area = ColumnField(columns.PRIORITY_AREA)
    title = ColumnField(columns.TITLE)
    description = ColumnField(columns.DESCRIPTION)
    leads = ColumnField(columns.LEADS)
    supports = ColumnField(columns.SUPPORTS)
    description_state = ColumnField(columns.DESCRIPTION_STATE)
    status = ColumnField(columns.STATUS)
    last_updated = ColumnField(columns.LAST_UPDATED)
    freshness = ColumnField(columns.FRESHNESS)

    class Meta:
        model = Activity
        fields = (
            "number",
            "focus_area",
            "priority_area",
            "title",
            "description",
            "leads",
            "supports",
            "description_state",
            "status",
            "last_updated",
            "freshness",
        )
        import_id_fields = ("number",)
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        # Changes are compared as an export shows them, with agencies and sub-activities: see `import_instance`.
        skip_diff = True

    def __init__(self, plan=None, **kwargs):
        """Take the plan that rows belong to; without one, the resource can only export."""
        super().__init__(**kwargs)
        self.plan = plan

    @classmethod
    def get_result_class(cls):
        """Answer the class of the whole result."""
        return ActivityResult

    @classmethod
    def get_row_result_class(cls):
        """Answer the class of a row's result."""
        return ActivityRowResult

    def get_queryset(self):
        """Answer the activities of the plan, as columns need them."""
        activities = Activity.objects.for_export(localdate())
        return activities.filter(plan=self.plan) if self.plan else activities

    def import_data(self, dataset, dry_run=False, *, user, rollback_on_validation_errors=True, **kwargs):
        """Answer an `ActivityResult`. Nothing is saved if `dry_run`, or if there is any problem."""
        reason = f"Import of {kwargs['file_name']}" if kwargs.get("file_name") else "Import"
        self.author = Author(user, reason, localdate(timezone=get_default_timezone()))
        self.locks = not dry_run
        kwargs["rollback_on_validation_errors"] = rollback_on_validation_errors
        return super().import_data(dataset, dry_run, user=user, **kwargs)

    def before_import(self, dataset, **kwargs):
        """Check the headings, and load the plan. Raises `ValidationError`; then no row is read."""
        headings, problems = _headings(dataset.headers)
        rows = [(file_row, cells) for file_row, cells in enumerate(dataset, start=2) if any(cells)]
        # Rows are looked at even when this raises, so there are none until all is well.
        dataset.wipe()
        if problems:
            raise ValidationError(problems)
        activities = self.get_queryset()
        if self.locks:
            activities = activities.select_for_update(of=("self",))
        self.activities = {activity.number: activity for activity in activities}
        self.reader = DraftReader()
        self.row_of_number = {}
        self.file_rows = [file_row for file_row, _ in rows]
        dataset.headers = headings
        dataset.extend(cells for _, cells in rows)

    def import_row(self, row, instance_loader, **kwargs):
        """Answer the result of one row, whose messages name the row of the file."""
        self.file_row = self.file_rows[kwargs["row_number"] - 1]
        self.draft, self.changes = None, []
        result = super().import_row(row, instance_loader, **kwargs)
        result.file_row, result.number = self.file_row, row[columns.NUMBER.heading]
        result.changes = self.changes
        for error in result.errors:
            logger.error("Row %s of an import could not be saved", self.file_row, exc_info=error.error)
        return result

    def get_or_init_instance(self, instance_loader, row):
        """Answer the activity of the row's number, or a new one, and whether it is new."""
        written = row[columns.NUMBER.heading]
        number = number_in(written)
        if number is None:
            self._refuse([(columns.NUMBER.heading, f"'{written}' is not a whole number.")])
        if number == 0:
            self._refuse([(columns.NUMBER.heading, "activities are numbered from 1.")])
        earlier_row = self.row_of_number.setdefault(number, self.file_row)
        if earlier_row != self.file_row:
            sentence = f"activity {number} stands in row {earlier_row} already. Keep one of the two rows."
            self._refuse([(columns.NUMBER.heading, sentence)])
        if activity := self.activities.get(number):
            return activity, False
        return Activity(plan=self.plan, number=number), True

    def import_instance(self, instance, row, **kwargs):
        """Read the row and find what it changes; nothing is written yet. Raises `ValidationError`."""
        self.draft, problems = self.reader.read(row, instance)
        if problems:
            self._refuse(problems)
        before = {} if instance.pk is None else _texts(instance)
        self.changes = [
            (heading, before.get(heading, ""), after)
            for heading, after in self.draft.texts().items()
            if after != before.get(heading, "")
        ]
        if self.changes and instance.withdrawn_on:
            sentence = f"activity {instance.number} has been withdrawn, so it cannot be changed. Take the row out."
            self._refuse([(columns.NUMBER.heading, sentence)])

    def skip_row(self, instance, original, row, import_validation_errors=None):
        """Whether the row leaves everything as it is."""
        return not (import_validation_errors or self.changes or instance.pk is None)

    def do_instance_save(self, instance, is_create):
        """Write the row's draft."""
        apply_draft(instance, self.draft, self.author)

    def _refuse(self, problems):
        raise ValidationError([f"Row {self.file_row}, {heading}: {sentence}" for heading, sentence in problems])


def _texts(activity):
    """Answer {heading: text} of an activity as an export shows it."""
    return {column.heading: str(column.value(activity) or "") for column in columns.COLUMNS}


def _headings(written):
    """Answer the headings as we spell them, and what is wrong with them as sentences."""
    known = {fold(heading): heading for heading in columns.HEADINGS}
    headings = [known.get(fold(heading), heading) for heading in written]
    problems = [_unknown_heading(index, heading, known) for index, heading in enumerate(headings, start=1)]
    problems += [
        f"The column {heading} stands there twice. Take one out."
        for heading in columns.HEADINGS
        if headings.count(heading) > 1
    ]
    if columns.NUMBER.heading not in headings:
        problems.append("There is no column Number, by which activities are found.")
    return headings, [problem for problem in problems if problem]


def _unknown_heading(index, heading, known):
    if heading in (*columns.HEADINGS, ROW_VERSION):
        return None
    if not heading:
        return f"Column {index} has no heading. Write one in its first row, or take the column out."
    near = get_close_matches(fold(heading), known, n=1)
    hint = f"Did you mean {known[near[0]]}?" if near else f"The columns are: {', '.join(columns.HEADINGS)}."
    return f"Column {index}: nothing is called '{heading[:80]}' here. {hint}"
