"""The rows that tell what happened to an activity: all of them, or the newest, without reading the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, Max, Q, QuerySet, When

from plans.models import Activity, ActivityAgency, Agreement, Barrier, EvidenceLink, SubActivity
from plans.summaries.record.events import ONE_SAVE
from plans.summaries.record.words import moment_of

ALL = None


@dataclass(frozen=True)
class Rows:
    """Records of an activity's own row, its agencies and sub-activities, its updates, barriers and links, oldest first.

    They tell of all that happened after `since` (None: from the beginning) and before `until` (None: up to now). Others
    are among them, since what a change was is told by what was there before it.
    """

    own: list
    links: list
    items: list
    updates: list
    barriers: list
    evidence: list
    agreements: list
    since: datetime | None
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Return whether what happened at a moment is told in full, and was asked for."""
        return (self.since is None or self.since < moment) and (self.until is None or moment < self.until)


def fetch_rows(activity: Activity, limit: int | None, before: int | None = None) -> Rows:
    """Return the `Rows` of an activity's record: the newest `limit` of each sort (`ALL` of them), older than `before`.

    `before` is a key of the moment. Seven queries; up to two more where a record is longer than that.
    """
    until = None if before is None else moment_of(before)
    found, ends = {}, []
    for name, rows in _sorts(activity, until):
        found[name], end = _newest(rows, limit, until)
        if end and name in ("links", "items"):
            found[name] = _with_earlier(rows, found[name], end)
        ends += [end] if end else []
    return Rows(**found, since=max(ends, default=None), until=until)


def first_record(activity: Activity) -> Any:
    """Return the first record of an activity's own row, with its date and sort only; None without any. One query."""
    return activity.history.only("history_date", "history_type").order_by("history_date", "history_id").first()


def _sorts(activity: Activity, until: datetime | None) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Yield each sort of rows and its queryset; `happened_at` is the last moment before `until` that a row tells of."""
    links, items = (model.history.filter(activity=activity.pk) for model in (ActivityAgency, SubActivity))
    yield "own", _dated(activity.history.select_related("focus_area", "priority_area", "history_user"), "history_date")
    yield "links", _dated(links.select_related("history_user", "agency"), "history_date")
    yield "items", _dated(items.select_related("history_user", "agency"), "history_date")
    updates = activity.updates.select_related("agency", "author", "round", "retracted_by")
    yield "updates", _dated(updates, "made_at", "retracted_at", until)
    barriers = Barrier.objects.filter(activity=activity).select_related("escalated_by", "resolved_by")
    yield "barriers", _dated(barriers, "escalated_at", "resolved_at", until)
    links = EvidenceLink.objects.filter(activity=activity).select_related("author", "retracted_by")
    answers = Agreement.objects.filter(update__activity=activity).select_related("agency", "author", "retracted_by")
    answers = answers.select_related("update__agency")
    yield "agreements", _dated(answers, "made_at", "retracted_at", until)
    yield "evidence", _dated(links, "made_at", "retracted_at", until)


def _dated(rows: QuerySet[Any], first: str, second: str | None = None, until: datetime | None = None) -> QuerySet[Any]:
    """Annotate rows that tell of one moment, or of two, with the later of them that is before `until`."""
    if second is None:
        return rows.annotate(happened_at=F(first))
    is_told = Q(**{f"{second}__lt": until + ONE_SAVE}) if until else Q(**{f"{second}__isnull": False})
    return rows.annotate(happened_at=Case(When(is_told, then=F(second)), default=F(first)))


def _newest(rows: QuerySet[Any], limit: int | None, until: datetime | None) -> tuple[list[Any], datetime | None]:
    """Return the newest rows, oldest first, and the moment after which none is missing; None when none is at all."""
    rows = rows.filter(happened_at__isnull=False)
    if until:
        # A status is told by the update that brought it, which may have been saved just after it.
        rows = rows.filter(happened_at__lt=until + ONE_SAVE)
    found = list(rows.order_by("-happened_at", "-pk")[: limit and limit + 1])
    end = found[-1].happened_at if limit and len(found) > limit else None
    return found[::-1], end


def _with_earlier(records: QuerySet[Any], newest: list[Any], end: datetime) -> list[Any]:
    """Return the records of parts after `end`, those of each together, behind what each was until then. One query."""
    after = [record for record in newest if record.history_date > end]
    ids = {record.id for record in after}
    until_then = records.filter(id__in=ids, history_date__lte=end).order_by().values("id")
    earlier = records.filter(history_id__in=until_then.annotate(last=Max("history_id")).values("last"))
    return [*earlier, *after]
