"""Fetching by prepared queries: the activities of a plan, and what hangs on activities that were fetched."""

from plans.fast.queries import ParamList, prepared
from plans.querysets.rows import rows


def ask_of_plan(query, plan, on, selection, *more, part=None):
    """Ask a prepared `query(outline, is_open, is_late, *more)`, which begins with `of_asked_plan(is_open, is_late)`.

    It is about `plan` on the day `on`, and the `ActivitySelection` of that outline. `part` is a slice of its rows.
    """
    current = plan.open_round
    is_open = current is not None
    values = {"plan": plan.pk, "round": current.pk if is_open else None, **selection.values}
    return query(selection.outline, is_open, is_open and on > current.due_on, *more, part=part, **values)


def put_agencies_on(activities):
    """Put `agency_links` on fetched activities as `with_agencies()` does, and return the activities. One query."""
    return _put("agency_links", _links, activities)


def put_sub_activities_on(activities):
    """Put `sub_activities` on fetched activities as `with_sub_activities()` does, and return them. One query."""
    return _put("sub_activities", _sub_activities, activities)


def _put(name, ask, activities):
    found = {}
    for row in ask(ids=[activity.pk for activity in activities]) if activities else ():
        found.setdefault(row.activity_id, []).append(row)
    for activity in activities:
        kept = activity.__dict__.setdefault("_prefetched_objects_cache", {})
        kept[name] = found.get(activity.pk, [])
    return activities


@prepared
def _links():
    links = rows("ActivityAgency").filter(activity__in=ParamList("ids"))
    return links.select_related("agency").order_by("role", "position", "pk")


@prepared
def _sub_activities():
    return rows("SubActivity").in_force().filter(activity__in=ParamList("ids"))
