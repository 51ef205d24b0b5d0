"""How many activities have each status."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from plans.choices import BY_URGENCY, Status
from plans.querysets import ActivityQuerySet


@dataclass(frozen=True)
class StatusCount:
    """How many activities have a status; `start` is how many stand before it in a bar."""

    status: Status
    count: int
    start: int = 0


def count_statuses(counts: Mapping[str, int]) -> tuple[StatusCount, ...]:
    """Return the statuses that occur in {status: count}, the most urgent first, as a tuple of `StatusCount`."""
    found, start = [], 0
    for status in BY_URGENCY:
        if counts.get(status):
            found.append(StatusCount(status, counts[status], start))
            start += counts[status]
    return tuple(found)


def tally_statuses(activities: ActivityQuerySet) -> tuple[StatusCount, ...]:
    """Return how many of `activities` have each status, as `count_statuses` does. One query."""
    rows = activities.order_by().values_list("status").annotate(count=Count("pk"))
    return count_statuses(dict(rows))


def count_by_focus_area(activities: ActivityQuerySet) -> dict[int, Counter[str]]:
    """Return {id of a focus area: Counter of statuses}. One query."""
    counts: dict[int, Counter[str]] = {}
    for focus_id, status, count in activities.order_by().values_list("focus_area", "status").annotate(Count("pk")):
        counts.setdefault(focus_id, Counter())[status] += count
    return counts
