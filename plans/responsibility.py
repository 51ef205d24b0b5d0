"""Who is responsible for an activity, and which right that gives: the rules, of which nothing else knows.

An activity names agencies, as its leads or in support. Such a link counts for the agency that it names and for others,
in the ways of `WAYS`. What is asked here is asked in three forms, of the same ways: as conditions of queries, in both
directions, and of rows that were fetched. Permissions, lists, summaries, workbooks and imports all ask here.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from plans.choices import Role

Ids = QuerySet | Iterable[int]
"""Rows of a model, as a queryset of them or of their ids, or their ids."""

REPORTING = (Role.LEAD,)
"""The roles whose agencies report on an activity and tick its sub-activities."""

NOTING = (Role.SUPPORT,)
"""The roles whose agencies add notes to an activity, which leave its status alone."""

SIGNING = (*REPORTING, *NOTING)
"""The roles whose agencies say to another one's update that they agree, or see it differently."""

AGENCY, PARENT, GROUP = "pk", "parent", "group"
"""Of an agency and one of the groups that it is in: the agency, the one that it is a unit of, the group."""

WAYS = ((AGENCY, AGENCY), (AGENCY, PARENT), (GROUP, AGENCY))
"""Whom a link counts for, as pairs: a link with the first of them counts for the second.

For itself; with a unit, for the agency that the unit is part of; with a group, for each of its members.
"""

OF_MEMBERS = {AGENCY: "to_agency", PARENT: "to_agency__parent", GROUP: "from_agency"}
OF_ROWS = {AGENCY: "pk", PARENT: "parent_id", GROUP: "group_id"}


def standing_for(agencies: Ids) -> Q:
    """Return the condition on parties whose links count for any of `agencies` (a queryset or ids), as a `Q`."""
    return reduce(or_, (_are(named, counted, agencies) for named, counted in WAYS))


def counted_for(named: Ids) -> Q:
    """Return the condition on parties that links with any of `named` (a queryset or ids) count for, as a `Q`."""
    return reduce(or_, (_are(counted, party, named) for party, counted in WAYS))


def of_one_house(agency: Any) -> Q:
    """Return the condition on parties that they are `agency`, the one that it is a unit of or became, or its units."""
    return Q(pk__in={agency.pk, agency.parent_id, agency.merged_into_id} - {None}) | Q(parent=agency.pk)


def in_role(roles: Sequence[str]) -> dict[str, Any]:
    """Return the condition on a link that it has one of `roles`, as `filter()` takes it."""
    return {"role": roles[0]} if len(roles) == 1 else {"role__in": roles}


def who_counts(agencies: Ids) -> dict[int, dict[int, None]]:
    """Return {id of a party: ids of those that a link with it counts for, the party first}, as dicts without values.

    `agencies` are all that matter, fetched `with_groups()`. No query.
    """
    found: dict[int, dict[int, None]] = {}
    for named, counted in WAYS:
        for agency in agencies:
            party, other = getattr(agency, OF_ROWS[named]), getattr(agency, OF_ROWS[counted])
            if party and other:
                found.setdefault(party, {party: None})[other] = None
    return found


def _are(wanted: str, given: str, among: Ids) -> Q:
    """Return the condition on parties that are the `wanted` of a pair whose `given` is among those."""
    agency = apps.get_model("plans", "Agency")
    if wanted == AGENCY and given != GROUP:
        return Q(**{f"{given}__in": among})
    if GROUP in (wanted, given):
        pairs = agency.members.through._default_manager.filter(**{f"{OF_MEMBERS[given]}__in": among})
        return Q(pk__in=pairs.values(OF_MEMBERS[wanted]))
    pairs = agency._default_manager.filter(**{f"{given}__in": among, f"{wanted}__isnull": False})
    return Q(pk__in=pairs.values(wanted))
