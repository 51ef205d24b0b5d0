"""What is wrong when the database, or the disk below it, refuses: the one place that knows the codes of each engine."""

import errno
from enum import Enum, auto
from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_LOCKED,
    SQLITE_READONLY,
)

from django.db import InterfaceError, OperationalError, connection
from django.db.utils import Error


class DatabaseTrouble(Enum):
    """Why nothing can be saved or read now, though neither the code nor what was asked for is at fault."""

    BUSY = auto()
    """Somebody else holds what is needed: a lock, or all connections. It goes by itself."""
    GONE = auto()
    """The database does not answer, or its connection was lost."""
    FULL = auto()
    """The disk is full, or cannot be written to."""
    READ_ONLY = auto()
    """The database takes no changes, as a standby server or a file without the right to write does."""


SQLITE = {
    SQLITE_BUSY: DatabaseTrouble.BUSY,
    SQLITE_LOCKED: DatabaseTrouble.BUSY,
    SQLITE_CANTOPEN: DatabaseTrouble.GONE,
    SQLITE_FULL: DatabaseTrouble.FULL,
    SQLITE_IOERR: DatabaseTrouble.FULL,
    SQLITE_READONLY: DatabaseTrouble.READ_ONLY,
}
"""{primary result code of SQLite: trouble}."""
PRIMARY = 0xFF
"""The bits of an extended result code that are the primary one."""
POSTGRESQL = {
    "40001": DatabaseTrouble.BUSY,  # serialization failure
    "40P01": DatabaseTrouble.BUSY,  # deadlock
    "53200": DatabaseTrouble.BUSY,  # out of memory
    "53300": DatabaseTrouble.BUSY,  # too many connections
    "55P03": DatabaseTrouble.BUSY,  # lock not available, as after lock_timeout
    "57014": DatabaseTrouble.BUSY,  # cancelled, as after statement_timeout
    "57P01": DatabaseTrouble.GONE,  # shut down
    "57P02": DatabaseTrouble.GONE,  # crashed
    "57P03": DatabaseTrouble.GONE,  # starting up
    "57P05": DatabaseTrouble.GONE,  # idle for too long
    "53100": DatabaseTrouble.FULL,  # disk full
    "58030": DatabaseTrouble.FULL,  # input or output error
    "25006": DatabaseTrouble.READ_ONLY,  # read-only transaction, as on a standby
}
"""{SQLSTATE: trouble}; class 08 is a lost connection, too."""
DISK = {
    errno.ENOSPC: DatabaseTrouble.FULL,
    errno.EDQUOT: DatabaseTrouble.FULL,
    errno.EROFS: DatabaseTrouble.READ_ONLY,
}
"""{number of an `OSError`: trouble}."""
SQLITE_WORDS = {
    "is locked": DatabaseTrouble.BUSY,
    "disk is full": DatabaseTrouble.FULL,
    "disk I/O error": DatabaseTrouble.FULL,
    "readonly database": DatabaseTrouble.READ_ONLY,
}
"""{part of a message: trouble}, for errors that have come without their code."""


def database_trouble(error):
    """Return the `DatabaseTrouble` that `error`, or what it was raised from, is about; None for any other error."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if trouble := _trouble_of(error):
            return trouble
        error = error.__cause__ or error.__context__
    return None


def leave_read_only(trouble):
    """Close this thread's connection if `trouble` is that it takes no changes: the next one may find who does by now.

    A server that was demoted goes on answering on the connections that it has, and would be asked for as long as they
    are kept; a SQLite file that was opened without the right to write stays so.
    """
    if trouble is DatabaseTrouble.READ_ONLY and not connection.in_atomic_block:
        connection.close()


def is_database_busy(error):
    """Return whether waiting and trying again is all that is needed."""
    return database_trouble(error) is DatabaseTrouble.BUSY


def _trouble_of(error):
    if isinstance(error, OSError):
        return DISK.get(error.errno)
    if not isinstance(error, Error):
        return None
    return _by_code(error.__cause__) if error.__cause__ is not None else _by_words(error)


def _by_code(cause):
    """Return the trouble that the error of the engine's own library is about."""
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return SQLITE.get(code & PRIMARY)
    if not hasattr(cause, "sqlstate"):
        return None
    state = cause.sqlstate
    if state is None or state.startswith("08"):
        # Without a code it comes from the library itself: it could not connect, or the server closed the connection.
        is_lost = state is not None or type(cause).__name__ in ("OperationalError", "InterfaceError")
        return DatabaseTrouble.GONE if is_lost or _is_timeout(cause) else None
    return POSTGRESQL.get(state)


def _is_timeout(cause):
    return type(cause).__name__ in ("ConnectionTimeout", "PoolTimeout")


def _by_words(error):
    found = next((trouble for words, trouble in SQLITE_WORDS.items() if words in str(error)), None)
    is_about_the_connection = isinstance(error, (OperationalError, InterfaceError))
    return found or (DatabaseTrouble.GONE if is_about_the_connection else None)
