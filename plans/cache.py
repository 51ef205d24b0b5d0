"""The cache in the database, and whether the database can be written to at all."""

import secrets
from contextlib import contextmanager

from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.db import connection, transaction
from django.db.utils import Error

from plans.database_errors import DatabaseTrouble, database_trouble

ROOM_BYTES = 8_000
"""More than a page of the database, so that writing it takes room that was free."""


class RaisingDatabaseCache(DatabaseCache):
    """Django's cache in the database, which loses no count and raises when the disk is full.

    Sign-ins and requests of programs are counted in it. Django's own reads a count and then writes it, so that of two
    at once one is lost; and where it says no more than "not kept", allauth takes that for too many attempts, and people
    would be told to wait.
    """

    def incr(self, key, delta=1, version=None):
        """Add to a number and return it, one after the other. Raises `ValueError` when it is not there."""
        with _alone_with(self.make_and_validate_key(key, version=version)) as is_locked:
            # What somebody else adds at this moment is not locked, and the next one who counts may have read it too.
            if not is_locked:
                raise ValueError(f"Key {key!r} not found")
            return super().incr(key, delta, version)

    def _base_set(self, mode, key, value, timeout=None):
        with _alone_with(key):
            is_kept = super()._base_set(mode, key, value, timeout)  # all of Django's ways to keep a row lead here
        # Another row is a reason not to keep one; so is a busy database, which goes by itself.
        if not is_kept and mode != "touch" and not _is_there(key):
            check_writable()
        return is_kept


@contextmanager
def _alone_with(key):
    """Have everyone else who changes the row of a key wait until the end; on SQLite, whoever writes at all.

    Yields whether they do: where PostgreSQL finds no row, there is nothing to wait for.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # SQLite has no locks of rows: there a transaction is alone from its start (`transaction_mode` of rocc/values).
        if not connection.features.has_select_for_update:
            yield True
            return
        cursor.execute(f"SELECT 1 FROM {_table()} WHERE cache_key = %s FOR UPDATE", [key])  # noqa: S608
        yield cursor.fetchone() is not None


def _is_there(key):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {_table()} WHERE cache_key = %s", [key])  # noqa: S608 - our table
        return cursor.fetchone() is not None


def _table():
    return connection.ops.quote_name(settings.CACHES["default"]["LOCATION"])


def check_writable():
    """Write a row and take it away again. Raise Django's error when the database cannot be written to.

    A database that is only busy counts as one that can be.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _write_and_remove(cursor)
    except Error as error:
        if database_trouble(error) is not DatabaseTrouble.BUSY:
            raise


def _write_and_remove(cursor):
    table, key = _table(), f"probe:{secrets.token_hex(8)}"
    cursor.execute(
        f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, '2000-01-01 00:00:00')",  # noqa: S608
        [key, "0" * ROOM_BYTES],
    )
    cursor.execute(f"DELETE FROM {table} WHERE cache_key = %s", [key])  # noqa: S608 - our table
