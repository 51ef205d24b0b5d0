"""What agencies and areas are called: all that activities point to, whichever plan they are in."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from plans.fast.queries import prepared
from plans.models import Agency, FocusArea, PriorityArea

FIELDS = "which", "pk", "place", "key", "code", "name", "name_mi", "name_en", "kind", "into"


@dataclass(frozen=True)
class Names:
    """All agencies by name and all areas in their order, {id: it}, each with its code and names and nothing else."""

    agencies: dict[int, Agency]
    focus_areas: dict[int, FocusArea]
    priority_areas: dict[int, PriorityArea]

    @cached_property
    def by_code(self) -> dict[str, Agency]:
        """The agencies: {code in lower case: agency}; of one that was merged, that which it was merged into."""
        agencies = self.agencies
        return {one.code.lower(): agencies.get(one.merged_into_id or 0, one) for one in agencies.values()}

    @property
    def ordered(self) -> list[Agency]:
        """The agencies by name."""
        return list(self.agencies.values())


def read_names() -> Names:
    """Return the `Names` of now. One query."""
    agencies, focus_areas, priority_areas = {}, {}, {}
    for which, pk, place, _, code, *names in sorted(_named(), key=lambda row: (row[0], *row[2:4])):
        if which == Agency.__name__:
            name, name_mi, name_en, kind, into = names
            told = {"name": name, "name_mi": name_mi, "name_en": name_en, "kind": kind, "merged_into_id": into or None}
            agencies[pk] = Agency(pk=pk, code=code, **told)
        elif which == FocusArea.__name__:
            focus_areas[pk] = FocusArea(pk=pk, position=place, code=code, statement=names[0])
        else:
            priority_areas[pk] = PriorityArea(pk=pk, position=place, code=code, name=names[0])
    return Names(agencies, focus_areas, priority_areas)


@prepared
def _named() -> QuerySet[Any, Any]:
    blank = {**{name: Value("") for name in ("name_mi", "name_en", "kind")}, "into": Value(0)}
    agencies = Agency.objects.annotate(
        which=Value(Agency.__name__), place=Value(0), key=F("name_key"), into=Coalesce("merged_into", 0)
    )
    focus_areas = FocusArea.objects.annotate(name=F("statement"), **_as_area(FocusArea), **blank)
    priority_areas = PriorityArea.objects.annotate(**_as_area(PriorityArea), **blank)
    first, *others = (some.order_by().values_list(*FIELDS) for some in (agencies, focus_areas, priority_areas))
    # Without an order of the whole, which Django 6.1 would otherwise take from the model of the first.
    return first.union(*others, all=True).order_by()


def _as_area(model: type[FocusArea] | type[PriorityArea]) -> dict[str, Any]:
    return {"which": Value(model.__name__), "place": F("position"), "key": F("code")}
