"""What has been reported on the activities of a plan already, as reports in a file are compared with it."""

from dataclasses import dataclass

from django.db.models import Q

from plans.models import Activity, StatusUpdate
from plans.spreadsheets.descriptions import tidy

LATEST = ("activity_id", "pk", "agency_id", "agency__name", "status", "what_happened", "whats_next", "barrier")
SENT = ("activity_id", "agency_id", "pk", "round_id", "status", "what_happened", "whats_next", "barrier")


@dataclass(frozen=True, slots=True)
class Said:
    """An update that is there already. `words` are those of the three columns, in their order."""

    pk: int
    agency_id: int | None
    who: str
    status: str
    words: tuple[str, ...]


def load_latest(plan):
    """Answer {activity id: the latest update with a status, `Said`}. One query."""
    rows = StatusUpdate.objects.latest_of(Activity.objects.filter(plan=plan)).values_list(*LATEST)
    return {
        activity_id: Said(pk, agency_id, who or "Programme admin", status, tuple(map(tidy, words)))
        for activity_id, pk, agency_id, who, status, *words in rows
    }


def load_sent(plan, round_id, oldest_seen):
    """Answer {(activity id, agency id): [(id, round id, status, words)]} of reports since, or in this round.

    One query.
    """
    reports = StatusUpdate.objects.reports().filter(Q(pk__gt=oldest_seen) | Q(round=round_id), activity__plan=plan)
    found = {}
    for activity_id, agency_id, pk, report_round, status, *words in reports.order_by().values_list(*SENT):
        found.setdefault((activity_id, agency_id), []).append((pk, report_round, status, tuple(map(tidy, words))))
    return found
