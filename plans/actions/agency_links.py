"""Which agencies are on an activity: what has to become of its links, decided here for forms, restoring and imports."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from plans.choices import Role
from plans.models import ActivityAgency, Agency
from plans.models.agency_names import hold_agency_names


class LinkChanges(NamedTuple):
    """What has to become of the links of an activity: links to remove, [(link, role, position)] to move, new links."""

    gone: list[ActivityAgency]
    moved: list[tuple[ActivityAgency, str, int]]
    new: list[ActivityAgency]


def places_in_order(agencies: Mapping[Any, Iterable[Any] | None]) -> dict[Any, tuple[Any, int]]:
    """Return {id: (role, position)} of `agencies`, {Role: [ids in order]}; a role may have None, for nobody."""
    return {pk: (role, position) for role, pks in agencies.items() for position, pk in enumerate(pks or (), start=1)}


def refuse_merged(pks: Collection[int]) -> None:
    """Raise `ValidationError` if an agency of `pks` was merged into another one; none will be in this transaction.

    One query, and a lock that only a merge waits for.
    """
    hold_agency_names()
    merged = Agency.objects.filter(pk__in=pks).exclude(merged_into=None).select_related("merged_into")
    if found := [f"{one} has been merged into {one.merged_into}. Choose {one.merged_into}." for one in merged]:
        raise ValidationError(found)


def arrange_links(
    activity_id: int,
    links: Iterable[ActivityAgency],
    places: Mapping[int, tuple[Any, int]],
    *,
    roles: Collection[Role] = tuple(Role),
) -> LinkChanges:
    """Return the `LinkChanges` by which the `links` of an activity come to be those of `places` {id: (role, position)}.

    Links in other roles than `roles` stay as they are, but for those of an agency that gets another place. A link
    that is as it should be is left alone, and one that moves keeps its id. No query.
    """
    wanted, changes = dict(places), LinkChanges([], [], [])
    for link in links:
        place = wanted.pop(link.agency_id, None)
        if place is None and link.role in roles:
            changes.gone.append(link)
        elif place is not None and place != (link.role, link.position):
            changes.moved.append((link, *place))
    for agency_id, (role, position) in wanted.items():
        changes.new.append(ActivityAgency(activity_id=activity_id, agency_id=agency_id, role=role, position=position))
    return changes
