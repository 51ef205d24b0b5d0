"""Filters that refuse what they do not know, and say what may have been meant."""

from difflib import get_close_matches

from django import forms
from django_filters import ChoiceFilter, Filter, MultipleChoiceFilter

SINGLE = {"q", "role", "sort", "group", "view", "page", "state", "of"}
LISTED = 8
UNSEEN = {
    "checks": "Plan checks are for people who are signed in, for one date at a time. Sign in, or remove this filter."
}
"""What is said of a filter that is there for others: {its name: a sentence}."""


def refuse_unknown(label, value, known):
    """Raise a ValidationError that names `value`, the filter by its label, and the nearest of the `known` values."""
    near = get_close_matches(value, known, n=1)
    offer = f"Choose from: {', '.join(known)}." if len(known) <= LISTED else "Choose from the list."
    hint = f"Did you mean {near[0]}?" if near else offer
    raise forms.ValidationError(f"There is no {label.lower()} “{value}”. {hint}")


class KnownValueField(forms.ChoiceField):
    """One known value, or none."""

    def validate(self, value):
        """Refuse a value that is not a choice."""
        if value and not self.valid_value(value):
            refuse_unknown(self.label, value, [str(key) for key, _ in self.choices if key])


class KnownValuesField(forms.MultipleChoiceField):
    """Any number of known values, which are looked at only when there is something to look up."""

    def validate(self, value):
        """Refuse the first value that is not a choice."""
        known = [str(key) for key, _ in self.choices] if value else []
        for one in value:
            if one not in known:
                refuse_unknown(self.label, one, known)


class KnownValueFilter(ChoiceFilter):
    """Filters by one of a list of values."""

    field_class = KnownValueField


class KnownValuesFilter(MultipleChoiceFilter):
    """Filters by any of a list of values."""

    field_class = KnownValuesField


class PageFilter(Filter):
    """Binds the page number."""

    field_class = forms.IntegerField


class ActivityFilterForm(forms.Form):
    """Refuses what would otherwise be passed over in silence, and so widen the list."""

    single = frozenset(SINGLE)

    def clean(self):
        """Refuse parameters that are no filter, and single-valued ones that are given twice."""
        for name in self.data:
            if name not in self.fields and name in UNSEEN:
                self.add_error(None, UNSEEN[name])
            elif name not in self.fields:
                near = get_close_matches(name, self.fields, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"Choose from: {', '.join(self.fields)}."
                self.add_error(None, f"There is no filter called “{name}”. {hint}")
            elif name in self.single and len(self.data.getlist(name)) > 1:
                self.add_error(name, f"Use “{name}” only once.")
        return self.cleaned_data
