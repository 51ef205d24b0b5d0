"""Putting an earlier version of an activity in the place of what it is now: as a new version, so that none is lost."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from plans.actions.activities import place_agencies
from plans.actions.row_changes import lock, put_values, save_fields, save_row
from plans.choices import Role
from plans.models import Activity, Agency, SubActivity, User


@transaction.atomic
def restore_version(*, activity: Activity, version: Any, by: User, reason: str, on: date) -> None:
    """Make `activity` what it was in `version` (a `plans.summaries.record.Version`): values, agencies, sub-activities.

    In place of an agency that was merged since comes the one that it was merged into; a lead agency does not support.

    Sub-activities that were added later are withdrawn from the day `on`. The status and all updates stay. The
    history says which version was restored, and `reason`. Raises `ValidationError`, with nothing saved, for what
    can no longer be.
    """
    locked = lock(activity)
    why: dict[str, Any] = {"by": by, "reason": f"Restored the version of {version.name}: {reason}"}
    if put_values(locked, version.columns):
        locked.full_clean()
        save_fields(locked, fields=[*version.columns, "search_text"], **why)
    place_agencies(activity=locked, agencies=_remaining(version.agencies), **why)
    merged = dict(Agency.objects.exclude(merged_into=None).values_list("pk", "merged_into"))
    for item in locked.sub_activities.all():
        values = _values_of(item, version, on)
        if "agency_id" in values:
            values["agency_id"] = merged.get(values["agency_id"], values["agency_id"])
        if put_values(item, values):
            item.full_clean()
            save_row(item, **why)


def _values_of(item: SubActivity, version: Any, on: date) -> dict[str, Any]:
    values = version.item_values.get(item.pk)
    return {"withdrawn_on": item.withdrawn_on or on} if values is None else values


def _remaining(agencies: Mapping[Role, Sequence[Agency]]) -> dict[Role, Sequence[Agency]]:
    found: dict[Role, Sequence[Agency]] = {}
    taken: set[int] = set()
    for role in Role:
        parties = [agency.merged_into or agency for agency in agencies.get(role, ())]
        found[role] = [one for one in dict.fromkeys(parties) if one.pk not in taken]
        taken |= {one.pk for one in found[role]}
    return found
