"""The names of all agencies in one table, whose key keeps two agencies from having one name.

`plans_agencyname` has a row for each name, te reo name, English name and alias, as `plans.text.fold` compares them.
An agency that was merged into another has none: its names are aliases of that one.
Triggers of the database fill it from the tables of agencies and aliases, so nothing can go around it: a page, the
admin, an import, a fixture, plain SQL. Whoever writes a name that is another agency's gets an `IntegrityError`. It is
no model, since nobody reads it: a backup is better without it, and a restored database fills its own.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

TABLE = "plans_agencyname"
WATCHED = {
    "plans_agency": ("id", ("name_key", "name_mi_key", "name_en_key", "merged_into_id")),
    "plans_agencyalias": ("agency_id", ("agency_id", "key")),
}
"""{table that has names: (its column of the agency, the columns that a change of names changes)}."""
NAMES = (
    "SELECT key, agency_id FROM (SELECT name_key AS key, id AS agency_id FROM plans_agency WHERE merged_into_id IS NULL"
    " UNION SELECT name_mi_key, id FROM plans_agency WHERE merged_into_id IS NULL"
    " UNION SELECT name_en_key, id FROM plans_agency WHERE merged_into_id IS NULL"
    " UNION SELECT key, agency_id FROM plans_agencyalias) AS named WHERE key <> ''"
)
EMPTY = f"DELETE FROM {TABLE}"  # noqa: S608 - our table
FILL = f"INSERT INTO {TABLE} (key, agency_id) {NAMES}"
PREFIX = "agency_names_"
MAKE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION keep_agency_names() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    changed bigint[] := '{{}}';
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        {EMPTY};
        {FILL};
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        changed := changed || (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        changed := changed || (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    END IF;
    {EMPTY} WHERE agency_id = ANY (changed);
    {FILL} AND agency_id = ANY (changed);
    RETURN NULL;
END
$$
"""


def keep_agency_names(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Put the triggers in place, and fill the table if they were not; does nothing before the table is there.

    Comes after every `migrate`. Raises `IntegrityError` when names clash that no trigger has seen.
    """
    database = connections[using]
    if TABLE not in database.introspection.table_names():
        return
    with database.cursor() as cursor:
        cursor.execute(TRIGGERS_THERE[database.vendor])
        is_kept = cursor.fetchone()[0] == len(TRIGGERS[database.vendor])
        if not is_kept or database.vendor == "postgresql":
            for statement in TRIGGERS[database.vendor].values():
                cursor.execute(statement)
        if not is_kept:
            cursor.execute(EMPTY)
            cursor.execute(FILL)


def drop_triggers_of_sqlite(using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """Drop the triggers before a `migrate` on SQLite: it makes changed tables anew, and a trigger would miss one."""
    database = connections[using]
    if database.vendor == "sqlite":
        with database.cursor() as cursor:
            for name in TRIGGERS["sqlite"]:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')


def lock_agency_names() -> None:
    """Let nobody else change names of agencies until the transaction ends; on SQLite the transaction sees to it.

    Take it before the rows of agencies: whoever waits sees in the check of their form what the other one saved.
    """
    _lock("SHARE ROW EXCLUSIVE")


def hold_agency_names() -> None:
    """Have agencies stay what they are until the transaction ends, so that none of them is merged meanwhile.

    Take it before asking whether one is merged and adding a row that names it. Those who do so do not wait for each
    other, nor for those who change names; only for a merge, which waits for them.
    """
    _lock("ROW SHARE")


def lock_agencies_for_merge() -> None:
    """Let nobody add a row that names an agency, or change a name, until the transaction ends."""
    _lock("EXCLUSIVE")


def _lock(mode: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {TABLE} IN {mode} MODE")


def _of_sqlite() -> dict[str, str]:
    """Return {name: statement} of the triggers of SQLite, which fire for each row."""
    found = {}
    for table, (owner, columns) in WATCHED.items():
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
            name = f"{PREFIX}{table}_{event.lower()}"
            changed = f"agency_id IN ({', '.join(f'{row}.{owner}' for row in rows)})"
            old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
            of, when = (f" OF {', '.join(columns)}", f" WHEN ({old}) IS NOT ({new})") if len(rows) > 1 else ("", "")
            found[name] = (
                f'CREATE TRIGGER IF NOT EXISTS "{name}" AFTER {event}{of} ON {table}{when}'
                f" BEGIN {EMPTY} WHERE {changed}; {FILL} AND {changed}; END"
            )
    return found


def _of_postgresql() -> dict[str, str]:
    """Return {name: statement} of the triggers of PostgreSQL."""
    found = {}
    for table, (owner, columns) in WATCHED.items():
        for event, each in (
            ("INSERT OR DELETE", "ROW"),
            (f"UPDATE OF {', '.join(columns)}", "ROW"),
            ("TRUNCATE", "STATEMENT"),
        ):
            name = f"{PREFIX}{table}_{event.partition(' ')[0].lower()}"
            found[name] = (
                f'DROP TRIGGER IF EXISTS "{name}" ON {table};'
                f' CREATE TRIGGER "{name}" AFTER {event} ON {table}'
                f" FOR EACH {each} EXECUTE FUNCTION keep_agency_names('{owner}')"
            )
    return found


TRIGGERS = {"sqlite": _of_sqlite(), "postgresql": {"": MAKE_FUNCTION, **_of_postgresql()}}
TRIGGERS_THERE = {
    "sqlite": f"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{PREFIX}%'",  # noqa: S608
    "postgresql": "SELECT 1 + count(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"  # noqa: S608
    f" WHERE tgname LIKE '{PREFIX}%' AND pg_table_is_visible(tgrelid)",
}
