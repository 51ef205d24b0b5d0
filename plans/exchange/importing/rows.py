"""What is kept of each row of a file: what it comes to, and what applying it replaced."""

from plans.actions.bulk import ROWS_AT_A_TIME, insert_rows
from plans.models import ImportRow

KEPT = "The plan has changed it since the file was made; the file has not. It stays as the plan has it."


def keep_rows(source, outcomes, traces=None):
    """Keep the `RowOutcome`s of an import in the place of those that were kept before. Call it in a transaction.

    `traces` is {row: `Trace`} of what was applied. A constant number of queries for each 500 rows.
    """
    # No history and nothing else hangs on them, so they go in one statement.
    found = ImportRow.objects.filter(source=source)
    found._raw_delete(found.db)
    for start in range(0, len(outcomes), ROWS_AT_A_TIME):
        some = outcomes[start : start + ROWS_AT_A_TIME]
        insert_rows(ImportRow, [_row(source, one, (traces or {}).get(one.row)) for one in some])


def _row(source, outcome, trace):
    notes = [{"column": "", "note": note} for note in outcome.notes]
    notes += [{"column": heading, "note": f"{heading}: {KEPT}"} for heading in outcome.kept]
    row = ImportRow(
        source_id=source.pk,
        row=outcome.row,
        number=outcome.number,
        kind=outcome.kind.value,
        has_conflict=outcome.has_conflict,
        changes=[change.as_json() for change in outcome.changes] + notes,
        errors=[error.as_json() for error in outcome.errors],
        activity_id=trace.activity.pk if trace else outcome.activity_id,
    )
    if trace:
        row.before, row.after = trace.before, trace.after
    return row
