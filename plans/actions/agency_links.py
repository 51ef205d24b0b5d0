"""Which agencies are on an activity: what has to become of its links, decided here for forms, restoring and imports."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from plans.choices import Role
from plans.models import ActivityAgency


class LinkChanges(NamedTuple):
    """What has to become of the links of an activity: links to remove, [(link, role, position)] to move, new links."""

    gone: list[ActivityAgency]
    moved: list[tuple[ActivityAgency, str, int]]
    new: list[ActivityAgency]


def places_in_order(agencies: Mapping[Any, Iterable[Any] | None]) -> dict[Any, tuple[Any, int]]:
    """Return {id: (role, position)} of `agencies`, {Role: [ids in order]}; a role may have None, for nobody."""
    return {pk: (role, position) for role, pks in agencies.items() for position, pk in enumerate(pks or (), start=1)}


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
