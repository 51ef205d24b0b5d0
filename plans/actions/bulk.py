"""Many rows of a model at once, with their history: a constant number of statements for each 500 rows.

The history gets what saving row by row would give it, but by the database, which copies the rows where they are.
No `save` and no signal of the rows has a part in it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from plans.models import User

ROWS_AT_A_TIME = 500


@dataclass(frozen=True)
class Authorship:
    """Who changes rows, why, and when: what their history says of it."""

    by: User
    reason: str
    at: datetime


def insert_rows(model, rows, author):
    """Add `rows` of `model`, which have their ids afterwards. Call it in a transaction."""
    model._default_manager.bulk_create(rows, batch_size=ROWS_AT_A_TIME)
    _record(model, rows, "+", author)


def change_rows(model, rows, fields, author):
    """Save the `fields` of `rows`, which are whole and locked, and their folded columns. Call it in a transaction."""
    if not rows:
        return
    # Rows that are there already meet themselves, so that one statement changes many, each in its own way.
    folded = [field.name for field in model._meta.fields if getattr(field, "sources", None)]
    model._default_manager.bulk_create(
        rows,
        batch_size=ROWS_AT_A_TIME,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=sorted({*fields, *folded}),
    )
    _record(model, rows, "~", author)


def remove_rows(model, rows, author):
    """Delete `rows`; the history keeps them. Nothing else may depend on them. Call it in a transaction."""
    _record(model, rows, "-", author)
    for some in _chunks(rows):
        found = model._default_manager.filter(pk__in=[row.pk for row in some])
        # `delete()` would fetch each row and write its history one by one.
        found._raw_delete(found.db)


def _record(model, rows, kind, author):
    """Copy `rows`, as the database has them, into the history of `model`."""
    history = model.history.model
    said = {
        "history_date": author.at,
        "history_type": kind,
        "history_change_reason": author.reason,
        "history_user": author.by.pk,
    }
    fields = [history._meta.get_field(name) for name in said]
    values = [field.get_db_prep_save(value, connection) for field, value in zip(fields, said.values(), strict=True)]
    quote = connection.ops.quote_name
    kept = ", ".join(quote(field.column) for field in history.tracked_fields)
    names = ", ".join(quote(field.column) for field in fields)
    into, source, key = map(quote, (history._meta.db_table, model._meta.db_table, model._meta.pk.column))
    with connection.cursor() as cursor:
        for some in _chunks(rows):
            places = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"INSERT INTO {into} ({kept}, {names}) SELECT {kept}, {', '.join(['%s'] * len(values))}"  # noqa: S608 - names of ours
                f" FROM {source} WHERE {key} IN ({places}) ORDER BY {key}",
                [*values, *(row.pk for row in some)],
            )


def _chunks(rows):
    return (rows[start : start + ROWS_AT_A_TIME] for start in range(0, len(rows), ROWS_AT_A_TIME))
