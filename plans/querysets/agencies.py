"""The parties of a plan: who stands for whom, and what they are called."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Self

from django.db.models import Expression, F, Q, QuerySet

from plans import responsibility
from plans.querysets.plans import CodedQuerySet
from plans.querysets.subqueries import rows
from plans.responsibility import Ids

if TYPE_CHECKING:
    from plans.fast.queries import Param
    from plans.models import Activity, AgencyAlias, Plan, User
    from plans.querysets.due_dates import Day


class AgencyQuerySet(CodedQuerySet):
    """Agencies and the other parties of a plan."""

    def standing_for(self, agencies: Ids) -> Self:
        """Return parties whose links count for any of `agencies` (a queryset or ids), in the ways of `WAYS`."""
        return self.filter(responsibility.standing_for(agencies))

    def with_role(self, activity: "Activity | int", roles: Sequence[str]) -> Self:
        """Return parties that have one of `roles` on `activity`, also through a unit or in a group."""
        linked = rows("ActivityAgency").filter(activity=activity, **responsibility.in_role(roles)).values("agency")
        return self.filter(responsibility.counted_for(linked))

    def roles_on(self, activity: "Activity | int | Param", agencies: QuerySet) -> QuerySet:
        """Return the roles that `agencies` have on `activity`, also through a unit or in a group, in rows of one."""
        links = rows("ActivityAgency").filter(activity=activity, agency__in=self.standing_for(agencies.values("pk")))
        return links.order_by().values_list("role").distinct()

    def of_member(self, user: "User | int | Param") -> Self:
        """Return parties that `user` belongs to now."""
        return self.filter(pk__in=rows("Membership").active().filter(user=user).values("agency"))

    def matching(self, word: str) -> Self:
        """Return parties one of whose names, or an alias, holds the folded `word`."""
        aliases = rows("AgencyAlias").filter(key__contains=word)
        return self.filter(Q(search_text__contains=word) | Q(pk__in=aliases.values("agency")))

    def called(self, keys: Collection[str]) -> Self:
        """Return parties one of whose names, or an alias, is compared as one of `keys` (see `text.fold`)."""
        aliases = rows("AgencyAlias").filter(key__in=keys)
        own = Q(name_key__in=keys) | Q(name_mi_key__in=keys) | Q(name_en_key__in=keys)
        return self.filter(Q(own, merged_into=None) | Q(pk__in=aliases.values("agency")))

    def gone(self, on: "Day") -> Self:
        """Return parties that ended before the day `on`, and those for which no one can report."""
        people = rows("Membership").active().filter(user__is_active=True).values("agency")
        return self.filter(Q(ended_on__lt=on) | ~responsibility.standing_for(people))

    def unmerged(self) -> Self:
        """Return parties that were not merged into another one: those that can be chosen."""
        return self.filter(merged_into=None)

    def in_plan(self, plan: "Plan | int | Expression") -> Self:
        """Return parties that lead or support an activity of `plan`, also through a unit or in a group."""
        linked = rows("ActivityAgency").filter(activity__plan=plan, activity__withdrawn_on=None).values("agency")
        return self.filter(responsibility.counted_for(linked))

    def with_groups(self) -> Self:
        """Annotate `group_id`: each party comes once for every group that it is in, once with None if in none."""
        return self.annotate(group_id=F("groups"))


class AgencyMergeQuerySet(QuerySet):
    """Merges of agencies, the latest first."""

    def in_force(self) -> Self:
        """Return merges that were not undone."""
        return self.filter(undone_at=None)


class AgencyAliasQuerySet(QuerySet):
    """Other names that agencies go by."""

    def get_by_natural_key(self, key: str) -> "AgencyAlias":
        """Return the alias of that folded text, for fixtures."""
        return self.get(key=key)
