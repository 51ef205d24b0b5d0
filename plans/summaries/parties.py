"""The parties of a plan, for whom each stands, and how that brings an agency onto an activity."""

from collections.abc import Iterable, KeysView
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextField

from plans import responsibility
from plans.choices import Role
from plans.fast.kept_answers import kept
from plans.fast.queries import Param, ParamList, prepared
from plans.models import Activity, Agency, Plan


@dataclass(frozen=True)
class Involvement:
    """How an agency comes to be found on an activity that does not name it."""

    agency: Agency
    role: Role
    through: Agency

    @property
    def text(self) -> str:
        """Said in words: "Police supports as part of All agencies"."""
        verb = "leads" if self.role == Role.LEAD else "supports"
        if not self.through.is_group:
            return f"{self.agency} {verb} through the {self.through}"
        return f"{self.agency} {verb} as part of {self.through.label}"


@prepared
def _with_groups() -> QuerySet[Any, Any]:
    """Return the parties of a plan and those of some codes, each once for every group that it is in, as `group_id`."""
    asked = Q(code__in=ParamList("also", TextField()))
    into = Agency.objects.filter(asked).values("merged_into")
    agencies = Agency.objects.filter(
        Q(pk__in=Agency.objects.in_plan(Param("plan")).values("pk")) | asked | Q(pk__in=into)
    )
    return agencies.select_related("parent").with_groups()


class Parties:
    """The parties of a plan, and for whom each stands. One query."""

    def __init__(self, plan: Plan, also: Iterable[str] = ()) -> None:
        """Load the parties of `plan` and those whose codes are in `also`."""
        codes = tuple(also)
        agencies = kept(("parties", plan.pk, codes), lambda: _with_groups(plan=plan.pk, also=codes))
        self.by_id = {agency.pk: agency for agency in agencies}
        self._counting = responsibility.who_counts(agencies)
        # An address of before a merge names the agency that there is no more.
        self.by_code = {
            agency.code.lower(): self.by_id.get(agency.merged_into_id, agency) for agency in self.by_id.values()
        }

    @property
    def ordered(self) -> list[Agency]:
        """The parties by name, groups last."""
        return sorted(self.by_id.values(), key=lambda agency: (agency.is_group, agency.name_key))

    def credited(self, agency_id: int) -> KeysView[int]:
        """Return ids of the parties that a link with this agency counts for, itself among them."""
        return self._counting.get(agency_id, {agency_id: None}).keys()

    def reporting_on(self, activity: Activity) -> set[int]:
        """Return ids of the parties that report on `activity`. No query after a prefetch."""
        links = [link for link in activity.agency_links.all() if link.role in responsibility.REPORTING]
        return {one for link in links for one in self.credited(link.agency_id)}

    def involvements(self, activity: Activity, codes: Iterable[str]) -> list[Involvement]:
        """Return how each agency of `codes` is on `activity` without being named there. No query after a prefetch."""
        links = activity.agency_links.all()
        named = {link.agency_id for link in links}
        agencies = [self.by_code[code] for code in codes if code in self.by_code]
        return [
            Involvement(agency, Role(link.role), link.agency)
            for agency in agencies
            if agency.pk not in named
            for link in links
            if agency.pk in self.credited(link.agency_id)
        ]
