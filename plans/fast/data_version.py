"""The data version: a number that differs whenever anything that pages are made of has changed.

The database keeps it in `plans_change_mark` by itself, with a trigger on every table but the `EXEMPT`, so no code can
forget it: a page, the admin, an import, a command, raw SQL and a restored file all move it. It moves in the transaction
that changes the data, so whoever sees the one sees the other. (Its table and triggers are called "change mark".)

On SQLite writers take turns, so the version is one row that each writer fills with a new random number.

On PostgreSQL writers must not wait for each other, so nobody updates a row: the first change of a transaction adds one
with a random number, and the version is all numbers that can be seen, combined by XOR. It differs between any two
states because each state sees another set of rows, whatever the order in which transactions commit; a highest number
would not move when the earlier of two commits last. Every hundredth row folds the older ones into a single row of the
same XOR, in one transaction, which leaves the version alone; rows that another one holds are skipped, so nobody waits.

The numbers are random so that none comes back: after a backup is restored a counter would count the same numbers
again, for other changes.
"""

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BigIntegerField, Expression

TABLE = "plans_change_mark"
# What no page for reading shows: who is signed in is asked for by itself, and the rest is for operators.
EXEMPT = frozenset(
    {
        *(TABLE, "cache", "django_admin_log", "django_migrations", "django_session", "plans_formkey", "plans_session"),
        # A calendar that is fetched says when, and no page that browsers keep shows it.
        "plans_calendarfeed",
        # What reads the data notes that it did.
        "plans_accesstoken",
        # It follows the tables of agencies and aliases.
        "plans_agencyname",
    }
)
# What SQLite keeps for itself, such as what ANALYZE finds out; it takes no triggers there.
OF_THE_ENGINE = "sqlite_"
READ = {
    "postgresql": "SELECT bit_xor(value) FROM plans_change_mark",
    "sqlite": "SELECT value FROM plans_change_mark",
}
TRIGGERS_THERE = {
    "postgresql": "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE tgname = 'change_mark' AND pg_table_is_visible(tgrelid) AND tgenabled = 'A'",
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    " AND name LIKE 'change_mark_%' GROUP BY tbl_name HAVING count(*) = 3",
}
MOVE = "UPDATE plans_change_mark SET value = random()"
# A name of the transaction in a setting that ends with it, or with the savepoint that is rolled back.
MAKE_FUNCTION = """
CREATE OR REPLACE FUNCTION change_mark() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    this text := pg_current_xact_id()::text;
    made bigint;
BEGIN
    IF current_setting('rocc.marked_by', true) IS NOT DISTINCT FROM this THEN
        RETURN NULL;
    END IF;
    INSERT INTO plans_change_mark DEFAULT VALUES RETURNING id INTO made;
    PERFORM set_config('rocc.marked_by', this, true);
    IF made % 100 = 0 AND current_setting('transaction_isolation') = 'read committed' THEN
        WITH folded AS (
            DELETE FROM plans_change_mark
            WHERE id IN (SELECT id FROM plans_change_mark WHERE id < made FOR UPDATE SKIP LOCKED)
            RETURNING value
        )
        INSERT INTO plans_change_mark (value) SELECT bit_xor(value) FROM folded HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$
"""


def read_data_version():
    """Return the data version of the database, a number; None when there is none. One query.

    Read it before what it stands for: then a change in between leaves the older version on the newer page, and the next
    look at it tells that they differ.
    """
    with connection.cursor() as cursor:
        cursor.execute(READ[connection.vendor])
        row = cursor.fetchone()
    return row and row[0]


class DataVersion(Expression):
    """The data version as part of another query, whose rows are no older than it is."""

    output_field = BigIntegerField()

    def as_sql(self, compiler, connection):
        """Ask in the words of the database that the query goes to."""
        return f"({READ[connection.vendor]})", []


def keep_data_version(using=DEFAULT_DB_ALIAS, **kwargs):
    """Put triggers on all tables that have none, and move the version; does nothing before the table of marks is there.

    Comes after every `migrate`, which may make tables, and on SQLite makes changed ones anew, without their triggers.
    """
    database = connections[using]
    if TABLE not in database.introspection.table_names():
        return
    statements = _postgresql if database.vendor == "postgresql" else _sqlite
    with database.cursor() as cursor:
        for statement in statements(sorted(tables_without_trigger(database))):
            cursor.execute(statement)


def tables_without_trigger(database=connection):
    """Return the names of the tables that could change without moving the version. Two queries."""
    with database.cursor() as cursor:
        cursor.execute(TRIGGERS_THERE[database.vendor])
        there = {name for (name,) in cursor.fetchall()}
    tables = {name for name in database.introspection.table_names() if not name.startswith(OF_THE_ENGINE)}
    return tables - EXEMPT - there


def _postgresql(tables):
    """Triggers once a statement, which fire for whoever writes, also where a restore has silenced the others."""
    yield MAKE_FUNCTION
    for table in tables:
        yield f'DROP TRIGGER IF EXISTS change_mark ON "{table}"'
        yield (
            f'CREATE TRIGGER change_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}"'
            " FOR EACH STATEMENT EXECUTE FUNCTION change_mark()"
        )
        yield f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER change_mark'
    yield "INSERT INTO plans_change_mark DEFAULT VALUES"


def _sqlite(tables):
    """Triggers for each row, since SQLite has no others."""
    for table in tables:
        for event in ("INSERT", "UPDATE", "DELETE"):
            name = f"change_mark_{table}_{event.lower()}"
            # No upsert: `INSERT OR IGNORE` outside would have it ignored here, too.
            yield f'CREATE TRIGGER IF NOT EXISTS "{name}" AFTER {event} ON "{table}" BEGIN {MOVE}; END'
    yield "REPLACE INTO plans_change_mark (id, value) VALUES (1, random())"
