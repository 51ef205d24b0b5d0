"""Adding and editing an agency, with what it is also known as. Each is atomic and says who did it (`by`)."""

from collections.abc import Collection, Iterable

from django.db import transaction

from plans.actions.row_changes import remove_row, save_row, sign
from plans.models import Agency, AgencyAlias, User
from plans.text import fold


@transaction.atomic
def save_agency(
    *,
    agency: Agency,
    by: User,
    reason: str,
    is_changed: bool = True,
    members: Collection[Agency] | None = None,
    aliases: Iterable[str] | None = None,
) -> Agency:
    """Save `agency`, new or locked, whose row `is_changed`; returns it.

    `members` and `aliases` are all that it is to have, None to leave them. An earlier name stays as one that it is
    also known as. Raises `ValidationError`, with nothing saved, for what cannot be.
    """
    earlier = Agency.objects.filter(pk=agency.pk).values_list("name", flat=True).first()
    agency.full_clean()
    if is_changed:
        save_row(agency, by=by, reason=reason)
    if members is not None:
        sign(agency, by=by, reason=reason)
        agency.members.set(members)
    if aliases is not None:
        _set_aliases(agency, aliases, by, reason)
    if earlier is not None:
        keep_earlier_name(agency=agency, earlier=earlier, by=by, reason=reason)
    return agency


@transaction.atomic
def keep_earlier_name(*, agency: Agency, earlier: str, by: User, reason: str) -> None:
    """Have `agency`, which was called `earlier`, also be known by that. See `earlier_name`."""
    if row := earlier_name(agency, earlier):
        row.full_clean()
        save_row(row, by=by, reason=reason)


def earlier_name(agency: Agency, earlier: str) -> AgencyAlias | None:
    """Return what keeps `earlier` as another name of `agency`, not saved yet; None when it is called that still.

    Older files go on naming it so. Whatever renames an agency asks here. One that was merged has no names to keep.
    """
    key = fold(earlier)
    if not key or agency.merged_into_id or key in {fold(name) for name in agency.names}:
        return None
    return None if agency.aliases.filter(key=key).exists() else AgencyAlias(agency=agency, alias=earlier, key=key)


def _set_aliases(agency: Agency, aliases: Iterable[str], by: User, reason: str) -> None:
    wanted = {fold(alias): alias for alias in aliases}
    for row in agency.aliases.all():
        if row.key not in wanted:
            remove_row(row, by=by, reason=reason)
        elif row.alias != wanted[row.key]:
            row.alias = wanted[row.key]
            save_row(row, by=by, reason=reason)
        wanted.pop(row.key, None)
    for alias in wanted.values():
        _add_alias(agency, alias, by, reason)


def _add_alias(agency: Agency, alias: str, by: User, reason: str) -> None:
    row = AgencyAlias(agency=agency, alias=alias)
    row.full_clean()
    save_row(row, by=by, reason=reason)
