"""What the resources of lists share: columns, rows found by code, a preview cell by cell, and nothing half-saved."""

import hashlib
import json

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from import_export.widgets import Widget

from plans.actions.row_changes import sign
from plans.models import User
from plans.permissions import can_administer
from plans.text import one_line

# The columns of lists, as fields of django-import-export, and how their cells are read.


class LineWidget(Widget):
    """A text on one line."""

    def clean(self, value, row=None, **kwargs):
        """Return the text."""
        return one_line(value)


class TextWidget(Widget):
    """A text of any number of lines."""


class WholeNumberWidget(Widget):
    """A whole number."""

    def clean(self, value, row=None, **kwargs):
        """Return the number. Raise `ValueError`, with a sentence."""
        if not (value.isascii() and value.isdecimal() and len(value) < 6):
            raise ValueError("Enter a whole number, for example 3.")
        return int(value)


class ReferenceColumn(Field):
    """A column: a blank cell, and one that says what is there already, leave the value as it is.

    `other_names` are other headings by which an import knows it.
    """

    def __init__(self, attribute, heading, widget=None, *, other_names=()):
        """Take the attribute of the row, and the heading above what it says."""
        super().__init__(attribute=attribute, column_name=heading, widget=widget or LineWidget())
        self.other_names = other_names

    def text(self, instance):
        """Return what a cell says of `instance`."""
        value = self.export(instance)
        return "" if value is None else str(value)

    def is_said(self, instance, row):
        """Return whether the cell says something else than `instance` does."""
        written = row.get(self.column_name)
        return bool(written) and written != self.text(instance)

    def save(self, instance, row, is_m2m=False, **kwargs):
        """Put what the cell says on `instance`. Raise `ValueError`, with a sentence."""
        if self.is_said(instance, row):
            super().save(instance, row, is_m2m, **kwargs)


class AddingColumn(ReferenceColumn):
    """A column of several names, which are added to those there are: a file takes nothing away."""

    def additions(self, instance, row):
        """Return what the cell adds to `instance`, as a list. Raise `ValueError`, with a sentence."""
        raise NotImplementedError

    def add(self, instance, things):
        """Save what `additions` returned; `instance` is saved by now."""
        raise NotImplementedError


# The resource.

MEANWHILE = (
    "Something in this list was saved by someone else after you looked at the preview, so that the file comes to "
    "something else now. Nothing was imported. Choose the file again."
)
AT_ONCE = "Someone else saved the same a moment ago. Choose the file again."


class CellChanges:
    """The difference that an import makes to a row, cell by cell; in place of the library's, which is HTML."""

    def __init__(self, resource, instance, new):
        """Take the values of before; those of `instance`, a copy, would cost a query each."""
        self.before = resource.before

    def compare_with(self, resource, instance):
        """Take the values of after."""
        after = resource.texts(instance)
        self.changes = [(name, before, after[name]) for name, before in self.before.items() if before != after[name]]

    def as_html(self):
        """Return [(heading, before, after)] of the cells that change, which a template escapes."""
        return self.changes


class ReferenceRowResult(RowResult):
    """What a row of the file comes to; `file_row` is its place in the file."""

    file_row = None

    @property
    def changes(self):
        """The cells that change, as [(heading, before, after)]."""
        return self.diff or []


class ReferenceResult(Result):
    """What a file comes to."""

    headings: dict[str, str] = {}
    """{attribute: heading above it}."""

    notes: tuple[str, ...] = ()
    """Sentences about how the file was read."""

    @property
    def sentences(self):
        """Everything that is wrong, as sentences in the order of the file."""
        found = [sentence for base in self.base_errors for sentence in _messages(base.error)]
        for row in sorted(self.rows, key=lambda one: one.file_row or 0):
            found += self._of_row(row)
        return found

    @property
    def changed_rows(self):
        """The rows that make or change something, in the order of the file."""
        return sorted((row for row in self.rows if row.is_new() or row.is_update()), key=lambda one: one.file_row)

    @property
    def unchanged_count(self):
        """How many rows say what is there already."""
        return self.totals[RowResult.IMPORT_TYPE_SKIP]

    def fingerprint(self):
        """Return a short text that is the same only for the same changes to the same values."""
        told = [(row.file_row, row.import_type, row.changes) for row in self.changed_rows]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def _of_row(self, row):
        if row.validation_error is None:
            return []
        by_attribute = getattr(row.validation_error, "message_dict", {"": row.validation_error.messages})
        return [
            f"Row {row.file_row}{heading and f', {heading}'}: {message}"
            for attribute, messages in by_attribute.items()
            for message in messages
            for heading in [self.headings.get(attribute, "")]
        ]


