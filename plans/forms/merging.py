"""Forms in which nobody overwrites anybody: each carries what it was opened with, and merges field by field.

What only a colleague changed meanwhile is kept, what only this person changed is saved, and where both changed
the same field to different values nothing is saved until the person has seen both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from django import forms
from django.core.signing import BadSignature, Signer
from django.db.models import Model, QuerySet
from django.utils.dateformat import format as format_date

from plans.text import whole_number
from plans.three_way import Merged, merge

VERSION = "version"
THEIRS = "theirs"
RECORDS_LOOKED_AT = 50


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed to different values, in words. `original` is None when it is not known.

    `by` is the colleague who changed it last and `at` the moment; both None when the history does not say.
    `choice_name` is the name of the radio buttons by which a person takes theirs.
    """

    name: str
    label: str
    original: str | None
    theirs: str
    yours: str
    by: object
    at: datetime | None
    choice_name: str
    takes_theirs: bool


def kept_in_words(labels: Iterable[str]) -> str:
    """Return a sentence about the `kept` labels of forms; blank for none."""
    named = ", ".join(labels)
    return f"Kept changes someone else made at the same time: {named}." if named else ""


class MergingMixin:
    """A model form that is compared with its row as it is now, and with that row as it was when the page was opened.

    The row has to be locked by whoever binds the form. `version` is a signed field of the page that says what the
    page showed of which row; one that is missing or was tampered with makes every difference a conflict.
    `conflicts` are what a person has to decide; `kept` the labels of what a colleague changed and the form keeps.
    `is_crossed` says that the form shows what a colleague changed, to be looked at before it is saved.
    """

    unmerged: tuple[str, ...] = ()
    """Names of fields that are not values of the row, such as the reason for a change."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.conflicts, self._theirs, self.is_crossed = [], set(), False

    @property
    def kept(self):
        """The labels of fields that only a colleague changed, in the order of the form."""
        return [self.label_of(name) for name in self.fields if name in self._theirs]

    @property
    def changed_data(self):
        """The names of fields that saving would change: what was merged into the row already is no change."""
        return [name for name in super().changed_data if name not in self._theirs and name != VERSION]

    def label_of(self, name):
        """Return what a sentence about several forms calls a field of this one."""
        return str(self[name].label)

    def get_initial_for_field(self, field, field_name):
        """Return what the field begins with; for the version, what the page shows of the row, signed."""
        if field_name == VERSION:
            return self._version_now()
        return super().get_initial_for_field(field, field_name)

    def clean(self):
        """Return the values, merged with those of the row as it is now; fields in conflict carry an error."""
        super().clean()
        if self.instance.pk is not None:
            seen = self._seen()
            for name in self._merged_names():
                self._merge(name, seen)
            if self.conflicts:
                self._show_newest()
        return self.cleaned_data

    def full_clean(self):
        """Check the form; the row of an inline form that a colleague removed meanwhile is told in words."""
        super().full_clean()
        if self.prefix and self.is_bound and self.instance.pk is None and self.data.get(self.add_prefix(VERSION)):
            self._meet_removed_row()

    def last_change(self, name):
        """Return the historical record that gave the field its value of now, or None. One query."""
        records = list(self.records_about(name)[:RECORDS_LOOKED_AT])
        columns = {field.name: field.attname for field in self.instance._meta.concrete_fields}
        if name in columns:
            for record, older in pairwise(records):
                if getattr(record, columns[name]) != getattr(older, columns[name]):
                    return record
        return records[0] if records else None

    def tell(self, conflict):
        """Return what stands beside a field in conflict."""
        if conflict.original is None:
            return (
                "Nothing is saved yet, because we could not tell which version you started from. Your text is still "
                "here and differs from what is saved. Compare the two, then save again."
            )
        return (
            f"{conflict.by or 'Someone else'} changed this while you were editing, so nothing is saved yet. "
            "Compare the two, then save again."
        )

    def records_about(self, name):
        """Return the historical records that tell of a field, newest first, as a queryset."""
        return self.instance.history.select_related("history_user")

    def _merged_names(self):
        left_out = {VERSION, *self.unmerged}
        return [name for name, field in self.fields.items() if name in self.initial and name not in left_out]

    def _merge(self, name, seen):
        theirs = plain(self.initial[name])
        original = (seen or {}).get(name)
        yours = plain(self.cleaned_data[name]) if name in self.cleaned_data else None
        # Where the page does not say what it was opened with, every difference is a conflict.
        merged = merge(yours, theirs, lambda value: original is not None and value == original)
        is_chosen = merged is not Merged.SAME and original is not None and self._takes_theirs(name)
        if merged is Merged.KEPT or is_chosen:
            self._take_theirs(name)
        elif merged is Merged.CONFLICT:
            self._note_conflict(name, original)

    def _takes_theirs(self, name):
        return self.data.get(self._choice_name(name)) == THEIRS

    def _choice_name(self, name):
        return self.add_prefix(f"choice-{name}")

    def _take_theirs(self, name):
        self._errors.pop(name, None)
        field, columns = self.fields[name], {column.name for column in self.instance._meta.concrete_fields}
        now = getattr(self.instance, name) if name in columns else field.clean(field.prepare_value(self.initial[name]))
        self.cleaned_data[name] = now
        self._theirs.add(name)

    def _note_conflict(self, name, original):
        field, record = self.fields[name], self.last_change(name)
        yours = self.cleaned_data[name] if name in self.cleaned_data else self[name].data
        conflict = Conflict(
            name=name,
            label=self.label_of(name),
            original=None if original is None else in_words(field, original),
            theirs=in_words(field, plain(self.initial[name])),
            yours=in_words(field, plain(yours)),
            by=record and record.history_user,
            at=record and record.history_date,
            choice_name=self._choice_name(name),
            takes_theirs=self._takes_theirs(name),
        )
        self.conflicts.append(conflict)
        self.add_error(name, self.tell(conflict))

    def _show_newest(self):
        """Put the row's version of now into the form, and what only colleagues changed into its fields.

        The person has been shown both sides, so saving again is deliberate.
        """
        self.is_crossed = True
        self.data = self.data.copy()
        self.data[self.add_prefix(VERSION)] = self._version_now()
        for name in self._theirs:
            self._put(name, self.fields[name].prepare_value(self.initial[name]))

    def _put(self, name, value):
        key = self.add_prefix(name)
        if value is None or value is False:
            self.data.pop(key, None)
        elif isinstance(value, list | tuple):
            self.data.setlist(key, [str(one) for one in value])
        else:
            self.data[key] = "on" if value is True else str(value)

    def _row(self):
        return f"{self.instance._meta.label_lower}:{self.instance.pk}"

    def _version_now(self):
        if self.instance.pk is None:
            return ""
        values = {name: plain(self.initial[name]) for name in self._merged_names()}
        return signer().sign_object({"row": self._row(), "values": values}, compress=True)

    def _seen(self):
        """Return {name: value} as the page showed it; None when the version is missing, tampered or of another row."""
        version = self._read_version()
        return version["values"] if version and version["row"] == self._row() else None

    def _read_version(self):
        try:
            return signer().unsign_object(self.data.get(self.add_prefix(VERSION)) or "")
        except BadSignature:
            return None

    def _meet_removed_row(self):
        """Let a removed row be gone if nothing was edited in it, else say so; the words stay in the form."""
        version = self._read_version()
        if not version:
            # Nobody's page says so: what is wrong with it stays wrong.
            return
        edited = [name for name, value in version["values"].items() if plain(self.cleaned_data.get(name)) != value]
        self._errors = self._errors.__class__()
        if edited and not self.cleaned_data.get("DELETE"):
            self.add_error(
                None,
                "Someone else removed this row at the same time. "
                "To keep it, add it as a new row and tick “Delete” here.",
            )


class MergingForm(MergingMixin, forms.ModelForm):
    """A model form in which nobody overwrites anybody."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)


