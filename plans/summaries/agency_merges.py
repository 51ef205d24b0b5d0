"""What merging an agency into another one comes to, and what stands in the way of undoing it, before anything is done.

Every row that points to an agency is in one of `MOVED` and `STAYS`: a test fails when a new relation is in neither.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import cached_property

from plans.activity_number import Number
from plans.choices import Role, UpdateKind
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    AgencyAlias,
    AgencyContact,
    AgencyMerge,
    Barrier,
    Membership,
    Reminder,
    StatusUpdate,
    SubActivity,
    User,
)
from plans.text import count_of, first_named, fold, listed

MOVED = frozenset(
    {
        *("ActivityAgency.agency", "AgencyAlias.agency", "AgencyContact.agency", "Membership.agency"),
        *("Agency.parent", "Agency.merged_into", "Agency_members.from_agency", "Agency_members.to_agency"),
        "SubActivity.agency",
    }
)
"""What points to the remaining agency once another one is merged into it, as "Model.field"."""

STAYS = frozenset(
    {
        *("StatusUpdate.agency", "Agreement.agency", "Reminder_agencies.agency", "Decision.agency"),
        *("AgencyMerge.merged", "AgencyMerge.into"),
    }
)
"""What is a record of what was said or done, by whom: it keeps the agency of then. So does every history."""

MOST_NUMBERS = 20
VERBS = {Role.LEAD.value: "leads", Role.SUPPORT.value: "supports"}
Places = dict[str, list[int]]
"""The agencies on an activity: {role: [ids in order]}."""


@dataclass(frozen=True)
class Placement:
    """The agencies on an activity that names the agency to be merged: as they are, and as they come to be."""

    activity: Activity
    before: Places
    after: Places

    def role_of(self, agency: Agency) -> str:
        """Return the role that an agency has before, blank for none."""
        return _role_in(self.before, agency)

    def new_role_of(self, agency: Agency) -> str:
        """Return the role that an agency comes to have, blank for none."""
        return _role_in(self.after, agency)


def _role_in(places: Places, agency: Agency) -> str:
    return next((role for role, pks in places.items() if agency.pk in pks), "")


@dataclass(frozen=True)
class Merge:
    """What it comes to to merge `merged` into `into`. `problems` are sentences that say why it cannot be."""

    merged: Agency
    into: Agency
    problems: list[str]
    placements: list[Placement] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    members_already: frozenset[int] = frozenset()
    """Ids of those people among them who report for the remaining agency already."""
    aliases: list[AgencyAlias] = field(default_factory=list)
    new_aliases: list[str] = field(default_factory=list)
    units: list[Agency] = field(default_factory=list)
    groups: list[Agency] = field(default_factory=list)
    """The groups that it is a member of."""
    groups_already: frozenset[int] = frozenset()
    """Ids of those groups that the remaining agency does not join: it is in them, or is one itself."""
    members: list[Agency] = field(default_factory=list)
    new_members: list[Agency] = field(default_factory=list)
    absorbed: list[Agency] = field(default_factory=list)
    items: list[SubActivity] = field(default_factory=list)
    """The sub-activities that it is responsible for."""
    contacts: list[AgencyContact] = field(default_factory=list)
    """Its contacts in plans in which the remaining agency has none."""
    stays: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """A text that is the same only for the same rows: of what a person has seen in a preview."""
        told = [
            [self.merged.pk, self.into.pk, self.problems, sorted(self.members_already), self.new_aliases],
            [(one.activity.pk, one.before, one.after) for one in self.placements],
            [[row.pk for row in rows] for rows in (self.memberships, self.aliases, self.units, self.groups)],
            [[row.pk for row in rows] for rows in (self.members, self.new_members, self.absorbed)],
            sorted(self.groups_already),
            *([one.pk for one in rows] for rows in (self.contacts, self.items) if rows),
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    @property
    def in_words(self) -> list[tuple[str, list[str]]]:
        """What it comes to, as [(heading, [sentence])]; headings with nothing below them are left out."""
        parts = [
            ("Activities", [*self._activities(), *self._both(), *self._items()]),
            ("People", self._people()),
            ("Contacts", self._contacts()),
            ("Names", self._names()),
            ("Groups and units", self._structure()),
            ("Stays in the record", self._stays()),
        ]
        return [(heading, sentences) for heading, sentences in parts if sentences]

    def _activities(self) -> list[str]:
        """Say in which plans it leads and supports what, without those activities that name both."""
        told = []
        for plan, roles in self._by_plan(
            lambda one: "" if one.role_of(self.into) else one.role_of(self.merged)
        ).items():
            done = [f"{VERBS[role]} {_numbered(numbers)}" for role, numbers in roles.items()]
            told.append(f"{plan}: {self.into} {' and '.join(done)} in place of {self.merged}.")
        return told

    def _both(self) -> list[str]:
        """Say what becomes of activities that name both: it leads where one of them did, and is there once."""
        by_plan = self._by_plan(lambda one: one.role_of(self.into) and one.new_role_of(self.into))
        return [
            f"{plan}: both are on {_numbered(numbers)}. {self.into} is there once, and {VERBS[role]}."
            for plan, roles in by_plan.items()
            for role, numbers in roles.items()
        ]

    def _by_plan(self, role_of: Callable[[Placement], str]) -> dict[str, dict[str, list[Number]]]:
        """Return {name of a plan: {role: [numbers of activities]}} of those that have a role."""
        found: dict[str, dict[str, list[Number]]] = {}
        for one in self.placements:
            if role := role_of(one):
                roles = found.setdefault(one.activity.plan.name, {})
                roles.setdefault(role, []).append(one.activity.number)
        return {plan: dict(sorted(roles.items())) for plan, roles in found.items()}

    def _people(self) -> list[str]:
        moving = [str(one.user) for one in self.memberships if one.user_id not in self.members_already]
        known = [str(one.user) for one in self.memberships if one.user_id in self.members_already]
        return [
            *([f"{first_named(moving, 10)} will report for {self.into} in place of {self.merged}."] if moving else []),
            *([f"{first_named(known, 10)} reported for both, and will for {self.into}."] if known else []),
        ]

    def _items(self) -> list[str]:
        count = count_of(len(self.items), "sub-activity,sub-activities")
        return [f"{self.into} will be responsible for {count} in place of {self.merged}."] if self.items else []

    def _contacts(self) -> list[str]:
        plans = [one.plan.name for one in self.contacts]
        return [f"{self.into} will have its contact in {listed(plans)}, where it has none."] if plans else []

    def _names(self) -> list[str]:
        names = [*self.new_aliases, *(alias.alias for alias in self.aliases)]
        quoted = [f"“{name}”" for name in names]
        return (
            [f"{self.into} will also be known as {listed(quoted)}, so that files that say so go on working."]
            if names
            else []
        )

    def _structure(self) -> list[str]:
        joined = [str(one) for one in self.groups if one.pk not in self.groups_already]
        left = [str(one) for one in self.groups if one.pk in self.groups_already]
        return [
            *([f"{first_named(self.units)} will be part of {self.into}."] if self.units else []),
            *([f"{self.into} will be a member of {first_named(joined)} in place of {self.merged}."] if joined else []),
            *([f"{self.merged} will no longer be a member of {first_named(left)}."] if left else []),
            *(
                [f"{self.into} will have the members {first_named(self.new_members)} as well."]
                if self.new_members
                else []
            ),
            *(
                [f"Addresses of {first_named(self.absorbed)}, merged earlier, will lead to {self.into}."]
                if self.absorbed
                else []
            ),
        ]

    def _stays(self) -> list[str]:
        counted = [count_of(count, noun) for noun, count in self.stays.items() if count]
        return [f"{listed(counted)} will still say {self.merged}, who wrote or received them."] if counted else []


def read_merge(merged: Agency, into: Agency) -> Merge:
    """Dry run: return what it comes to to merge `merged` into `into`. Some fifteen queries, however much there is."""
    if problems := _problems(merged, into):
        return Merge(merged, into, problems)
    memberships = list(Membership.objects.active().filter(agency=merged).select_related("user").order_by("pk"))
    users = [one.user_id for one in memberships]
    already = Membership.objects.active().filter(agency=into, user__in=users).values_list("user", flat=True)
    aliases = list(merged.aliases.order_by("pk"))
    known = {fold(name) for name in into.names} | set(into.aliases.values_list("key", flat=True))
    known |= {alias.key for alias in aliases}
    new_aliases = {fold(name): name for name in merged.names if ";" not in name}
    groups, members = list(merged.groups.order_by("pk")), list(merged.members.order_by("pk"))
    groups_of_into = set(into.groups.values_list("pk", flat=True)) | {into.pk}
    members_of_into = set(into.members.values_list("pk", flat=True)) | {into.pk, merged.pk}
    return Merge(
        merged,
        into,
        [],
        placements=_placements(merged, into),
        memberships=memberships,
        members_already=frozenset(already),
        aliases=aliases,
        new_aliases=[name for key, name in new_aliases.items() if key not in known],
        units=list(merged.units.order_by("pk")),
        groups=groups,
        groups_already=frozenset(one.pk for one in groups if one.pk in groups_of_into),
        members=members,
        new_members=[one for one in members if one.pk not in members_of_into],
        absorbed=list(merged.absorbed.order_by("pk")),
        items=list(merged.sub_activities.order_by("pk")),
        contacts=_contacts_to_move(merged, into),
        stays=_count_what_stays(merged),
    )


def _contacts_to_move(merged: Agency, into: Agency) -> list[AgencyContact]:
    has_own = into.contacts.values("plan")
    return list(merged.contacts.exclude(plan__in=has_own).select_related("plan").order_by("plan__name", "pk"))


def _problems(merged: Agency, into: Agency) -> list[str]:
    found = []
    if merged.pk == into.pk:
        found.append("An agency cannot be merged into itself. Choose another one.")
    found += [f"{one} has already been merged into {one.merged_into}." for one in (merged, into) if one.merged_into]
    if merged.is_group != into.is_group:
        found.append("A group can only be merged into a group, and an agency into an agency.")
    if merged.pk != into.pk and merged.pk in into.all_above():
        found.append(f"{into} is part of {merged}. Change what it is part of first.")
    return found


def _placements(merged: Agency, into: Agency) -> list[Placement]:
    """Return what becomes of the agencies of each activity that names the merged one, in any plan. Two queries."""
    naming = ActivityAgency.objects.filter(agency=merged).order_by().values("activity")
    activities = Activity.objects.filter(pk__in=naming).select_related("plan").order_by("plan__name", "number", "pk")
    places = read_places(one.pk for one in activities)
    return [Placement(one, places[one.pk], put_together(places[one.pk], merged.pk, into.pk)) for one in activities]


def read_places(activities: Iterable[int]) -> dict[int, Places]:
    """Return {id of an activity: its agencies}, {role: [ids in order]}, of those `activities` that have any."""
    links = ActivityAgency.objects.filter(activity__in=list(activities)).order_by("role", "position", "pk")
    found: dict[int, Places] = {}
    for activity, role, agency in links.values_list("activity", "role", "agency"):
        found.setdefault(activity, {one.value: [] for one in Role})[role].append(agency)
    return found


def put_together(places: Places, merged: int, into: int) -> Places:
    """Return `places` with `into` where `merged` is: once, and as a lead agency if one of the two leads. No query."""
    found: Places = {}
    taken: set[int] = set()
    for role in Role:
        pks = dict.fromkeys(into if pk == merged else pk for pk in places.get(role.value, []))
        found[role.value] = [pk for pk in pks if pk not in taken]
        taken |= {*found[role.value]}
    return found


def take_apart(now: Places, before: Places, merged: int, into: int) -> Places:
    """Return the places `now` with `merged` and `into` where they were `before`; others stay where they are."""
    found = {role: [pk for pk in pks if pk != into] for role, pks in now.items()}
    for role, pks in before.items():
        for place, pk in enumerate(pks):
            if pk in (merged, into):
                found[role].insert(place, pk)
    return found


def _count_what_stays(merged: Agency) -> dict[str, int]:
    updates = StatusUpdate.objects.filter(agency=merged)
    return {
        "update,updates": updates.exclude(kind=UpdateKind.NOTE).count(),
        "note,notes": updates.filter(kind=UpdateKind.NOTE).count(),
        "barrier,barriers": Barrier.objects.filter(update__agency=merged).count(),
        "reminder,reminders": Reminder.objects.filter(agencies=merged).count(),
    }


def find_conflicts(merge: AgencyMerge) -> list[str]:
    """Return why `merge` cannot be undone now, as sentences that say what to do first; none when it can."""
    merged, into = merge.merged, merge.into
    if merge.undone_at:
        return ["This merge has already been undone."]
    if into.merged_into:
        return [f"{into} has itself been merged into {into.merged_into} since. Undo that first."]
    return [*_conflicts_of_names(merged, into), *_conflicts_of_activities(merge)]


def _conflicts_of_names(merged: Agency, into: Agency) -> list[str]:
    keys = {fold(name): name for name in merged.names}
    own = [name for key, name in keys.items() if key in map(fold, into.names)]
    found = [f"{into} is now called “{name}” itself. Rename it first." for name in own]
    for other in Agency.objects.called(keys).exclude(pk__in=[merged.pk, into.pk]).prefetch_related("aliases"):
        theirs = {*map(fold, other.names), *(alias.key for alias in other.aliases.all())}
        taken = listed([f"“{name}”" for key, name in keys.items() if key in theirs])
        found.append(f"{taken} is a name of {other} now. Remove it there first.")
    return found


def _conflicts_of_activities(merge: AgencyMerge) -> list[str]:
    changed = {int(pk): change for pk, change in merge.before["activities"].items()}
    places, found = read_places(changed), []
    for one in Activity.objects.filter(pk__in=changed).select_related("plan").order_by("plan__name", "number", "pk"):
        [role] = [role for role, pks in changed[one.pk]["after"].items() if merge.into_id in pks]
        if merge.into_id not in places.get(one.pk, {}).get(role, []):
            found.append(
                f"{merge.into} no longer {VERBS[role]} activity {one.number} of {one.plan}. Put it back there first."
            )
    return found


def _numbered(numbers: Sequence[Number]) -> str:
    noun = "activity" if len(numbers) == 1 else "activities"
    return (
        f"{noun} {first_named(numbers, MOST_NUMBERS) if len(numbers) > MOST_NUMBERS else listed([*map(str, numbers)])}"
    )


def undo_in_words(merge: AgencyMerge) -> list[str]:
    """Return what undoing `merge` comes to, as sentences."""
    merged, into, before = merge.merged, merge.into, merge.before
    people = [
        str(user) for user in User.objects.filter(pk__in=[user for user, _ in before["people"]]).order_by("email")
    ]
    by_plan: dict[str, list[Number]] = {}
    activities = Activity.objects.filter(pk__in=[int(pk) for pk in before["activities"]]).select_related("plan")
    for one in activities.order_by("plan__name", "number"):
        by_plan.setdefault(one.plan.name, []).append(one.number)
    return [
        *(
            f"{plan}: both are restored to where they were on {_numbered(numbers)}."
            for plan, numbers in by_plan.items()
        ),
        *([f"{first_named(people, 10)} report for {merged} again, if they still report for {into}."] if people else []),
        f"{merged} has its own names, units, groups and members again.",
        f"What was added to {into} since stays with it.",
    ]
