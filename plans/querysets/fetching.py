"""Fetching by prepared queries: the activities of a plan, and what hangs on activities that were fetched."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from plans.fast.queries import ParamList, prepared
from plans.querysets.due_dates import asked_days
from plans.querysets.subqueries import rows

if TYPE_CHECKING:
    from plans.models import Activity, Plan
    from plans.querysets.activity_selection import ActivitySelection


def ask_of_plan(
    query: Callable[..., list[Any]],
    plan: "Plan",
    on: date,
    selection: "ActivitySelection",
    *more: Any,
    part: slice | None = None,
) -> list[Any]:
    """Ask a prepared `query(outline, is_open, is_late, *more)`, which begins with `of_asked_plan(is_open, is_late)`.

    It is about `plan` on the day `on`, and the `ActivitySelection` of that outline. `part` is a slice of its rows.
    """
    current = plan.open_round
    values = {"plan": plan.pk, "round": current.pk if current else None, **asked_days(on), **selection.values}
    is_late = current is not None and on > current.due_on
    return query(selection.outline, current is not None, is_late, *more, part=part, **values)


def put_agencies_on(activities: list["Activity"]) -> list["Activity"]:
    """Put `agency_links` on fetched activities as `with_agencies()` does, and return the activities. One query."""
    return _put("agency_links", _links, activities)


def put_sub_activities_on(activities: list["Activity"]) -> list["Activity"]:
    """Put `sub_activities` on fetched activities as `with_sub_activities()` does, each with its agency. One query."""
    return _put("sub_activities", _sub_activities, activities)


def _put(name: str, ask: Callable[..., list[Any]], activities: list["Activity"]) -> list["Activity"]:
    found: dict[int, list[Any]] = {}
    for row in ask(ids=[activity.pk for activity in activities]) if activities else ():
        found.setdefault(row.activity_id, []).append(row)
    for activity in activities:
        kept = activity.__dict__.setdefault("_prefetched_objects_cache", {})
        kept[name] = found.get(activity.pk, [])
    return activities


@prepared
def _links() -> QuerySet:
    links = rows("ActivityAgency").filter(activity__in=ParamList("ids"))
    return links.select_related("agency").order_by("role", "position", "pk")


@prepared
def _sub_activities() -> QuerySet:
    return rows("SubActivity").in_force().filter(activity__in=ParamList("ids")).select_related("agency")
