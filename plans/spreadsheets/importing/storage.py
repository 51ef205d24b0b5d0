"""What is kept of each row of a file, and room for files: the quota, and clearing what was refused or discarded."""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from plans.actions.bulk import insert_rows
from plans.choices import ImportState, RowKind
from plans.models import Activity, Import, ImportRow, Plan
from plans.querysets import ImportQuerySet
from plans.spreadsheets.importing.job_state import Stopped, held

if TYPE_CHECKING:
    from plans.spreadsheets.importing.activity_batch import Trace
    from plans.spreadsheets.importing.outcome import RowOutcome

KEPT = "The plan changed it after the file was made, and the file did not. The plan's value is kept."
WRITTEN_AT_A_TIME = 500
REMOVED_AT_A_TIME = 5_000
TURN_SECONDS = 0.05
"""How long SQLite is left to others between two transactions: they look every 25 to 50 ms whether it is free."""
MEGABYTE = 1_000_000
CLEARABLE = (ImportState.REFUSED, ImportState.DISCARDED)
NO_ROOM = (
    "There is no room for this file. The imported files of this plan may take up {most:,} MB, and {used:,} MB are in "
    "use. Discard files that are no longer needed, and ask the people who run this tracker to clear them."
)


def keep_rows(
    source: Import,
    outcomes: "list[RowOutcome]",
    *,
    state: ImportState,
    traces: "dict[int | None, Trace] | None" = None,
) -> int:
    """Write the `RowOutcome`s of an import that is in `state` under a new attempt, and return its number.

    `traces` is {row: `Trace`} of what is being applied. Raises `Stopped` when the import is not in `state` any more,
    or its claim is another's. A constant number of queries for each 500 rows.
    """
    remove_uncounted_rows(source)
    attempt = source.rows_attempt + 1
    for start in range(0, len(outcomes), WRITTEN_AT_A_TIME):
        some = outcomes[start : start + WRITTEN_AT_A_TIME]
        rows = [_row(source, one, attempt, (traces or {}).get(one.row)) for one in some]
        if start:
            leave_to_others()
        with transaction.atomic():
            if not list(held(source, state).select_for_update().values_list("pk")):
                raise Stopped
            insert_rows(ImportRow, rows)
    return attempt


def remove_uncounted_rows(source: Import) -> None:
    """Delete the rows of other attempts than the one that counts, some at a time."""
    # No history and nothing else hangs on them.
    others = ImportRow.objects.filter(source=source.pk).exclude(attempt=source.rows_attempt).order_by("pk")
    while some := list(others.values_list("pk", flat=True)[:REMOVED_AT_A_TIME]):
        found = others.filter(pk__lte=some[-1]).order_by()
        found._raw_delete(found.db)  # noqa: SLF001 - one DELETE; `delete()` reads each row first
        if len(some) < REMOVED_AT_A_TIME:
            break
        leave_to_others()


def point_to_new_activities(source: Import, attempt: int) -> None:
    """Have the rows of an attempt that made activities point to them, which are there only now. One query."""
    made = Activity.objects.filter(plan=source.plan_id, number=OuterRef("number"))
    rows = ImportRow.objects.filter(source=source.pk, attempt=attempt, kind=RowKind.CREATED, activity=None)
    rows.exclude(after={}).update(activity_id=Subquery(made.values("pk")[:1]))


def leave_to_others() -> None:
    """Let whoever waits for SQLite have their turn: it is not a queue, so that who asks at once gets it again."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(TURN_SECONDS)


def _row(source: Import, outcome: "RowOutcome", attempt: int, trace: "Trace | None") -> ImportRow:
    notes = [{"column": "", "note": note} for note in outcome.notes]
    notes += [{"column": heading, "note": f"{heading}: {KEPT}"} for heading in outcome.kept]
    row = ImportRow(
        source_id=source.pk,
        attempt=attempt,
        row=outcome.row,
        number=outcome.number,
        kind=outcome.kind.value,
        has_conflict=outcome.has_conflict,
        changes=[change.as_json() for change in outcome.changes] + notes,
        errors=[error.as_json() for error in outcome.errors],
        activity_id=outcome.activity_id,
    )
    if trace:
        row.before, row.after = trace.before, trace.after
    return row


class NoRoom(ValueError):
    """The files of a plan would take up more than they may; its text says so, and how to make room."""


def used_bytes(plan: Plan | int) -> int:
    """Return how many bytes the uploads of a plan take up that are not cleared. One query."""
    kept = Import.objects.filter(plan=plan, cleared_at=None)
    return kept.order_by().aggregate(total=Coalesce(Sum("size_bytes"), 0))["total"]


def require_room(plan: Plan | int, size_bytes: int) -> None:
    """Raise `NoRoom` when so many bytes more would be too many. One query."""
    used = used_bytes(plan)
    if used + size_bytes > settings.IMPORT_QUOTA_MB * MEGABYTE:
        raise NoRoom(NO_ROOM.format(most=settings.IMPORT_QUOTA_MB, used=round(used / MEGABYTE)))


def clearable(days: int) -> ImportQuerySet:
    """Return the imports that were refused or discarded at least so many days ago, and not cleared yet."""
    # Whoever discards one leaves a sign of life; one that was refused has none.
    ended = Import.objects.annotate(ended_at=Coalesce("beat_at", "uploaded_at"))
    long_ago = now() - timedelta(days=days)
    return ended.filter(state__in=CLEARABLE, cleared_at=None, ended_at__lte=long_ago).without_file().order_by("pk")


def clear(source: Import) -> bool:
    """Remove the file and the rows of an import that was refused or discarded; return whether it still was.

    What remains is its name, size and checksum, who uploaded it and when, its counts, and why it was refused.
    """
    rows = Import.objects.filter(pk=source.pk, state__in=CLEARABLE, cleared_at=None)
    if not rows.update(content=b"", findings={}, cleared_at=now(), claim="", rows_attempt=source.rows_attempt + 1):
        return False
    source.refresh_from_db(fields=["rows_attempt", "cleared_at"])
    remove_uncounted_rows(source)
    return True


def clear_leftovers() -> None:
    """Remove the rows of cleared imports that are still there, since clearing was stopped half-way."""
    left = ImportRow.objects.filter(source__cleared_at__isnull=False).order_by().values_list("source", flat=True)
    for source in Import.objects.without_file().filter(pk__in=left.distinct()):
        remove_uncounted_rows(source)
