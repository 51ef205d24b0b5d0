"""The counts behind the filters of a list of activities."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Count, F, IntegerField, Q, QuerySet, Value

from plans.choices import ANY_CHECK, NO_LEAD, Role
from plans.fast.kept_answers import kept
from plans.fast.queries import prepared
from plans.models import Activity, Plan
from plans.querysets import COLUMNS, ActivitySelection, JSONList, ask_of_plan
from plans.querysets.due_dates import ASKED_DAY
from plans.querysets.plan_checks import checks_in
from plans.summaries.parties import Parties

CUBE = {
    "focus": "focus_areas",
    "priority": "priority_areas",
    "status": "statuses",
    "description": "descriptions",
    "freshness": "freshness",
    "attention": "attention",
    "due": "due",
    "rating": "rating",
    "ending": "endings",
    "leads_differ": "leads_differ",
}
"""The filters that are counted by a column: {filter: part of an `ActivitySelection`}."""
STORED = ("focus_areas", "priority_areas", "statuses", "descriptions", "endings")
"""Of these the parts whose column is stored, and need not be worked out."""


@dataclass(frozen=True)
class FacetCounts:
    """How many activities each value of each filter would leave, given the other filters.

    `by_value` is {(filter, value): count}; a value that is not there would leave none. Checks are counted under their
    values, all together under `ANY_CHECK`, where they were asked for.
    """

    matching: int
    by_value: Counter


def count_facets(
    plan: Plan, selection: ActivitySelection, parties: Parties, *, on: date, with_checks: bool = False
) -> FacetCounts:
    """Return the counts behind the filters of `plan`, given an `ActivitySelection`, as `FacetCounts`.

    Two queries; none where nothing is selected and nothing has changed since they were counted.

    `parties` are those of the plan and of the selection, `on` is the day to judge freshness for. An area or an agency
    is counted under its id, no lead under `NO_LEAD`; plan checks are counted `with_checks`.
    """
    if selection == ActivitySelection():
        asked = "counts of all", plan.pk, on, with_checks
        return kept(asked, lambda: _count_facets(plan, selection, parties, on, with_checks))
    return _count_facets(plan, selection, parties, on, with_checks)


def _count_facets(
    plan: Plan, selection: ActivitySelection, parties: Parties, on: date, with_checks: bool
) -> FacetCounts:
    cube = ask_of_plan(_cube, plan, on, selection, with_checks or bool(selection.checks))
    by_value, matching = _count_cube(cube, selection)
    links = ask_of_plan(_activities_by_agency, plan, on, selection.of_any_agency)
    linked = {(agency, role): set(activities) for agency, role, activities in links}
    of_any_agency = _count(linked.values())
    linked.pop((None, None), None)
    by_value.update(_count_agencies(linked, of_any_agency, parties, selection))
    return FacetCounts(matching, by_value)


@prepared
def _cube(outline: ActivitySelection, is_open: bool, is_late: bool, with_checks: bool) -> QuerySet[Any, Any]:
    """Return how many activities have the same values of all columns, of those that may count."""
    columns = [COLUMNS[name] for name in CUBE.values()]
    activities = Activity.objects.of_asked_plan(is_open, is_late).filter(_misses_one_at_most(outline))
    # Words come last, since they cost most.
    tallied = activities.involving(**outline.involvement) if outline.is_of_agencies else activities
    tallied = tallied.having(outline.words).annotate(
        attention=F("attention"), due_state=F("due_state"), rating_state=F("rating_state"), leads_state=F("leads_state")
    )
    none = Value(0, IntegerField())
    checked = tallied.with_open_checks(ASKED_DAY) if with_checks else tallied.annotate(open_checks=none)
    return checked.order_by().values_list(*columns, "open_checks").annotate(count=Count("pk"))


def _misses_one_at_most(outline: ActivitySelection) -> Q:
    """Return the condition without which an activity counts nowhere, since it misses two filters of stored columns.

    One that misses a single filter counts for other values of that filter.
    """
    chosen = [Q(**{f"{COLUMNS[name]}__in": among}) for name in STORED if (among := getattr(outline, name))]
    if len(chosen) <= 1:
        return Q()
    return reduce(or_, (reduce(and_, (other for other in chosen if other is not one)) for one in chosen))


@prepared
def _activities_by_agency(outline: ActivitySelection, is_open: bool, is_late: bool) -> QuerySet[Any, Any]:
    """Return the ids of the activities that each agency is linked to in each role; without an agency, of the others."""
    found = Activity.objects.of_asked_plan(is_open, is_late).left_by(outline).order_by()
    linked = Activity.objects.filter(pk__in=found.values("pk")).order_by()
    return linked.values_list("agency_links__agency", "agency_links__role").annotate(activities=JSONList("pk"))


def _count_cube(cube: Iterable[tuple[Any, ...]], selection: ActivitySelection) -> tuple[Counter[tuple[str, Any]], int]:
    """Count by the values of columns; returns that, and how many match."""
    parts = [*CUBE.values(), "checks"]
    narrowed = [(place, set(among)) for place, name in enumerate(parts) if (among := getattr(selection, name))]
    counts: list[Counter[Any]] = [Counter() for _ in parts]
    matching = 0
    for *columns, mask, count in cube:
        # An activity can fail several checks, and has one of everything else.
        values = [*((value,) for value in columns), _checks(mask)]
        missed = [place for place, among in narrowed if among.isdisjoint(values[place])]
        if len(missed) <= 1:
            matching += 0 if missed else count
            for place in missed or range(len(parts)):
                for value in values[place]:
                    counts[place][value] += count
    found = zip([*CUBE, "checks"], counts, strict=True)
    return (
        Counter({(name, value): count for name, one in found for value, count in one.items()}),
        matching,
    )


def _checks(mask: int) -> tuple[str, ...]:
    checks = checks_in(mask)
    return (ANY_CHECK, *checks) if checks else ()


def _count_agencies(
    linked: dict[tuple[int, str], set[int]], of_any_agency: int, parties: Parties, selection: ActivitySelection
) -> Counter[tuple[str, Any]]:
    """Count agencies and roles, out of {(agency, role): activities} for any agency, and how many activities that is."""
    of_agency: dict[int, list[set[int]]] = {}
    of_role: dict[str, list[set[int]]] = {}
    with_role: dict[str, list[set[int]]] = {}
    for (agency, role), activities in linked.items():
        credited = parties.credited(agency)
        with_role.setdefault(role, []).append(activities)
        for one in credited if selection.role in ("", role) else ():
            of_agency.setdefault(one, []).append(activities)
        if not selection.names_agencies or not credited.isdisjoint(selection.agencies):
            of_role.setdefault(role, []).append(activities)
    counts: Counter[tuple[str, Any]] = Counter(
        {("agency", agency): _count(found) for agency, found in of_agency.items()}
    )
    without: dict[str, int] = {role: of_any_agency - _count(with_role.get(role, ())) for role in Role}
    counts["agency", NO_LEAD] = without[selection.role or Role.LEAD]
    for role in Role:
        counts["role", role] = _count(of_role.get(role, ())) + (without[role] if selection.or_nobody else 0)
    return counts


def _count(sets: Iterable[set[int]]) -> int:
    return len(set().union(*sets))
