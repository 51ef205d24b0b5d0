"""What people ask to see compared: two moments, and the filters of the list."""

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Min, Q
from django.http import QueryDict
from django.utils.timezone import get_default_timezone, localtime
from django_filters import Filter

from plans.as_at import AsAt, MomentRefused, PlanNotThere, as_at_end_of, as_at_moment, read_moment
from plans.choices import Compared, Marking
from plans.filters.activities import ActivityFilter
from plans.filters.strict_filters import SINGLE, ActivityFilterForm, KnownValueFilter
from plans.models import Plan
from plans.summaries.comparison import Comparison, compare_snapshots, snapshot_at

NOW = "now"
"""What `to` may say for now, as blank does."""
LOCAL_MOMENT = "%Y-%m-%dT%H:%M:%S"
"""How a field has a moment, in the time zone of the programme."""


class MomentField(forms.CharField):
    """A day or a moment that has been, as `read_moment` reads it; None for now."""

    def to_python(self, value):
        """Return the `AsAt`. Refuses what is none, in the words of pages of an earlier moment."""
        try:
            return read_moment(value) if value and value.strip().lower() != NOW else None
        except MomentRefused as refused:
            raise ValidationError(str(refused)) from None


class MomentFilter(Filter):
    """Binds a moment."""

    field_class = MomentField


class ComparisonForm(ActivityFilterForm):
    """Refuses a first moment that does not come before the second."""

    single = frozenset(SINGLE | {"from", "to", "kind"})

    def clean(self):
        """Refuse moments in the wrong order, besides what the list refuses."""
        cleaned = super().clean()
        first, last = cleaned.get("from"), cleaned.get("to")
        if self.errors.keys() & {"from", "to"}:
            return cleaned
        if self.data.get("from") and first is None:
            self.add_error("from", "Choose a day before today. A day means its end.")
        elif first and last and first.moment >= last.moment:
            self.add_error(
                "from", f"{first} is not before {last}. Choose an earlier day here, or a later one under To."
            )
        return cleaned


class ComparedActivityFilter(ActivityFilter):
    """The filters of the list, without its arrangement: two moments, and a kind of what became of activities."""

    kind = KnownValueFilter(label="Show", choices=Compared.choices)
    sort = None  # type: ignore[assignment]  # so does django-filter leave out what it would inherit
    group = None  # type: ignore[assignment]  # likewise
    view = None  # type: ignore[assignment]  # likewise
    defaults = {"page": "1"}

    class Meta(ActivityFilter.Meta):
        form = ComparisonForm

    def __init__(self, data, *, plan, on):
        """Bind what was asked for. `from` is no name that a class can have, and `to` stands beside it."""
        # Without checks, which are asked of one day.
        super().__init__(data, plan=plan, on=on)
        for name in ("to", "from"):
            self.filters[name] = MomentFilter(label=name.capitalize())

    def query_with(self, **values):
        """Return what was asked for as a query string, from the first page, with other values; without blank ones."""
        query = QueryDict(self.query, mutable=True)
        for name, value in values.items():
            query.setlist(name, [value] if value else [])
        return query.urlencode()


class Preset(NamedTuple):
    """Two moments to choose at once."""

    label: str
    query: str
    is_chosen: bool


class MomentInput(NamedTuple):
    """A field for a moment: `kind` is the type of its input, `errors` what is wrong with what was typed."""

    name: str
    label: str
    kind: str
    value: str
    hint: str
    errors: tuple[str, ...]


