"""The parties of a plan: who stands for whom, and what they are called."""

from django.db.models import Q, QuerySet

from plans.querysets.plans import CodedQuerySet
from plans.querysets.rows import rows


class AgencyQuerySet(CodedQuerySet):
    """Agencies and the other parties of a plan."""

    def standing_for(self, agencies):
        """Return parties whose links count for any of `agencies` (a queryset or ids).

        They are the agencies themselves, the units that are part of them, and the groups they belong to.
        """
        return self.filter(Q(pk__in=agencies) | Q(parent__in=agencies) | Q(pk__in=_groups_of(agencies)))

    def with_role(self, activity, role):
        """Return parties that have `role` on `activity`: named there, a parent of one named, or a member of a group."""
        linked = rows("ActivityAgency").filter(activity=activity, role=role).values("agency")
        return self.filter(Q(pk__in=linked) | Q(units__in=linked) | Q(groups__in=linked)).distinct()

    def roles_on(self, activity, agencies):
        """Return the roles that `agencies` have on `activity`, also through a unit or in a group, in rows of one."""
        links = rows("ActivityAgency").filter(activity=activity, agency__in=self.standing_for(agencies.values("pk")))
        return links.order_by().values_list("role").distinct()

    def of_member(self, user):
        """Return parties that `user` belongs to now."""
        return self.filter(pk__in=rows("Membership").active().filter(user=user).values("agency"))

    def matching(self, word):
        """Return parties one of whose names, or an alias, holds the folded `word`."""
        aliases = rows("AgencyAlias").filter(key__contains=word)
        return self.filter(Q(search_text__contains=word) | Q(pk__in=aliases.values("agency")))

    def in_plan(self, plan):
        """Return parties that lead or support an activity of `plan`, by themselves, as a parent or in a group."""
        linked = rows("ActivityAgency").filter(activity__plan=plan, activity__withdrawn_on=None).values("agency")
        parents = self.model._default_manager.filter(pk__in=linked, parent__isnull=False).values("parent")
        members = self.model.members.through._default_manager.filter(from_agency__in=linked).values("to_agency")
        return self.filter(Q(pk__in=linked) | Q(pk__in=parents) | Q(pk__in=members))


def _groups_of(agencies):
    through = rows("Agency").model.members.through
    return through._default_manager.filter(to_agency__in=agencies).values("from_agency")


class AgencyAliasQuerySet(QuerySet):
    """Other names that agencies go by."""

    def get_by_natural_key(self, key):
        """Return the alias of that folded text, for fixtures."""
        return self.get(key=key)
