"""The filters of the page of due dates: those of the list, and an order of its own."""

from collections import Counter
from dataclasses import replace
from functools import cached_property

from plans.choices import DateSort, Due
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
        chosen = self.chosen["due"]
        shown = [one for one in self.ledger if (one.state in chosen if chosen else one.first_on)]
        return sort_ledger(shown, self.order)

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
        counts = Counter(one.state for one in self.ledger)
        chosen = self.data.getlist("due")
        every = ("All with a due date", sum(one.first_on is not None for one in self.ledger), not chosen)
        return [
            (*every, self._query_without("due")),
            *((one.label, counts[one], chosen == [one], self._query_with("due", one)) for one in Due),
        ]

    @property
    def sorts(self):
        """The orders to choose from, as {order: (label, whether it is the chosen one, query string)}."""
        return {one.name.lower(): (one.label, one == self.order, self._query_with("sort", one)) for one in DateSort}

    @property
    def file_labels(self):
        """What was asked for, in the words that a file is named after."""
        return ["Due dates", *super().file_labels]
