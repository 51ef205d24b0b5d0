"""The filters of the list of barriers and of its exports: state and agency."""

from functools import cached_property

from django import forms
from django.http import QueryDict

from plans.filters.strict_filters import ActivityFilterForm, KnownValueField
from plans.models import Barrier
from plans.summaries import Parties

OPEN, RESOLVED = "open", "resolved"
STATES = ((OPEN, "Open"), (RESOLVED, "Resolved"))
CODED = ("state", "agency")


class BarrierFilterForm(ActivityFilterForm):
    """What can be asked of barriers; `parties` are those that can be asked for."""

    state = KnownValueField(label="State", choices=STATES, required=False)
    agency = KnownValueField(label="Agency", required=False)
    page = forms.IntegerField(min_value=1, required=False)
    single = frozenset({"state", "agency", "page"})

    def __init__(self, data, *, parties):
        super().__init__(data)
        # Asked for only when one is looked up.
        self.fields["agency"].choices = lambda: [(code, code) for code in parties().by_code]


class BarrierFilter:
    """The barriers of `plan` that `data`, the parameters of an address, asks for.

    An agency has the barriers on the activities that it leads, also in a group or through a unit, and those that it
    raised. When anything is unknown, `is_valid()` is false and there are no barriers. The parties of the plan cost a
    query when they are asked for.
    """

    def __init__(self, data, *, plan):
        self.plan, self.data = plan, QueryDict(mutable=True)
        for name in data:
            values = [value.strip().lower() if name in CODED else value.strip() for value in data.getlist(name)]
            if any(values):
                self.data.setlist(name, [*filter(None, values)])
        self.form = BarrierFilterForm(self.data, parties=lambda: self.parties)

    def is_valid(self):
        """Whether everything that was asked for is known."""
        return self.form.is_valid()

    @cached_property
    def parties(self):
        """The parties of the plan, and the one that was asked for. PostgreSQL takes no text with a null character."""
        return Parties(self.plan, also=[code for code in self.data.getlist("agency") if "\0" not in code])

    @property
    def errors(self):
        """What is wrong, in sentences."""
        return [error for errors in self.form.errors.values() for error in errors]

    @property
    def state(self):
        """The state that was asked for, open unless another was."""
        return (self.is_valid() and self.form.cleaned_data["state"]) or OPEN

    @property
    def state_label(self):
        """The state in words."""
        return dict(STATES)[self.state]

    @property
    def agency(self):
        """The agency that was asked for; None when none was, or an unknown one."""
        return self.parties.by_code.get(self.form.cleaned_data["agency"]) if self._has_agency else None

    @property
    def agency_code(self):
        """The code of the agency that was asked for, in lower case; blank for none."""
        return self.agency.code.lower() if self.agency else ""

    @property
    def kept_beside_agency(self):
        """What the choice of an agency leaves as it is, as [(name, value)]."""
        return [("state", self.state)] if self.state != OPEN else []

    @property
    def _has_agency(self):
        return bool(self.is_valid() and self.form.cleaned_data["agency"])

    @property
    def barriers(self):
        """The barriers that are left: open ones escalated first, then the oldest; resolved ones the latest first."""
        if not self.is_valid():
            return Barrier.objects.none()
        of_plan = Barrier.objects.of_plan(self.plan)
        left = of_plan.resolved() if self.state == RESOLVED else of_plan.open()
        return left.concerning(self.agency) if self._has_agency else left

    @property
    def query(self):
        """What was asked for as a query string, without the page."""
        return self._query(self.data.get("state"), self.data.get("agency"))

    @property
    def states(self):
        """The states to choose from, as [(label, whether it is chosen, query string)]."""
        agency = self.data.get("agency")
        return [(label, self.is_valid() and state == self.state, self._query(state, agency)) for state, label in STATES]

    @property
    def said(self):
        """What was asked for, as [(label, value)] in words."""
        agency = [("Agency", f"{self.agency.label} (leads the activity, or raised it)")] if self.agency else []
        return [("State", self.state_label), *agency]

    @property
    def file_labels(self):
        """What was asked for, in the words that a file is named after."""
        return [f"{self.state_label} barriers", *([self.agency.label] if self.agency else [])]

    def _query(self, state, agency):
        query = QueryDict(mutable=True)
        for name, value in (("state", state if state != OPEN else ""), ("agency", agency)):
            if value:
                query[name] = value
        return query.urlencode()
