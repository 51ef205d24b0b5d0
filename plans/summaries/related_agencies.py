"""What an agency is part of, and what is part of it, as plain values."""

from typing import Any, NamedTuple

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Lower

from plans.fast.queries import Param, prepared
from plans.models import Agency, AgencyAlias, Plan
from plans.summaries.activity_row import Party, party_of

UNIT, GROUP, MEMBER, ABSORBED, ALIAS = "unit", "group", "member", "absorbed", "alias"


class RelatedAgencies(NamedTuple):
    """Of an agency: its kind in words, and who is around it; `absorbed` were merged into it.

    `aliases` are what else people write for it.
    """

    kind: str
    parent: Party | None
    units: tuple[Party, ...]
    groups: tuple[Party, ...]
    members: tuple[Party, ...]
    absorbed: tuple[Party, ...]
    aliases: tuple[str, ...]


def find_party(plan: Plan, code: str) -> Agency | None:
    """Return the party of `plan` of that code, in either case, with its parent; None if there is none. One query."""
    return next(iter(_coded(plan=plan.pk, code=code.lower())), None)


def read_related_agencies(agency: Agency) -> RelatedAgencies:
    """Return the `RelatedAgencies` of an agency fetched with its parent. One query."""
    found: dict[str, list[Any]] = {UNIT: [], GROUP: [], MEMBER: [], ABSORBED: [], ALIAS: []}
    for how, _, code, name, name_mi in sorted(_related(agency=agency.pk), key=lambda row: row[1]):
        found[how].append(name if how == ALIAS else party_of(Agency(code=code, name=name, name_mi=name_mi)))
    return RelatedAgencies(
        kind=agency.get_kind_display(),
        parent=party_of(agency.parent) if agency.parent else None,
        units=tuple(found[UNIT]),
        groups=tuple(found[GROUP]),
        members=tuple(found[MEMBER]),
        absorbed=tuple(found[ABSORBED]),
        aliases=tuple(found[ALIAS]),
    )


def find_remaining(code: str) -> str | None:
    """Return the code of the agency that the one of this `code` was merged into, or None. One query."""
    return Agency.objects.coded(code).exclude(merged_into=None).values_list("merged_into__code", flat=True).first()


@prepared
def _coded() -> QuerySet[Any, Any]:
    agencies = Agency.objects.in_plan(Param("plan")).select_related("parent")
    # As the constraint has it, whose index it finds.
    return agencies.annotate(key=Lower("code")).filter(key=Param("code", TextField()))


@prepared
def _related() -> QuerySet[Any, Any]:
    asked = Param("agency")
    relations = {
        UNIT: {"parent": asked},
        GROUP: {"members": asked},
        MEMBER: {"groups": asked},
        ABSORBED: {"merged_into": asked},
    }
    agencies = [
        Agency.objects.filter(**being).order_by().values_list(Value(how), "name_key", "code", "name", "name_mi")
        for how, being in relations.items()
    ]
    aliases = AgencyAlias.objects.filter(agency=Param("agency")).order_by()
    related = agencies[0].union(
        *agencies[1:],
        aliases.values_list(Value(ALIAS), F("alias"), Value(""), F("alias"), Value("")),
        all=True,
    )
    # Without an order of the whole, which Django 6.1 would otherwise take from the model of the first.
    return related.order_by()
