"""What a connection to PostgreSQL is told first: to wait for a lock as long as SQLite does, and to compile no queries.

Nobody waits until their process is ended; and compiling the counts of a large list takes longer than it saves.
"""

from django.db.backends.signals import connection_created

LOCK_TIMEOUT = "10s"
"""As the `timeout` of SQLite in `rocc/values.py`."""
SET_UNLESS_CHOSEN = (
    "SELECT set_config('jit', 'off', false),"
    " CASE WHEN current_setting('lock_timeout') = '0' THEN set_config('lock_timeout', %s, false) END"
)


def connect():
    """Have each new connection give up a lock after `LOCK_TIMEOUT`, unless its role or `DATABASE_URL` says another."""
    connection_created.connect(limit_waiting, dispatch_uid="plans.lock_timeout")


def limit_waiting(connection, **kwargs):
    """Set `lock_timeout` and `jit` on a new connection to PostgreSQL.

    A page that waits for a lock for longer answers 503 and keeps what was typed.

    Asked after connecting rather than with it: a PgBouncer refuses connections that bring options.
    """
    if connection.vendor == "postgresql":
        connection.connection.execute(SET_UNLESS_CHOSEN, [LOCK_TIMEOUT])
