"""Triggers by which the database itself refuses to change or delete an issued pack, and what it asks.

Models and querysets refuse it too, with sentences for people; this holds for whoever comes another way: raw SQL, a
fixture, an update of many rows. A restore of a backup puts all packs in place of others, so it is `unguarded`. Emptying
a whole table (TRUNCATE) is not refused: that is `manage.py flush` on PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

PACKS, ASKS = "plans_pack", "plans_packask"
PREFIX = "issued_packs_"
REFUSED = "An issued pack never changes."
UNGUARDED = "rocc.packs_unguarded"
MAKE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION keep_issued_packs() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    packs bigint[] := '{{}}';
BEGIN
    IF TG_OP <> 'INSERT' THEN
        packs := packs || (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        packs := packs || (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    END IF;
    IF current_setting('{UNGUARDED}', true) IS DISTINCT FROM 'on'
        AND EXISTS (SELECT 1 FROM {PACKS} WHERE id = ANY (packs) AND state = 'issued')
    THEN
        RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$
"""  # noqa: S608 - names of ours
# Of a row that is there: by what its pack is before the change. {table: (events, column that names the pack)}
GUARDED = {PACKS: (("UPDATE", "DELETE"), "id"), ASKS: (("INSERT", "UPDATE", "DELETE"), "pack_id")}


def keep_issued_packs(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Put the triggers in place; does nothing before the tables are there. Comes after every `migrate`."""
    database = connections[using]
    if not {PACKS, ASKS} <= set(database.introspection.table_names()):
        return
    with database.cursor() as cursor:
        for statement in (_of_postgresql if database.vendor == "postgresql" else _of_sqlite)():
            cursor.execute(statement)


def drop_guards_of_sqlite(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Drop the triggers before a `migrate` on SQLite: it makes changed tables anew, and a trigger would miss one."""
    database = connections[using]
    if database.vendor == "sqlite":
        with database.cursor() as cursor:
            for name in _names():
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')


@contextmanager
def unguarded() -> Iterator[None]:
    """Let this transaction, which has to be one, replace issued packs; nobody else can meanwhile."""
    if connection.vendor != "postgresql":
        # One writes at a time there, and what happens to triggers is part of the transaction.
        drop_guards_of_sqlite()
        yield
        keep_issued_packs()
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [UNGUARDED])
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'off', true)", [UNGUARDED])


def _names() -> list[str]:
    return [_name(table, event) for table, (events, _) in GUARDED.items() for event in events]


def _name(table: str, event: str) -> str:
    return f"{PREFIX}{table}_{event.lower()}"


def _of_sqlite() -> Iterator[str]:
    for table, (events, column) in GUARDED.items():
        for event in events:
            rows = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}[event]
            packs = ", ".join(f"{row}.{column}" for row in rows)
            yield (
                f'CREATE TRIGGER IF NOT EXISTS "{_name(table, event)}" BEFORE {event} ON {table}'  # noqa: S608 - ours
                f" WHEN EXISTS (SELECT 1 FROM {PACKS} WHERE id IN ({packs}) AND state = 'issued')"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )


def _of_postgresql() -> Iterator[str]:
    yield MAKE_FUNCTION
    for table, (events, column) in GUARDED.items():
        yield (
            f'CREATE OR REPLACE TRIGGER "{PREFIX}{table}" BEFORE {" OR ".join(events)} ON {table}'
            f" FOR EACH ROW EXECUTE FUNCTION keep_issued_packs('{column}')"
        )
