"""Columns of our own: folded text of other columns of the row, the numbers of activities; and who did it, and when."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.text import capfirst

from plans.activity_number import (
    LONGEST,
    MOST_WRITTEN,
    STORED_LENGTH,
    Label,
    Number,
    Stored,
    loaded,
    read_number,
    stored,
)
from plans.text import fold

if TYPE_CHECKING:
    NumberBase = models.Field[Any, Any]
else:
    NumberBase = models.Field


def who_and_when(what: str, *, name: str, message: str) -> models.CheckConstraint:
    """Return the constraint called `name` that a row has both of the columns `what`_at and `what`_by, or neither."""
    at, by = f"{what}_at", f"{what}_by"
    condition = models.Q(**{at: None, by: None}) | models.Q(**{f"{at}__isnull": False, f"{by}__isnull": False})
    return models.CheckConstraint(condition=condition, name=name, violation_error_message=message)


class FoldedTextField(models.TextField):
    """Folded text of the row's `sources`, refreshed on every save, for searching and for uniqueness.

    It is computed from the row alone, so it cannot go stale when another row changes.
    A fixture must carry the value, since loading one saves rows as they are.
    """

    def __init__(self, *args: Any, sources: Iterable[str] = (), **kwargs: Any) -> None:
        """`sources` are the names of the columns that it holds, in order."""
        self.sources = tuple(sources)
        kwargs["editable"] = False
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Return what a migration needs to make this field again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable")
        return name, path, args, {**kwargs, "sources": self.sources}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Return the folded text of the sources, and put it on the row."""
        text = fold(" ".join(getattr(model_instance, source) for source in self.sources))
        setattr(model_instance, self.attname, text)
        return text


class FoldedModel(models.Model):
    """A row that no two of may have the same folded text, which people are told before the database refuses it."""

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Raise `ValidationError` for a constraint that the row breaks, with its folded columns as they will be saved.

        Forms leave out what they do not show, so a folded column is validated whenever its sources are.
        """
        left_out = set(exclude or ())
        for field in self._meta.fields:
            if isinstance(field, FoldedTextField):
                if left_out & set(field.sources):
                    left_out.add(field.name)
                else:
                    field.pre_save(self, self._state.adding)
                    left_out.discard(field.name)
        super().validate_constraints(exclude=left_out)


class NumberFormField(forms.CharField):
    """The box for the number of an activity."""

    def __init__(self, **kwargs: Any) -> None:
        # How long the number itself may be, reading it says.
        kwargs.pop("max_length", None)
        super().__init__(**kwargs)
        self.widget.attrs |= {"maxlength": MOST_WRITTEN, "size": LONGEST}

    def to_python(self, value: Any) -> Any:
        """Return the number; blank for none. Raises `ValidationError` in words."""
        text = super().to_python(value)
        return _read(text) if text else text


class NumberField(NumberBase):
    """The number of an activity: an `int` where it is whole, else a `Label`.

    The column holds text in natural order, as `plans.activity_number.stored` makes it, so that comparing, ordering and
    finding by index are those of any column. Only what compares whole values means anything: there is no `icontains`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = STORED_LENGTH
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Return what a migration needs to make this field again."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length")
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Be stored as text is."""
        return f"varchar({self.max_length})"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Have it compared sign by sign, as SQLite does by itself, and not as words of a language are."""
        return {**super().db_parameters(connection), "collation": "C" if connection.vendor == "postgresql" else None}

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> Number | None:
        """Return the number that the column holds."""
        return None if value is None else loaded(value)

    def to_python(self, value: Any) -> Any:
        """Return the number that a person, a form, a fixture or a backup says; None for blank."""
        if value is None or value == "":
            return None
        return value if isinstance(value, int | Label) else _read(str(value))

    def get_prep_value(self, value: Any) -> Any:
        """Return what the column holds of a number."""
        value = super().get_prep_value(value)
        if value is None or isinstance(value, Stored):
            return value
        return stored(self.to_python(value))

    def value_to_string(self, obj: models.Model) -> Any:
        """Return the number as fixtures have it: whole ones as numbers."""
        return self.value_from_object(obj)

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]  # the stubs want what Field's own takes
        """Return the box for it."""
        return super().formfield(**{"form_class": NumberFormField, **kwargs})


def _read(text: str) -> Number:
    try:
        return read_number(text)
    except ValueError as error:
        raise ValidationError(capfirst(str(error))) from None
