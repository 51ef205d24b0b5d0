"""The columns of lists, as fields of django-import-export, and how their cells are read."""

from import_export.fields import Field
from import_export.widgets import Widget

from plans.text import one_line


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
