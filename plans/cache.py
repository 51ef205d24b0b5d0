"""The cache in the database, and whether the database can be written to at all."""

import secrets

from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.db import connection, transaction
from django.db.utils import Error

from plans.database_errors import DatabaseTrouble, database_trouble

ROOM_BYTES = 8_000
"""More than a page of the database, so that writing it takes room that was free."""


class RaisingDatabaseCache(DatabaseCache):
    """Django's cache in the database, which raises when the disk is full instead of counting nothing in silence.

    Sign-ins are counted in it. Where Django says no more than "not kept", the library takes that for too many attempts,
    and people would be told to wait.
    """

    def _base_set(self, mode, key, value, timeout=None):
        is_kept = super()._base_set(mode, key, value, timeout)
        # Somebody else's row is a reason not to keep one; so is a busy database, which goes by itself.
        if not is_kept and mode != "touch":
            check_writable()
        return is_kept


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
    table, key = connection.ops.quote_name(settings.CACHES["default"]["LOCATION"]), f"probe:{secrets.token_hex(8)}"
    cursor.execute(
        f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, '2000-01-01 00:00:00')",  # noqa: S608
        [key, "0" * ROOM_BYTES],
    )
    cursor.execute(f"DELETE FROM {table} WHERE cache_key = %s", [key])  # noqa: S608 - our table
