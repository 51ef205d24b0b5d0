"""What is kept of each row of a file: what it comes to, and what applying it replaced.

Rows are written in short transactions, so that others can save something in between, under an attempt that does not
count yet; `finish` makes it count. Whoever is stopped half-way leaves rows that nobody is shown.
"""

import time

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from plans.actions.bulk import insert_rows
from plans.choices import RowKind
from plans.models import Activity, Import, ImportRow
from plans.spreadsheets.importing.problems import Stopped

KEPT = "The plan has changed it since the file was made; the file has not. It stays as the plan has it."
WRITTEN_AT_A_TIME = 500
REMOVED_AT_A_TIME = 5_000
TURN_SECONDS = 0.05
"""How long SQLite is left to others between two transactions: they look every 25 to 50 ms whether it is free."""


def keep_rows(source, outcomes, *, state, traces=None):
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


def remove_uncounted_rows(source):
    """Delete the rows of other attempts than the one that counts, some at a time."""
    # No history and nothing else hangs on them.
    others = ImportRow.objects.filter(source=source.pk).exclude(attempt=source.rows_attempt).order_by("pk")
    while some := list(others.values_list("pk", flat=True)[:REMOVED_AT_A_TIME]):
        found = others.filter(pk__lte=some[-1]).order_by()
        found._raw_delete(found.db)  # noqa: SLF001 - one DELETE; `delete()` reads each row first
        if len(some) < REMOVED_AT_A_TIME:
            break
        leave_to_others()


def point_to_new_activities(source, attempt):
    """Have the rows of an attempt that made activities point to them, which are there only now. One query."""
    made = Activity.objects.filter(plan=source.plan_id, number=OuterRef("number"))
    rows = ImportRow.objects.filter(source=source.pk, attempt=attempt, kind=RowKind.CREATED, activity=None)
    rows.exclude(after={}).update(activity_id=Subquery(made.values("pk")[:1]))


def held(source, state):
    """The import as a queryset, empty unless it is in `state` and its claim is still that of `source`."""
    return Import.objects.filter(pk=source.pk, state=state, claim=source.claim)


def leave_to_others():
    """Let whoever waits for SQLite have their turn: it is not a queue, so that who asks at once gets it again."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(TURN_SECONDS)


def _row(source, outcome, attempt, trace):
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
