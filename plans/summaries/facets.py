"""The counts behind the filters of a list of activities."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from plans.choices import NO_LEAD, Role
from plans.models import ActivityAgency

CUBE = ["focus_area", "priority_area", "status", "description_state", "freshness"]
CUBE_FILTERS = ["focus", "priority", "status", "description", "freshness"]


@dataclass(frozen=True)
class FacetCounts:
    """How many activities each value of each filter would leave, given the other filters.

    `by_value` is {(filter, value): count}; a value that is not there would leave none.
    """

    matching: int
    by_value: Counter


def count_facets(searched, parties, chosen):
    """Answer the counts behind the filters as `FacetCounts`. Two queries.

    `searched` holds the plan's activities that have the words, `with_freshness()`; `chosen` is what people chose, by
    filter: {"focus": {id}, "priority": {id}, "status": {…}, "description": {…}, "freshness": {…}, "agency": {code},
    "role": role or ""}.
    """
    agencies, role = _chosen_agencies(parties, chosen)
    tallied = searched.with_involvement(agencies, role, or_nobody=NO_LEAD in chosen["agency"])
    cube = tallied.order_by().values_list(*CUBE, "is_involved").annotate(count=Count("pk"))
    by_value, matching, without_agency = Counter(), 0, 0
    for *values, is_involved, count in cube:
        misses = [name for name, value in zip(CUBE_FILTERS, values, strict=True) if not _is_chosen(chosen[name], value)]
        without_agency += 0 if misses else count
        if not is_involved:
            continue
        matching += 0 if misses else count
        for name, value in zip(CUBE_FILTERS, values, strict=True):
            by_value[name, value] += count if misses in ([], [name]) else 0
    by_value.update(_count_agencies(_narrowed(searched, chosen), without_agency, parties, chosen))
    return FacetCounts(matching, by_value)


def _is_chosen(chosen, value):
    return not chosen or value in chosen


def _chosen_agencies(parties, chosen):
    ids = [parties.by_code[code].pk for code in chosen["agency"] if code != NO_LEAD]
    return (ids if chosen["agency"] else None), chosen["role"]


def _narrowed(searched, chosen):
    """Leave what every filter but agency and role lets through."""
    conditions = {
        f"{column}__in": chosen[name] for column, name in zip(CUBE, CUBE_FILTERS, strict=True) if chosen[name]
    }
    return searched.filter(**conditions)


def _count_agencies(narrowed, narrowed_count, parties, chosen):
    """Count the agency and role filters over the links of `narrowed`. One query."""
    links = ActivityAgency.objects.filter(activity__in=narrowed.order_by().values("pk"))
    of_agency, of_role = {}, {}
    wanted = {parties.by_code[code].pk for code in chosen["agency"] if code != NO_LEAD}
    linked, named = {role: set() for role in Role}, {}
    for activity, agency, role in links.values_list("activity", "agency", "role"):
        named.setdefault((agency, role), []).append(activity)
    for (agency, role), activities in named.items():
        linked[role].update(activities)
        credited = parties.credited(agency)
        for one in credited if chosen["role"] in ("", role) else ():
            of_agency.setdefault(one, set()).update(activities)
        if not chosen["agency"] or credited & wanted:
            of_role.setdefault(role, set()).update(activities)
    counts = Counter({("agency", agency): len(found) for agency, found in of_agency.items()})
    counts["agency", NO_LEAD] = narrowed_count - len(linked[chosen["role"] or Role.LEAD])
    for role in Role:
        nobody = narrowed_count - len(linked[role]) if NO_LEAD in chosen["agency"] else 0
        counts["role", role] = len(of_role.get(role, ())) + nobody
    return counts
