"""The filters of the page of due dates: those of the list, and an order of its own."""

from collections import Counter
from dataclasses import replace
from functools import cached_property

from plans.choices import DateSort, Due, DueOf
from plans.filters.activities import without_arrangement
from plans.filters.aspects import AspectFilter
from plans.filters.strict_filters import KnownValueFilter
from plans.models import Activity
from plans.querysets import ActivitySelection
from plans.querysets.due_dates import how_near
from plans.summaries.decisions import read_duties
from plans.summaries.slip_ledger import read_ledger, sort_ledger, timeline


class DueDateFilter(AspectFilter):
    """What people ask for of the due dates of a plan. `due` chooses among sub-activities too, by their own dates."""

    aspect = "due"
    sort = KnownValueFilter(label="Sort order", choices=DateSort.choices)
    of = KnownValueFilter(label="Due dates of", choices=DueOf.choices)
    defaults = {"sort": DateSort.DUE.value, "page": "1"}

    @property
    def order(self):
        """The chosen order, by due date when none was chosen."""
        return DateSort(self.chosen["sort"] or DateSort.DUE)

    @cached_property
    def ledger(self):
        """All `DueWork` of what the other filters leave, by number. Nothing when a filter is invalid."""
        if not self.is_valid():
            return []
        of_plan = Activity.objects.filter(plan=self.plan).in_force().with_freshness(self.plan.open_round, self.on)
        return read_ledger(self.plan, of_plan.left_by(replace(self.selection, due=()), self.on), self.on)

    @cached_property
    def works(self):
        """What is asked for, in order: without a choice all that has or had a due date."""
        return sort_ledger([one for one in self._of_kind if self._is_shown(one)], self.order)

    @cached_property
    def _of_kind(self):
        """The ledger of activities alone, or of sub-activities, where one of both was asked for."""
        of = self.chosen["of"]
        return [one for one in self.ledger if of in ("", _of(one))]

    def _is_shown(self, work):
        return work.state in self.chosen["due"] if self.chosen["due"] else work.first_on is not None

    @property
    def duties(self):
        """What boards decided and is not done that the filters leave, by its own agency and date. One query."""
        chosen, asked = self.chosen["due"], self.selection
        if not self.is_valid() or (asked.or_nobody and not asked.agencies):
            return []
        of_activities = replace(asked.of_any_agency, due=())
        activities = None
        if of_activities != ActivitySelection():
            of_plan = Activity.objects.filter(plan=self.plan).in_force().with_freshness(self.plan.open_round, self.on)
            activities = of_plan.left_by(of_activities, self.on)
        found = read_duties(self.plan, self.on, agencies=asked.agencies, activities=activities)
        return [one for one in found if not chosen or how_near(one.decision.due_on, self.on) in chosen]

    @property
    def timeline(self):
        """How much of what is shown is due when, as [Bar]."""
        return timeline(self.works)

    @property
    def states(self):
        """What can be chosen by due date, as [(label, count, whether it is chosen, query string)], everything first."""
        counts = Counter(one.state for one in self._of_kind)
        chosen = self.data.getlist("due")
        every = ("All with a due date", sum(one.first_on is not None for one in self._of_kind), not chosen)
        return [
            (*every, self._query_without("due")),
            *((one.label, counts[one], chosen == [one], self._query_with("due", one)) for one in Due),
        ]

    @property
    def kinds(self):
        """Whose dates can be chosen, as [(label, count, whether it is chosen, query string)], both first."""
        counts, chosen = Counter(_of(one) for one in self.ledger if self._is_shown(one)), self.chosen["of"]
        return [
            ("Both", counts.total(), not chosen, self._query_without("of")),
            *((one.label, counts[one], chosen == one, self._query_with("of", one)) for one in DueOf),
        ]

    @property
    def query_of_choices(self):
        """What was chosen of activities as a query string, which says nothing of sub-activities."""
        return without_arrangement(self.data, "of")

    @property
    def said(self):
        """What was asked for, as [(label, value)] in words."""
        of = [(self.filters["of"].label, DueOf(self.chosen["of"]).label)] if self.chosen["of"] else []
        return [*super().said, *of]

    @property
    def sorts(self):
        """The orders to choose from, as {order: (label, whether it is the chosen one, query string)}."""
        return {one.name.lower(): (one.label, one == self.order, self._query_with("sort", one)) for one in DateSort}

    @property
    def file_labels(self):
        """What was asked for, in the words that a file is named after."""
        of = [DueOf(self.chosen["of"]).label] if self.chosen["of"] else []
        return ["Due dates", *of, *super().file_labels]


def _of(work):
    """Return what a due date is of, a `DueOf`."""
    return DueOf.SUB_ACTIVITIES if work.item else DueOf.ACTIVITIES
