"""Merging an agency into another one, and undoing that. Each is atomic and says who did it (`by`).

Locks come in one order: activities, people, the names of agencies, agencies. Whoever adds a row that names an agency
holds the names first (`refuse_merged`), so that nothing is added to an agency while it is merged.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.agency_links import arrange_links, places_in_order
from plans.actions.bulk import Authorship, change_rows, insert_rows, remove_rows
from plans.actions.row_changes import remove_row, save_fields, save_row, sign
from plans.actions.shown_status import follow_leads
from plans.models import Activity, ActivityAgency, Agency, AgencyAlias, AgencyMerge, Membership, SubActivity, User
from plans.models.agency_names import lock_agencies_for_merge
from plans.summaries.agency_merges import Merge, Places, find_conflicts, read_merge, read_places, take_apart

CHANGED = "Something has changed since you looked at what this comes to. Look at it again, then merge."
LONGEST_REASON = 500


class MergeChanged(ValidationError):
    """A merge comes to something else than was shown."""


@transaction.atomic
def merge_agencies(*, merged: Agency, into: Agency, by: User, on: date, reason: str, expected: str) -> AgencyMerge:
    """Merge `merged`, whose last day was `on`, into `into`; return the record of it.

    `expected` is the fingerprint of what was shown. Raises `MergeChanged` when it comes to something else now, and
    `ValidationError` when it cannot be; nothing is written then. A constant number of statements for each 500
    activities.
    """
    _lock(merged, into, _activities_naming(merged))
    merged, into = Agency.objects.get(pk=merged.pk), Agency.objects.get(pk=into.pk)
    found = read_merge(merged, into)
    if found.problems:
        raise ValidationError(found.problems)
    if found.fingerprint != expected:
        raise MergeChanged(CHANGED)
    why: dict[str, Any] = {"by": by, "reason": f"{merged} merged into {into}: {reason}"[:LONGEST_REASON]}
    before: dict[str, Any] = {
        "ended_on": merged.ended_on and merged.ended_on.isoformat(),
        "activities": {one.activity.pk: {"before": one.before, "after": one.after} for one in found.placements},
    }
    placed = {one.activity.pk: one.after for one in found.placements}
    _place(placed, **why)
    merged.merged_into, merged.ended_on = into, on
    save_row(merged, **why)
    # The history of the agency that remains says so, too.
    save_row(into, **why)
    before |= _move_names(found, **why) | _move_structure(found, **why) | _move_people(found, **why)
    before |= _move_contacts(found, **why) | _move_items(found.items, into, **why)
    follow_leads(placed, **why)
    return AgencyMerge.objects.create(merged=merged, into=into, on=on, reason=reason, by=by, before=before)


@transaction.atomic
def undo_merge(*, merge: AgencyMerge, by: User, reason: str) -> AgencyMerge:
    """Undo `merge`: what it moved goes back, unless it was moved on since. What was done since stays where it is.

    Raises `ValidationError` when something conflicts, see `find_conflicts`; nothing is written then.
    """
    merged, into = merge.merged, merge.into
    _lock(merged, into, [*map(int, merge.before["activities"]), *_activities_of(merge.before.get("items", ()))])
    merge = AgencyMerge.objects.select_for_update(of=("self",)).select_related("merged", "into").get(pk=merge.pk)
    merged, into, before = merge.merged, merge.into, merge.before
    if conflicts := find_conflicts(merge):
        raise ValidationError(conflicts)
    why: dict[str, Any] = {"by": by, "reason": f"{merged} no longer merged into {into}: {reason}"[:LONGEST_REASON]}
    # First what belongs to the other one, so that names are free.
    for alias in into.aliases.filter(pk__in=before["aliases_made"]):
        remove_row(alias, **why)
    _hand_over(into.aliases.filter(pk__in=before["aliases_moved"]), merged, **why)
    merged.merged_into = None
    merged.ended_on = date.fromisoformat(before["ended_on"]) if before["ended_on"] else None
    save_row(merged, **why)
    save_row(into, **why)
    changes = {int(pk): change["before"] for pk, change in before["activities"].items()}
    now = read_places(changes)
    _place({pk: take_apart(now[pk], places, merged.pk, into.pk) for pk, places in changes.items()}, **why)
    _take_structure_back(merged, into, before, **why)
    _take_people_back(merged, before, **why)
    _take_contacts_back(merged, into, before, **why)
    _move_items(list(into.sub_activities.filter(pk__in=before.get("items", ()))), merged, **why)
    follow_leads(changes, **why)
    merge.undone_at, merge.undone_by = timezone.now(), by
    merge.save(update_fields=["undone_at", "undone_by"])
    return merge


def _lock(merged: Agency, into: Agency, activities: Iterable[int]) -> None:
    """Keep what is about to move from being changed. Raises `MergeChanged` when more of it is there by then."""
    locked = set(Activity.objects.filter(pk__in=list(activities)).order_by("pk").select_for_update().values_list("pk"))
    people = Membership.objects.active().filter(agency__in=[merged.pk, into.pk]).values_list("user", flat=True)
    list(User.objects.filter(pk__in=list(people)).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    lock_agencies_for_merge()
    list(Agency.objects.filter(pk__in=[merged.pk, into.pk]).order_by("pk").select_for_update(no_key=True))
    if not {(pk,) for pk in _activities_naming(merged)} <= locked:
        raise MergeChanged(CHANGED)


def _activities_naming(agency: Agency) -> set[int]:
    """Return the ids of the activities that `agency` is on or responsible for a part of. Two queries."""
    linked = ActivityAgency.objects.filter(agency=agency).order_by().values_list("activity", flat=True)
    return {*linked, *agency.sub_activities.order_by().values_list("activity", flat=True)}


def _activities_of(items: Iterable[int]) -> set[int]:
    """Return the ids of the activities of the sub-activities `items`, ids."""
    return set(SubActivity.objects.filter(pk__in=list(items)).order_by().values_list("activity", flat=True))


def _place(wanted: Mapping[int, Places], *, by: User, reason: str) -> None:
    """Make the links of activities what is `wanted` {id: {role: [ids of agencies in order]}}."""
    author = Authorship(by, reason, timezone.now())
    links: dict[int, list[ActivityAgency]] = {}
    for link in ActivityAgency.objects.filter(activity__in=list(wanted)).order_by("pk"):
        links.setdefault(link.activity_id, []).append(link)
    gone, moved, new = [], [], []
    for activity, places in wanted.items():
        changes = arrange_links(activity, links.get(activity, []), places_in_order(places))
        gone += changes.gone
        new += changes.new
        for link, role, position in changes.moved:
            link.role, link.position = role, position
            moved.append(link)
    remove_rows(ActivityAgency, gone, author)
    change_rows(ActivityAgency, moved, ["role", "position"], author)
    insert_rows(ActivityAgency, new, author)


def _move_names(found: Merge, **why: Any) -> dict[str, list[int]]:
    _hand_over(found.aliases, found.into, **why)
    made = [AgencyAlias(agency=found.into, alias=name) for name in found.new_aliases]
    for alias in made:
        save_row(alias, **why)
    return {"aliases_moved": _ids(found.aliases), "aliases_made": _ids(made)}


def _move_structure(found: Merge, **why: Any) -> dict[str, list[int]]:
    merged, into = found.merged, found.into
    for unit in found.units:
        unit.parent = into
        save_row(unit, **why)
    for one in found.absorbed:
        one.merged_into = into
        save_row(one, **why)
    joined = [group for group in found.groups if group.pk not in found.groups_already]
    for group in found.groups:
        sign(group, **why)
        group.members.remove(merged)
        if group in joined:
            group.members.add(into)
    if found.members:
        for one in (merged, into):
            sign(one, **why)
        into.members.add(*found.new_members)
        merged.members.clear()
    return {
        "units": _ids(found.units),
        "absorbed": _ids(found.absorbed),
        "groups": _ids(found.groups),
        "groups_joined": _ids(joined),
        "members": _ids(found.members),
        "members_joined": _ids(found.new_members),
    }


def _take_structure_back(merged: Agency, into: Agency, before: Mapping[str, Any], **why: Any) -> None:
    for unit in into.units.filter(pk__in=before["units"]):
        unit.parent = merged
        save_row(unit, **why)
    for one in into.absorbed.filter(pk__in=before["absorbed"]):
        one.merged_into = merged
        save_row(one, **why)
    for group in Agency.objects.filter(pk__in=before["groups"]):
        if group.is_group and group.merged_into_id is None:
            sign(group, **why)
            if group.pk in before["groups_joined"]:
                group.members.remove(into)
            group.members.add(merged)
    if before["members"]:
        for one in (merged, into):
            sign(one, **why)
        into.members.remove(*before["members_joined"])
        merged.members.add(*Agency.objects.unmerged().filter(pk__in=before["members"]))


def _move_people(found: Merge, **why: Any) -> dict[str, list[list[int | None]]]:
    moved: list[list[int | None]] = []
    for membership in found.memberships:
        membership.ended_at = timezone.now()
        save_fields(membership, fields=["ended_at"], **why)
        started = Membership(user=membership.user, agency=found.into)
        if membership.user_id not in found.members_already:
            save_row(started, **why)
        moved.append([membership.user_id, started.pk])
    return {"people": moved}


def _take_people_back(merged: Agency, before: Mapping[str, Any], **why: Any) -> None:
    """Have people report for `merged` again, but for those who no longer report for the other one."""
    active = Membership.objects.active()
    for user, started in before["people"]:
        membership = active.filter(pk=started).first()
        if started and membership is None:
            continue
        if membership:
            membership.ended_at = timezone.now()
            save_fields(membership, fields=["ended_at"], **why)
        if not active.filter(user=user, agency=merged).exists():
            save_row(Membership(user_id=user, agency=merged), **why)


def _move_contacts(found: Merge, **why: Any) -> dict[str, list[int]]:
    _hand_over(found.contacts, found.into, **why)
    return {"contacts": _ids(found.contacts)}


def _move_items(items: list[SubActivity], agency: Agency, *, by: User, reason: str) -> dict[str, list[int]]:
    """Make `agency` responsible for sub-activities."""
    for item in items:
        item.agency = agency
    change_rows(SubActivity, items, ["agency"], Authorship(by, reason, timezone.now()))
    return {"items": _ids(items)}


def _take_contacts_back(merged: Agency, into: Agency, before: Mapping[str, Any], **why: Any) -> None:
    """Give `merged` its contacts back, but for those that were removed; merges of earlier versions moved none."""
    _hand_over(into.contacts.filter(pk__in=before.get("contacts", ())), merged, **why)


def _hand_over(rows: Iterable[Any], to: Agency, **why: Any) -> None:
    """Make names or contacts of an agency those of another one."""
    for row in rows:
        row.agency = to
        save_row(row, **why)


def _ids(rows: Iterable[Any]) -> list[int]:
    return [row.pk for row in rows]