class ComparisonFilter:
    """A plan at two moments, compared, as `data`, the parameters of an address, asks for it.

    Without `from` it begins where the last round before the second moment was closed, else a month before, but not
    before the plan is on record; without `to` it ends now. `on` is today, `last_visit` the day of the person's last
    visit or None, `last_pack` the newest issued `Pack` that they may see or None. Activities are chosen by what filters
    mean today, at both moments alike, so that a name that was unknown then is no error. When anything is unknown,
    `is_valid()` is false and nothing is compared.
    """

    def __init__(self, data, *, plan, on, may_see_drafts=False, last_visit=None, last_pack=None):
        """Bind what was asked for."""
        self.last_pack = last_pack
        self.plan, self.on, self.last_visit, self.may_see_drafts = plan, on, last_visit, may_see_drafts
        self.filters = ComparedActivityFilter(data, plan=plan, on=on)

    def is_valid(self):
        """Whether everything that was asked for is known, and the plan was there at both moments."""
        return self.comparison is not None

    @property
    def form(self):
        """The form that knows what is wrong."""
        return self.filters.form

    @cached_property
    def comparison(self) -> Comparison | None:
        """What became of the activities; None where there is an error. Seven queries for each of the two moments."""
        if not self.filters.is_valid():
            return None
        selection = self.filters.selection
        found = [self._snapshot(name, as_at, selection) for name, as_at in (("from", self.first), ("to", self.last))]
        if None in found:
            return None
        # What is old is marked no less strictly than it was.
        self.plan.marking = max(self.plan.marking, *(one.marking for one in found), key=Marking.values.index)
        return compare_snapshots(*found)

    def _snapshot(self, name, as_at, selection):
        try:
            return snapshot_at(self.plan, as_at, selection, may_see_drafts=self.may_see_drafts)
        except PlanNotThere as refused:
            begins = f" Its record begins on {as_at_moment(self.begins)}." if self.begins else ""
            self.form.add_error(name, f"{self.plan} was not {refused} on {as_at}. Choose a later day.{begins}")
            return None

    # The two moments

    @cached_property
    def first(self) -> AsAt:
        """The first moment: what was asked for, else the default."""
        return self.form.cleaned_data.get("from") or self._default_first

    @cached_property
    def last(self) -> AsAt | None:
        """The second moment; None for now."""
        return self.form.cleaned_data.get("to")

    @property
    def fields(self):
        """The fields of the two moments, the first first."""
        first = self.first if self.filters.is_valid() else None
        return [
            self._field("from", "From", first, "A day counts to its end."),
            self._field("to", "To", self.last if self.filters.is_valid() else None, "Leave blank for now."),
        ]

    def _field(self, name, label, as_at, hint):
        typed = self.filters.data.get(name, "")
        if as_at and not as_at.is_day:
            kind, value = "datetime-local", localtime(as_at.moment, get_default_timezone()).strftime(LOCAL_MOMENT)
        else:
            kind, value = "date" if as_at or not typed else "text", as_at.asked if as_at else typed
        return MomentInput(name, label, kind, value, hint, tuple(self.form.errors.get(name, [])))

    @property
    def errors_elsewhere(self):
        """What is wrong besides the two moments, which show their own errors."""
        named = self.form.errors.items()
        return [error for name, errors in named if name not in ("from", "to") for error in errors]

    @property
    def last_label(self):
        """The second moment in words."""
        return str(self.last) if self.last else NOW

    @cached_property
    def begins(self) -> datetime | None:
        """The moment from which the plan is on record for the person; None when it is not."""
        visible = Q() if self.may_see_drafts else Q(is_published=True)
        return Plan.history.filter(visible, id=self.plan.pk).aggregate(first=Min("history_date"))["first"]

    @cached_property
    def closed(self):
        """When rounds of the plan were closed, the last first."""
        return list(self.plan.rounds.exclude(closed_at=None).order_by("-closed_at").values_list("closed_at", flat=True))

    @property
    def _default_first(self):
        last = self.last.moment if self.last else None
        before = [one for one in self.closed if self._is_on_record(one) and (last is None or one < last)]
        if before:
            return as_at_moment(before[0])
        month_before = as_at_end_of(_month_before(self.last.day if self.last else self.on))
        if self._is_on_record(month_before.moment):
            return month_before
        return self._first_on_record(last)

    def _first_on_record(self, last):
        """Return the end of the day on which the plan came on record; that moment, where this is not before `last`."""
        begins = as_at_moment(self.begins)
        end = as_at_end_of(begins.day)
        return end if begins.day < self.on and (last is None or end.moment < last) else begins

    def _is_on_record(self, moment):
        return self.begins is None or moment >= self.begins

    @property
    def presets(self):
        """The moments to choose at once, as [Preset]: the last pack, the last round, the last visit, a month ago."""
        offered = [("The last month", as_at_end_of(_month_before(self.on)))]
        if self.last_visit:
            # Since the beginning of that day, as the overview has it.
            offered.insert(0, ("Since your last visit", as_at_end_of(self.last_visit - timedelta(days=1))))
        if self.closed:
            offered.insert(0, ("Since the last round closed", as_at_moment(self.closed[0])))
        if self.last_pack:
            offered.insert(0, (f"Since {self.last_pack}", as_at_moment(self.last_pack.at)))
        chosen = self.first.asked if self.filters.is_valid() and self.last is None else None
        return [
            Preset(label, self.filters.query_with(**{"from": one.asked, "to": "", "kind": ""}), one.asked == chosen)
            for label, one in offered
            if self._is_on_record(one.moment)
        ]

    # What the page shows of it

    @property
    def kind(self):
        """The kind that was asked for; blank for all."""
        return self.filters.chosen["kind"]

    @property
    def activities(self):
        """What is shown: the activities that are not as they were, of the kind that was asked for."""
        return self.comparison.of_kind(self.kind) if self.comparison else []

    @property
    def kinds(self):
        """What can be shown, as [(label, count, meaning, whether it is chosen, query string)], everything first."""
        counts, chosen = self.comparison.counts, self.kind
        every = ("All changes", len(self.comparison.activities), "", not chosen, self.filters.query_with(kind=""))
        shown = [one for one in Compared if one in counts or one == chosen]
        return [
            every,
            *(
                (one.label, counts.get(one, 0), one.meaning, one == chosen, self.filters.query_with(kind=one.value))
                for one in shown
            ),
        ]

    @property
    def chips(self):
        """What was asked for of activities."""
        return self.filters.chips

    @property
    def kept_in_form(self):
        """What the choice of other days leaves as it is, as [(name, value)]."""
        return self.filters.kept_beside("from", "to", "kind")

    @property
    def query(self):
        """What was asked for as a query string, without the page."""
        return self.filters.query

    @property
    def query_of_filters(self):
        """What was asked for of activities as a query string: the list with the same filters."""
        return self.filters.query_with(**{"from": "", "to": "", "kind": ""})

    @property
    def query_of_all_kinds(self):
        """What was asked for as a query string, without the kind."""
        return self.filters.query_with(kind="")

    @property
    def said(self):
        """What was asked for, as [(label, value)] in words."""
        kind = [("Show", Compared(self.kind).label)] if self.kind else []
        return [("From", str(self.first)), ("To", self.last_label), *kind, *self.filters.said]

    @property
    def file_labels(self):
        """What was asked for, in the words that a file is named after."""
        last = self.last.label.removeprefix("as-at-") if self.last else NOW
        return [f"changes {self.first.label.removeprefix('as-at-')} to {last}", *self.filters.file_labels]


def _month_before(day: date) -> date:
    """Return the same day of the month before, or its last where that is shorter."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
