"""What an activity was at a moment: its own values, its agencies and its sub-activities."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from plans.choices import Role
from plans.models import Activity, ActivityAgency, Agency, SubActivity
from plans.summaries.record.changes import (
    RESTORED,
    RESTORED_OF_ITEM,
    Change,
    compare_activities,
    compare_items,
    compare_links,
)
from plans.summaries.record.history_rows import first_record
from plans.summaries.record.timeline import Record
from plans.summaries.record.words import key_of, moment_in_words


@dataclass(frozen=True)
class Version:
    """An activity at a moment (`at`; None for now). `row` has its columns, `links` and `items` are rows in order."""

    at: datetime | None
    row: object
    links: tuple
    items: tuple

    @property
    def name(self) -> str:
        """The moment, as a sentence names the version by it."""
        return moment_in_words(self.at)

    @property
    def key(self) -> int:
        """The version as addresses name it."""
        return key_of(self.at)  # type: ignore[arg-type]  # nobody names the version of now

    @property
    def columns(self) -> dict[str, Any]:
        """The activity's own values, {column: value}; the status is not among them, since updates give it."""
        return {name: getattr(self.row, name) for name in RESTORED}

    @property
    def agencies(self) -> dict[Role, list[Agency]]:
        """The agencies by role, {Role: [Agency]}, in order."""
        return {role: [link.agency for link in self.links if link.role == role and link.agency] for role in Role}

    @property
    def item_values(self) -> dict[int, dict[str, Any]]:
        """The values of the sub-activities, {id: {column: value}}."""
        return {item.id: {name: getattr(item, name) for name in RESTORED_OF_ITEM} for item in self.items}


def version_now(activity: Activity) -> Version:
    """Return an activity as it is. Two queries."""
    links = activity.agency_links.select_related("agency").order_by("role", "position", "pk")
    return Version(None, activity, tuple(links), tuple(activity.sub_activities.select_related("agency")))


def version_at(activity: Activity, at: datetime) -> Version | None:
    """Return an activity as it was at the moment `at`; None when the record does not reach back so far.

    Links and sub-activities that have no record were there from the start and never changed. Five queries.
    """
    records = activity.history.filter(history_date__lte=at).select_related("focus_area", "priority_area")
    row = records.first()
    if row is None:
        return None
    links = _rows_at(ActivityAgency.history.filter(activity=activity.pk).select_related("agency"), at)
    links += _unrecorded(activity.agency_links.select_related("agency"), ActivityAgency)
    items = _rows_at(SubActivity.history.filter(activity=activity.pk).select_related("agency"), at)
    items += _unrecorded(activity.sub_activities.select_related("agency"), SubActivity)
    links.sort(key=lambda link: (link.role, link.position, link.id))
    items.sort(key=lambda item: (item.position, item.id))
    return Version(at, row, tuple(links), tuple(items))


def find_restorable(activity: Activity, record: Record) -> set[int | None]:
    """Return the keys of the versions in a part of the record that can be restored.

    These are all but the one of now and those before the first that is on record. Up to five queries.
    """
    versions = [entry for entry in record.entries if entry.makes_version]
    began = first_record(activity)
    if versions and not _is_changed_since(activity, versions[0].until):  # type: ignore[arg-type]  # what makes a version has a moment
        versions = versions[1:]
    return {entry.key for entry in versions if began and entry.until >= began.history_date}


def _is_changed_since(activity: Activity, at: datetime) -> bool:
    """Return whether an activity, its agencies or its sub-activities were changed after a moment."""
    then = activity.history.filter(history_date__lte=at).values(*RESTORED).first()
    own = activity.history.filter(history_date__gt=at)
    parts = [model.history.filter(activity=activity.pk, history_date__gt=at) for model in (ActivityAgency, SubActivity)]
    # Reports move the status only, which is not restored.
    return (own.exclude(**then) if then else own).exists() or any(rows.exists() for rows in parts)


def compare_versions(now: Version, then: Version) -> list[Change]:
    """Return the changes that putting `then` in the place of `now` would make, in the order of the page."""
    return [
        *[change for change in compare_activities(now.row, then.row) if change.subject not in ("Status", "Number")],
        *_compare(now.links, then.links, compare_links, key=lambda link: link.agency_id),
        *_compare(now.items, then.items, _compare_restored, key=lambda item: item.id),
    ]


def _compare(
    now: Iterable[Any], then: Iterable[Any], compare: Callable[[Any, Any], list[Change]], key: Callable[[Any], Any]
) -> list[Change]:
    before, after = {key(row): row for row in now}, {key(row): row for row in then}
    return [change for one in {**before, **after} for change in compare(before.get(one), after.get(one))]


def _compare_restored(before: Any, after: Any) -> list[Change]:
    if after is not None:
        return compare_items(before, after)
    # What was added later is withdrawn, since nothing that a person wrote is deleted.
    return [] if before.withdrawn_on else [Change("Sub-activity withdrawn", "withdraw", before.text, "")]


def _rows_at(records: QuerySet[Any], at: datetime) -> list[Any]:
    """Return the last record of each row up to `at`; of a row older than its first record, that record."""
    found = []
    ordered = records.order_by("id", "history_date", "history_id")
    for of_row in [list(group) for _, group in groupby(ordered, key=lambda record: record.id)]:
        past = [record for record in of_row if record.history_date <= at]
        last = past[-1] if past else of_row[0]
        if (past and last.history_type != "-") or (not past and last.history_type != "+"):
            found.append(last)
    return found


def _unrecorded(rows: QuerySet[Any], model: Any) -> list[Any]:
    return list(rows.exclude(pk__in=model.history.values("id")))