def reason_field(help_text, *, label="Reason for change", max_length=500):
    """Return the field of a `ReasonedForm` that says why, if anything does."""
    return forms.CharField(label=label, required=False, max_length=max_length, help_text=help_text)


class ReasonedForm(MergingForm):
    """A form in which no one overwrites anyone, and which may say why."""

    reason = reason_field("Shown in the history. It can be left blank.", max_length=100)
    unmerged = ("reason",)


def signer():
    """Return what signs the versions of forms."""
    return Signer(salt="plans.forms.merging")


def plain(value):
    """Return a value as it is compared and signed: text, whole number, truth, or a list of these; nothing is ""."""
    if value is None:
        return ""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, QuerySet | list | tuple):
        return sorted(plain(one) for one in value)
    if isinstance(value, date):
        return value.isoformat()
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def in_words(field, value):
    """Return a plain value as a person reads it beside the field: a choice by its label, a date in words."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        # What was sent may be anything at all, and is told of before it was found to be a choice.
        keys = [one for one in value or [] if whole_number(str(one)) is not None]
        return "; ".join(field.label_from_instance(one) for one in field.queryset.filter(pk__in=keys))
    if isinstance(field, forms.ModelChoiceField):
        found = field.queryset.filter(pk=value).first() if isinstance(value, int) else None
        return field.label_from_instance(found) if found else str(value)
    if isinstance(field, forms.BooleanField):
        return "Yes" if value else "No"
    if isinstance(field, forms.DateField):
        return _day(value)
    return str(dict(getattr(field, "choices", ())).get(value, value))


def _day(value):
    try:
        return format_date(date.fromisoformat(value), "j F Y")
    except ValueError:
        return str(value)
