"""What the printed overview, one page of A4, has room for; and which dates come next."""

from collections.abc import Sequence
from datetime import date
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import DateField, QuerySet

from plans.fast.queries import Param, prepared
from plans.models import Activity, Plan

if TYPE_CHECKING:
    from plans.summaries.overview import AttentionRow

LINES = 31
"""How many lines the page has room for below headline and numbers: dates, and what needs attention."""
CHARACTERS = 72
"""How many characters a line has room for at least, wide ones among them."""
CHARACTERS_OF_LEADS = 18
LONGEST = 200
"""How many characters of a barrier or an update the template shows."""
DATES = 4


class NextDate(NamedTuple):
    """A day that comes, and what it is the day of."""

    on: date
    what: str


def count_fitting(rows: "Sequence[AttentionRow]", dates: Sequence[NextDate]) -> int:
    """Return how many of `rows` ([AttentionRow]), the first ones, fit on the page below `dates`; one at least."""
    left: float = LINES - len(dates)
    for place, row in enumerate(rows):
        left -= _lines(row)
        if left < 0:
            return max(place, 1)
    return len(rows)


def _lines(row: "AttentionRow") -> float:
    """Return for how many lines a row has to be reckoned, its edges as half a one."""
    shown = row.activity
    texts = [f"{shown.name} {shown.status.label} was {shown.status.label}"]
    texts += [f"Barrier escalated 30 September 2026: {row.barrier[:LONGEST]}"] if row.barrier else []
    texts += [row.words[:LONGEST]] if row.words else []
    others = bool(shown.late) + (not shown.leads) + shown.is_to_be_finalised
    # The leads stand beside the rest, in a narrow column with the day below.
    leads = ceil(len(", ".join(one.label for one in shown.leads)) / CHARACTERS_OF_LEADS) + 1
    return max(sum(ceil(len(text) / CHARACTERS) for text in texts) + others, leads) + 0.5


def next_dates(plan: Plan, on: date) -> tuple[NextDate, ...]:
    """Return the days that come from `on`: of the open round, of activities, of the plan. At most six. One query."""
    found = [NextDate(one.due_on, f"{one} is due") for one in _due_next(plan=plan.pk, on=on)]
    if plan.open_round:
        found.append(NextDate(plan.open_round.due_on, f"{plan.open_round.name} updates are due"))
    if plan.ends_on and plan.ends_on >= on:
        found.append(NextDate(plan.ends_on, f"{plan.short_name} ends"))
    return tuple(sorted(found))


@prepared
def _due_next() -> QuerySet[Any, Any]:
    due = Activity.objects.filter(plan=Param("plan"), due_on__gte=Param("on", DateField())).in_force()
    open_ones = due.owes_updates().order_by("due_on", "number")
    return open_ones.only("number", "title", "due_on")[:DATES]
