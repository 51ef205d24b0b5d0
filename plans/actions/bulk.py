"""Many rows of a model at once, with their history: a constant number of statements for each 500 rows.

The history gets what saving row by row would give it, but by the database, which copies the rows where they are.
No `save` and no signal of the rows has a part in it. Call all of it in a transaction.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Field, ForeignKey

from plans.actions.deferring import at_once, copy_rows, is_collecting
from plans.models import User

ROWS_AT_A_TIME = 500
NEW_IDS = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
LAST_ID = "SELECT max(ifnull((SELECT seq FROM sqlite_sequence WHERE name = %s), 0), ifnull(max(id), 0)) FROM {}"
AS_IT_IS = {
    *("BigAutoField", "BooleanField", "CharField", "ForeignKey", "PositiveBigIntegerField", "PositiveIntegerField"),
    *("PositiveSmallIntegerField", "SlugField", "TextField"),
}
"""Sorts of columns whose values every database takes as Python has them."""


@dataclass(frozen=True)
class Authorship:
    """Who changes rows, why, and when: what their history says of it."""

    by: User
    reason: str
    at: datetime


def insert_rows(model: Any, rows: Sequence[Any], author: Authorship | None = None) -> None:
    """Add `rows` of `model`, which have their ids afterwards, at the latest; without `author` no history is written.

    Django's `bulk_create` does the same, at several times the cost for each row.
    """
    give_ids(model, [row for row in rows if row.pk is None])
    (_copy if connection.vendor == "postgresql" else _write)(model, rows)
    for row in rows:
        row._state.adding = False
    if author:
        _record(model, rows, "+", author)


def change_rows(model: Any, rows: Sequence[Any], fields: Collection[str], author: Authorship) -> None:
    """Save the `fields` of `rows`, which are whole and locked, and their folded columns."""
    quote = connection.ops.quote_name
    folded = [field.name for field in model._meta.fields if getattr(field, "sources", None)]
    columns = [quote(model._meta.get_field(name).column) for name in sorted({*fields, *folded})]
    # Each row meets itself, so that one statement changes many, each in its own way.
    taken = ", ".join(f"{column} = excluded.{column}" for column in columns)
    _write(model, rows, f" ON CONFLICT ({quote(model._meta.pk.column)}) DO UPDATE SET {taken}")
    _record(model, rows, "~", author)


def remove_rows(model: Any, rows: Sequence[Any], author: Authorship) -> None:
    """Delete `rows`; the history keeps them. Nothing else may depend on them."""
    _record(model, rows, "-", author)
    for some in _chunks(rows):
        found = model._default_manager.filter(pk__in=[row.pk for row in some])
        # `delete()` would fetch each row and write its history one by one.
        found._raw_delete(found.db)  # noqa: SLF001 - one DELETE; `delete()` reads each row first


def give_ids(model: Any, rows: Sequence[Any]) -> None:
    """Give rows that are not saved yet the ids that they will be saved with, so that others can point to them."""
    for row, pk in zip(rows, _new_ids(model, len(rows)), strict=True):
        row.pk = pk


def _new_ids(model: Any, count: int) -> Sequence[int]:
    """Return so many ids that no row of `model` has or had, and that nobody else is given. One query."""
    if not count:
        return []
    table, is_ahead = model._meta.db_table, is_collecting()
    with at_once():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(NEW_IDS, [table, count])
                return [number for (number,) in cursor.fetchall()]
        last = _reserve(table, count) if is_ahead else _last_id(table)
    return range(last + 1, last + 1 + count)


def _last_id(table: str) -> int:
    """Return the highest id that SQLite has given to a row of the table, 0 for none."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_ID.format(connection.ops.quote_name(table)), [table])
        return cursor.fetchone()[0]


@transaction.atomic
def _reserve(table: str, count: int) -> int:
    """Have SQLite take the next ids of the table for given, and return the one before them.

    Whoever inserts rows right away need not: writers take turns, and SQLite takes note of the highest by itself.
    """
    last = _last_id(table)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + count, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last + count])
    return last


def _copy(model: Any, rows: Sequence[Any]) -> None:
    """Insert `rows` with their ids as PostgreSQL takes many: no statement with thousands of places to fill."""
    values = _values_of(model)
    for some in _chunks(rows):
        copy_rows(f"COPY {_table_of(model)} FROM STDIN", [[value(row) for value in values] for row in some])


def _write(model: Any, rows: Sequence[Any], ending: str = "") -> None:
    """Insert `rows` with their ids; `ending` says what becomes of those that are there already."""
    values = _values_of(model)
    places = ", ".join(["%s"] * len(values))
    beginning = f"INSERT INTO {_table_of(model)} VALUES "  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        for some in _chunks(rows):
            statement = f"{beginning}{', '.join([f'({places})'] * len(some))}{ending}"
            cursor.execute(statement, [value(row) for row in some for value in values])


def _table_of(model: Any) -> str:
    """Return the table with its columns, as a statement that inserts names them."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in model._meta.concrete_fields)
    return f"{quote(model._meta.db_table)} ({columns})"


def _values_of(model: Any) -> list[Callable[[Any], Any]]:
    """Return functions from a row to the value of each column."""
    # Itself, since `connection` looks it up anew for each of a hundred thousand values.
    database = connections[DEFAULT_DB_ALIAS]
    return [_value_of(field, database) for field in model._meta.concrete_fields]


def _value_of(field: Field, database: Any) -> Callable[[Any], Any]:
    """Return a function from a row to the value of `field`, as the connection `database` takes it."""
    name = field.attname
    if isinstance(field, ForeignKey):
        return lambda row: getattr(row, name) or _id_given_since(row, field)
    if type(field).pre_save is not Field.pre_save:
        return lambda row: field.get_db_prep_save(field.pre_save(row, row._state.adding), database)
    if field.get_internal_type() in AS_IT_IS:
        return attrgetter(name)
    return lambda row: field.get_db_prep_save(getattr(row, name), database)


def _id_given_since(row: Any, field: Any) -> Any:
    """Return the id of what `field` points to, which it may have got after it was put there; None for nothing."""
    target = field.get_cached_value(row, default=None)
    setattr(row, field.attname, target and target.pk)
    return getattr(row, field.attname)


def _record(model: Any, rows: Sequence[Any], kind: str, author: Authorship) -> None:
    """Copy `rows`, as the database has them, into the history of `model`."""
    history = model.history.model
    told = {
        "history_date": author.at,
        "history_type": kind,
        "history_change_reason": author.reason,
        "history_user": author.by.pk,
    }
    fields = [history._meta.get_field(name) for name in told]
    values = [field.get_db_prep_save(value, connection) for field, value in zip(fields, told.values(), strict=True)]
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


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + ROWS_AT_A_TIME] for start in range(0, len(rows), ROWS_AT_A_TIME))
