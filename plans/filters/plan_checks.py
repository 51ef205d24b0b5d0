"""The filters of the page of plan checks: those of the list, and whether to show what is accepted."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

from plans.choices import ANY_CHECK, PlanCheck
from plans.filters.aspects import AspectFilter
from plans.filters.strict_filters import KnownValueFilter
from plans.summaries.plan_checks import CheckedActivity, read_findings

OPEN, ACCEPTED = "open", "accepted"
STATES = ((OPEN, "Need attention"), (ACCEPTED, "Accepted"))


@dataclass(frozen=True)
class Choice:
    """Something that the page can be narrowed to: what it is called, how much it leaves, and where it leads."""

    label: str
    count: int
    is_chosen: bool
    query: str


class PlanCheckFilter(AspectFilter):
    """What people ask for of the checks of a plan: those that need attention, unless accepted ones are asked for."""

    aspect = "checks"
    state = KnownValueFilter(label="State", choices=STATES)
    sort = None  # type: ignore[assignment]  # so does django-filter leave out what it would inherit
    defaults = {"state": OPEN, "page": "1"}

    @property
    def shown_state(self):
        """The state that was asked for, that of needing attention unless another was."""
        return self.chosen["state"] or OPEN

    @cached_property
    def every_finding(self):
        """All activities that the other filters leave and that fail a check, by number. None when one is invalid."""
        if not self.is_valid():
            return []
        return read_findings(self.plan, replace(self.selection, checks=()), self.on)

    @cached_property
    def checked(self):
        """What is asked for: the activities, each with the findings of it that are in that state, by number."""
        chosen = self.selection.checks or tuple(PlanCheck)
        found = (
            (one.activity_id, tuple(finding for finding in self._in_state(one) if finding.check in chosen))
            for one in self.every_finding
        )
        return [CheckedActivity(pk, findings) for pk, findings in found if findings]

    def _in_state(self, checked, state=None):
        is_accepted = (state or self.shown_state) == ACCEPTED
        return [one for one in checked.findings if (one.accepted is not None) == is_accepted]

    @property
    def count(self):
        """How many findings are shown."""
        return sum(len(one.findings) for one in self.checked)

    @property
    def states(self):
        """The states to choose from, with how many findings there are of all checks."""
        counts = {state: sum(len(self._in_state(one, state)) for one in self.every_finding) for state, _ in STATES}
        return [
            Choice(label, counts[state], state == self.shown_state, self._query_with("state", state))
            for state, label in STATES
        ]

    @property
    def checks_to_choose(self):
        """All checks, then those with findings in the state that is shown, and those that were asked for."""
        counts = Counter(finding.check for one in self.every_finding for finding in self._in_state(one))
        asked = self.data.getlist("checks")
        is_all = not asked or ANY_CHECK in asked
        shown = [check for check in PlanCheck if counts[check] or check in asked]
        return [
            Choice("All checks", counts.total(), is_all, self._query_without("checks")),
            *(
                Choice(one.label, counts[one], not is_all and one in asked, self._query_with("checks", one))
                for one in shown
            ),
        ]

    @property
    def explained(self):
        """All checks, each of which carries the sentence that explains it."""
        return list(PlanCheck)

    @property
    def said(self):
        """What was asked for, as [(label, value)] in words."""
        return [("State", dict(STATES)[self.shown_state]), *super().said]

    @property
    def file_labels(self):
        """What was asked for, in the words that a file is named after."""
        accepted = ["Accepted"] if self.shown_state == ACCEPTED else []
        return ["Plan checks", *accepted, *super().file_labels]
