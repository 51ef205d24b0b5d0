"""How actions change rows: locked, and with who and why in the history."""

from collections.abc import Mapping, Sequence
from typing import Any

from plans.models import Activity, User


def lock(activity: Activity) -> Activity:
    """Return `activity` as it is now, locked until the transaction ends."""
    return Activity.objects.select_for_update().get(pk=activity.pk)


def put_values(row: Any, values: Mapping[str, Any]) -> list[str]:
    """Put `values` {column: value} on a row, and return the names of those that it did not have. Nothing is saved."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def sign(row: Any, *, by: User, reason: str) -> None:
    """Have the history of a row, and of its many-to-many fields, say who changes it next, and why."""
    row._history_user, row._change_reason = by, reason  # simple-history's, which has no other way


def save_fields(row: Any, *, by: User, reason: str, fields: Sequence[str]) -> None:
    """Save some fields of a row; its history says who and why, also where no web request tells it."""
    sign(row, by=by, reason=reason)
    row.save(update_fields=fields)


def save_row(row: Any, *, by: User, reason: str) -> None:
    """Save a row as a whole, new or not; its history says who and why."""
    sign(row, by=by, reason=reason)
    row.save()


def remove_row(row: Any, *, by: User, reason: str) -> None:
    """Delete a row whose history is kept; the last entry there says who and why."""
    sign(row, by=by, reason=reason)
    row.delete()
