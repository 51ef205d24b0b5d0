"""A database as an earlier version left it, in place of the test database, on either engine."""

import lzma
import sqlite3
from contextlib import closing, contextmanager

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections

NAME = "rocc_earlier_version"


@contextmanager
def earlier_database(path, folder):
    """Have the default connection lead to all that is in the SQLite file at `path`, which is not migrated yet."""
    usual = connections["default"]
    other = _on_sqlite(usual, path, folder) if usual.vendor == "sqlite" else _on_postgresql(usual, path)
    try:
        with other:
            ContentType.objects.clear_cache()
            yield
    finally:
        ContentType.objects.clear_cache()


@contextmanager
def dumped_database(dump, folder):
    """Have the default connection lead to what `make_database.py` dumped of this engine, which is not migrated yet."""
    usual, sql = connections["default"], lzma.decompress(dump.read_bytes()).decode()
    other = _dump_on_sqlite(usual, sql, folder) if usual.vendor == "sqlite" else _dump_on_postgresql(usual, sql)
    try:
        with other:
            ContentType.objects.clear_cache()
            yield
    finally:
        ContentType.objects.clear_cache()


@contextmanager
def _dump_on_sqlite(usual, sql, folder):
    with closing(sqlite3.connect(folder / "dumped.sqlite3")) as there:
        there.executescript(sql)
    with _in_place_of(usual, folder / "dumped.sqlite3"):
        yield


@contextmanager
def _dump_on_postgresql(usual, sql):
    with _new_on_postgresql(usual) as name, _in_place_of(usual, name):
        connection.ensure_connection()
        connection.connection.execute(sql)
        # The dump changes settings of its connection.
        connection.close()
        yield


@contextmanager
def _on_sqlite(usual, path, folder):
    copy = folder / "site.sqlite3"
    copy.write_bytes(path.read_bytes())
    with _in_place_of(usual, copy):
        yield


@contextmanager
def _on_postgresql(usual, path):
    with _new_on_postgresql(usual) as name, _in_place_of(usual, name):
        _copy(path)
        yield


@contextmanager
def _new_on_postgresql(usual):
    """Give the name of a new database, which is gone afterwards."""
    with usual._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(f"CREATE DATABASE {NAME}")
    try:
        yield NAME
    finally:
        with usual._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {NAME}")


@contextmanager
def _in_place_of(usual, name):
    other = type(usual)({**usual.settings_dict, "NAME": str(name)}, "default")
    connections["default"] = other
    try:
        yield
    finally:
        other.close()
        connections["default"] = usual


def _copy(path):
    """Bring an empty PostgreSQL database to the tables of the SQLite file at `path`, and fill them with its rows."""
    with sqlite3.connect(path) as there:
        migrations = dict(there.execute("SELECT app, max(name) FROM django_migrations GROUP BY app").fetchall())
        for app, name in migrations.items():
            call_command("migrate", app, name, verbosity=0)
        tables = [name for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if not name.startswith("sqlite_")]
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))}")
            cursor.execute("SET TIME ZONE 'UTC'; BEGIN; SET CONSTRAINTS ALL DEFERRED")
            for table in tables:
                _copy_table(there, cursor, table)
            cursor.execute("COMMIT")
        connection.close()


def _copy_table(there, cursor, table):
    """Copy the rows, and have numbers that are given out go on after them."""
    found = there.execute(f'SELECT * FROM "{table}"')
    computed = _computed(cursor, table)
    places = {column[0]: place for place, column in enumerate(found.description) if column[0] not in computed}
    columns = ", ".join(map(connection.ops.quote_name, places))
    marks = ", ".join(["%s"] * len(places))
    for row in found:
        # As text, which PostgreSQL reads as whatever the column is of.
        values = [row[place] if isinstance(row[place], bytes | None) else str(row[place]) for place in places.values()]
        cursor.execute(f'INSERT INTO "{table}" ({columns}) OVERRIDING SYSTEM VALUE VALUES ({marks})', values)
    for one in connection.introspection.get_sequences(cursor, table):
        name = one["column"]
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{name}'), coalesce(max({name}) + 1, 1), false)"
            f' FROM "{table}"'
        )


def _computed(cursor, table):
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'ALWAYS'", [table]
    )
    return {name for (name,) in cursor.fetchall()}
