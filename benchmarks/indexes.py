"""Indexes of PostgreSQL that stand back while a million rows come in: made once at the end, they cost a tenth."""

from contextlib import contextmanager

# Primary keys stay: rows come in the order of theirs, and the keys of other tables lean on them.
FIND_CONSTRAINTS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'u' AND conrelid = ANY(%s::regclass[]) ORDER BY oid"""
FIND_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE NOT indisprimary AND indrelid = ANY(%s::regclass[]) ORDER BY indexrelid"""


@contextmanager
def indexes_later(cursor, tables):
    """Drop the indexes of the tables (names) but for their primary keys, and make the same ones at the end.

    Whoever wraps it in a transaction has them back whatever happens.
    """
    cursor.execute(FIND_CONSTRAINTS, [tables])
    constraints = cursor.fetchall()
    for table, name, _ in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(FIND_INDEXES, [tables])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        cursor.execute(definition)
    for table, name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