def _cell(value):
    return "" if value is None else str(value)


def _messages(error):
    return error.messages if isinstance(error, ValidationError) else [AT_ONCE]


class _ByCode(BaseInstanceLoader):
    """Finds rows by their code, whatever its case, among those that were loaded at once."""

    def get_instance(self, row):
        return self.resource.by_code.get(row[self.resource.key_heading()].casefold())


class ReferenceResource(ModelResource):
    """The rows of a list, found by code; what a file does not name stays as it is, and nothing is deleted by one.

    `import_data` needs `user`, who is named in the history with `reason`; it saves all or nothing, and with `expected`
    only if the file still comes to what a dry run of that fingerprint has shown.
    """

    class Meta:
        import_id_fields = ("code",)
        instance_loader_class = _ByCode
        skip_unchanged = report_skipped = True
        clean_model_instances = True
        store_instance = True
        use_transactions = True

    @classmethod
    def noun(cls):
        """Return what people call the rows."""
        return str(cls._meta.model._meta.verbose_name_plural)

    @classmethod
    def key_heading(cls):
        """Return the heading of the column by which rows are found."""
        return cls.fields["code"].column_name

    @classmethod
    def spellings(cls):
        """Return {spelling of a heading: our heading} of each column."""
        return {name: one.column_name for one in cls.fields.values() for name in (one.column_name, *one.other_names)}

    @classmethod
    def get_result_class(cls):
        """Return the class of the whole result."""
        return ReferenceResult

    @classmethod
    def get_row_result_class(cls):
        """Return the class of a row's result."""
        return ReferenceRowResult

    @classmethod
    def get_diff_class(cls):
        """Return the class of a row's difference."""
        return CellChanges

    def with_related(self, queryset):
        """Return the rows with what the columns show of them."""
        return queryset

    def filter_export(self, queryset, **kwargs):
        """Return the rows of an export."""
        return self.with_related(queryset)

    def after_export(self, queryset, dataset, **kwargs):
        """Name the sheet."""
        dataset.title = self.noun().capitalize()

    def import_data(self, dataset, dry_run=False, *, user, reason="", expected="", **kwargs):
        """Return what the file comes to, as a `ReferenceResult`; saved unless `dry_run`, if nothing is wrong.

        Raise `PermissionDenied` unless `user` may still administer when it is written.
        """
        self.user, self.reason, self.expected = user, reason, expected
        with transaction.atomic():
            if not dry_run:
                self.lock()
                # Whoever edits one of them by a form holds its row.
                list(self._meta.model.objects.order_by("pk").select_for_update(no_key=True).values_list("pk"))
            if not can_administer(User.objects.get(pk=user.pk)):
                raise PermissionDenied("Programme admins import lists.")
            return super().import_data(dataset, dry_run, rollback_on_validation_errors=True, **kwargs)

    def lock(self):
        """Keep others from saving what is written besides the rows themselves, until the transaction ends."""

    def before_import(self, dataset, **kwargs):
        """Load what there is, and have rows follow those that they name."""
        places = getattr(dataset, "places", None) or range(2, dataset.height + 2)
        self.load(self.with_related(self._meta.model.objects.all()))
        headers, rows = dataset.headers, dataset.dict
        dataset.wipe()
        dataset.headers = headers
        # Where there is no order, no row is left for the library to go on with.
        order = self.in_order(rows, places)
        dataset.extend([*map(_cell, rows[index].values())] for index in order)
        self.places, self.seen = [places[index] for index in order], {}

    def load(self, rows):
        """Take the rows that there are, by code."""
        self.by_code = {one.code.casefold(): one for one in rows}

    def in_order(self, rows, places):
        """Return the order in which rows can be saved, as indexes. Raise `ValidationError` when there is none."""
        return range(len(rows))

    def before_import_row(self, row, *, row_number, **kwargs):
        """Refuse a second row about the same thing."""
        code = row[self.key_heading()].casefold()
        if not code:
            raise ValidationError({"code": "Enter a code. Rows are found by it, and a new code makes a new row."})
        first = self.seen.setdefault(code, self.places[row_number - 1])
        if first != self.places[row_number - 1]:
            raise ValidationError({"code": f"Row {first} has the same code. Keep one of the two."})

    def after_init_instance(self, instance, new, row, **kwargs):
        """Say who changes the row and why, and keep what it says before."""
        self.sign(instance)
        self.before = dict.fromkeys(self.texts(instance), "") if new else self.texts(instance)

    def texts(self, instance):
        """Return {heading: what the cell says of `instance`}."""
        return {column.column_name: column.text(instance) for column in self.get_import_fields()}

    def sign(self, instance):
        """Have the history say who saves `instance`, and why."""
        sign(instance, by=self.user, reason=self.reason)

    def import_instance(self, instance, row, **kwargs):
        """Put the row on `instance`. Raise `ValidationError` with all that is wrong with its cells."""
        errors = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        self.additions = {}
        for column in self._adding_columns():
            try:
                self.additions[column] = column.additions(instance, row)
            except ValueError as error:
                errors[column.attribute] = ValidationError(str(error))
        self.follow(instance)
        if errors:
            raise ValidationError(errors)

    def follow(self, instance):
        """Add to `additions` what follows from the row that is now on `instance`."""

    def import_field(self, field, instance, row, is_m2m=False, **kwargs):
        """Put a cell on `instance`; what is added to it follows when it is saved, and its code stays as it is."""
        if not isinstance(field, AddingColumn) and (instance.pk is None or field is not self.fields["code"]):
            super().import_field(field, instance, row, is_m2m, **kwargs)

    def skip_row(self, instance, original, row, import_validation_errors=None):
        """Return whether the row says what is there already."""
        if import_validation_errors or instance.pk is None or any(self.additions.values()):
            return False
        columns = [one for one in self.get_import_fields() if not isinstance(one, AddingColumn)]
        return all(column.get_value(instance) == column.get_value(original) for column in columns)

    def after_save_instance(self, instance, row, **kwargs):
        """Add what the row adds, and know the row from now on."""
        for column, things in self.additions.items():
            for one in things:
                self.sign(one)
            if things:
                column.add(instance, things)
        self.by_code[instance.code.casefold()] = instance

    def import_row(self, row, instance_loader, *, row_number, **kwargs):
        """Return what a row comes to. What nobody expects is raised: the library would pass it off as the file's."""
        result = super().import_row(row, instance_loader, row_number=row_number, **kwargs)
        result.file_row = self.places[row_number - 1]
        for problem in result.errors:
            if not isinstance(problem.error, IntegrityError):
                raise problem.error
        if result.errors:
            result.errors, result.validation_error = [], ValidationError(AT_ONCE)
            result.import_type = RowResult.IMPORT_TYPE_INVALID
        return result

    def after_import(self, dataset, result, **kwargs):
        """Refuse to write something else than was shown."""
        result.notes = getattr(dataset, "notes", ())
        result.headings = {name: field.column_name for name, field in self._by_attribute().items()}
        if self.expected and not result.has_validation_errors() and result.fingerprint() != self.expected:
            raise ValidationError(MEANWHILE)

    def handle_import_error(self, result, error, raise_errors=False):
        """Take an error of the whole file into the result; raise what nobody expects."""
        if not isinstance(error, ValidationError):
            raise error
        super().handle_import_error(result, error, raise_errors)

    def _adding_columns(self):
        return [one for one in self.get_import_fields() if isinstance(one, AddingColumn)]

    def _by_attribute(self):
        return {field.attribute: field for field in self.get_import_fields()}
