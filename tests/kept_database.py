"""The empty SQLite database of the tests, as `migrate` leaves it, kept in var/ from one run to the next.

Applying all migrations takes each process that runs tests some seconds; taking a copy takes none. What was kept counts
for as long as nothing has changed that migrations, or what follows on them, could come from.
"""

import gc
import hashlib
import os
import shutil
import sqlite3
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    *("requirements/dev.txt", "rocc/settings.py", "tests/settings.py", "plans/apps.py", "plans/choices.py"),
    *("plans/fast/*.py", "plans/models/*.py", "plans/migrations/*.py"),
)
FOLDER, PATTERN = ROOT / "var", "test-database-{}.sqlite3"
COPY = f"rocc_migrated_{os.getpid()}"
"""The database on PostgreSQL that others are copied from."""


@contextmanager
def database_kept(blocker):
    """Have the database for tests made quickly: copied from the one that is kept, or kept once it is made."""
    creation, make = connection.creation, connection.creation.create_test_db
    creation.create_test_db = lambda **options: _made_beside_a_copy(make, options)
    if connection.vendor == "sqlite" and creation.is_in_memory_db(creation._get_test_db_name()):
        path = FOLDER / PATTERN.format(_key())
        creation.create_test_db = lambda **options: _copied(creation, path) or _made(make, path, options)
    try:
        yield
    finally:
        creation.create_test_db = make
        if connection.vendor == "postgresql":
            with blocker.unblock():
                _drop_copy()


def _migrated(make, options):
    """Return the name of the database that `make` makes, which searches for no garbage: it would for a fifth of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return make(**options)
    finally:
        if was_on:
            gc.enable()


def _made_beside_a_copy(make, options):
    """Have the database for tests made; on PostgreSQL, keep a copy of it for `create_migrated` while the tests run."""
    name = _migrated(make, options)
    if connection.vendor == "postgresql":
        _drop_copy()
        # None may be connected to what is copied.
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {COPY} TEMPLATE {name}")
    return name


def _drop_copy():
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {COPY}")


def create_migrated(server, name):
    """Create the PostgreSQL database `name` as `migrate` leaves it, through a connection to its server."""
    server.execute(f"CREATE DATABASE {name} TEMPLATE {COPY}")


def copy_of_migrated(path):
    """Put the database that is kept at `path`, an SQLite file; where none is kept, whoever opens it has to migrate."""
    with suppress(FileNotFoundError):
        shutil.copy(FOLDER / PATTERN.format(_key()), path)


def _key():
    """Return what the kept database stands for, in a few signs."""
    found = hashlib.sha256(repr((sys.version, django.VERSION, sqlite3.sqlite_version)).encode())
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            found.update(f"{path.name} {path.stat().st_size} ".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _copied(creation, path):
    """Fill the database for tests from `path`; return its name, or nothing where there is no such file."""
    try:
        kept = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return None
    name = creation._get_test_db_name()
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    with closing(kept):
        kept.backup(connection.connection)
    return name


def _made(make, path, options):
    """Have the database for tests made with all migrations, keep a copy of it at `path`, and return its name."""
    name = _migrated(make, options)
    own = path.with_suffix(f".{os.getpid()}")
    # What cannot be kept is made again the next time.
    with suppress(OSError, sqlite3.Error):
        FOLDER.mkdir(exist_ok=True)
        with closing(sqlite3.connect(own)) as kept:
            connection.connection.backup(kept)
        for earlier in set(FOLDER.glob(PATTERN.format("*"))) - {path}:
            earlier.unlink(missing_ok=True)
        own.replace(path)
    return name
