"""How the statuses of a plan have moved from round to round."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT

from plans.fast.queries import Param, prepared
from plans.models import Plan, ReportingRound
from plans.summaries.statuses import StatusCount, count_statuses

CLOSED_ROUNDS = 4


@dataclass(frozen=True)
class TrendColumn:
    """How many activities had each status at the close of a round, or have it now; `label` says when."""

    label: str
    statuses: tuple[StatusCount, ...]

    @property
    def total(self) -> int:
        """How many activities there were."""
        return sum(one.count for one in self.statuses)

    def count(self, status: str) -> int:
        """Return how many activities had that status."""
        return next((one.count for one in self.statuses if one.status == status), 0)


def closed_columns(plan: Plan) -> tuple[TrendColumn, ...]:
    """Return the last closed rounds of `plan`, the earliest first, as a tuple of `TrendColumn`.

    One query. One more for rounds that were closed before reports kept their counts, whose rows have to be counted.
    """
    found = _closed_rounds(plan=plan.pk)
    uncounted = [pk for pk, _, statuses in found if statuses is None]
    counted = {pk: json.loads(statuses) for pk, _, statuses in found if statuses is not None} | _count_rows(uncounted)
    return tuple(TrendColumn(name, count_statuses(counted[pk])) for pk, name, _ in reversed(found))


@prepared
def _closed_rounds() -> QuerySet[Any, Any]:
    closed = ReportingRound.objects.filter(plan=Param("plan")).exclude(closed_at=None).order_by("-closed_at", "-pk")
    return closed.annotate(counted=KT("closing_report__statuses")).values_list("pk", "name", "counted")[:CLOSED_ROUNDS]


def _count_rows(keys: list[int]) -> dict[int, Counter[str]]:
    if not keys:
        return {}
    reports = ReportingRound.objects.filter(pk__in=keys).values_list("pk", "closing_report")
    return {pk: Counter(row["status"] for row in report.get("rows", [])) for pk, report in reports}
