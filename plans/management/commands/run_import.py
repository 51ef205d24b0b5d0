"""`manage.py run_import ID STAGE`: the process in which a file is read, imported or taken back."""

import logging
import os
import resource
import signal
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections
from django.utils.timezone import now

from plans.models import Import, User
from plans.spreadsheets.importing import jobs
from plans.spreadsheets.importing.job_state import TookTooLong
from plans.spreadsheets.importing.jobs import identify
from plans.spreadsheets.reading.limits import MEBIBYTE, Limits

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5
LOOK_SECONDS = 0.1
SHARES = 5
"""How many times what opening a file may cost the whole job may cost."""
WAITS = 3
"""How many times as long as it may work a job may last, with what it waits for."""
PATIENCE_SECONDS = 120
"""How long a job waits for SQLite: nobody sits before it, and it can be behind other imports."""


class Command(BaseCommand):
    """Does one stage of an import; the web process starts it. What came of it stands in the import.

    Two processes: one works, the other watches it and gives the sign of life. So that is given, too, while the work
    is in a part of Python that lets no other thread have a turn; and it is given no longer than the work may last.
    """

    help = "Do one stage of an import. The pages start it by themselves."
    requires_system_checks = []

    def add_arguments(self, parser):
        """Declare the import, the stage and who asks for it."""
        parser.add_argument("id", type=int, help="The number of the import.")
        parser.add_argument("stage", choices=jobs.STAGES, help="What to do.")
        parser.add_argument("--by", type=int, metavar="ID", help="Who asks for it.")
        parser.add_argument("--claim", metavar="NAME", help="What the import was claimed by for this job.")

    def handle(self, *, id, stage, by, claim, **options):  # noqa: A002 - as people call it
        """Do it. Raises `CommandError` when there is no such import or person."""
        source = Import.objects.without_file().filter(pk=id).first()
        person = User.objects.filter(pk=by).first()
        if source is None or (stage != "check" and person is None):
            raise CommandError(f"There is no import {id}, or no one asked for it. Name the person with --by.")
        claim = source.claim if claim is None else claim
        # No two processes can share a connection.
        connections.close_all()
        signal_end, begin = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(begin)
            _work(signal_end, id, stage, person, claim)
        os.close(signal_end)
        rows = Import.objects.filter(pk=id, claim=claim)
        if rows.update(job=identify(pid)):
            os.write(begin, b"1")
        os.close(begin)
        _watch(pid, rows)


def limit_self(limits):
    """Let this process use so much time and memory, and no more; it then raises `TookTooLong` or `MemoryError`."""
    signal.signal(signal.SIGXCPU, _raise_too_long)
    seconds = limits.max_seconds * SHARES
    # A minute later the system ends it by force.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 60))
    most_bytes = limits.max_memory_mb * SHARES * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


def _raise_too_long(signal_number, frame):
    raise TookTooLong


def _work(begin, pk, stage, person, claim):
    """Do the work in this process, once the other one has said that it may begin; ends the process."""
    code = 1
    try:
        if os.read(begin, 1):
            _be_patient()
            limit_self(Limits.from_settings())
            jobs.run(Import.objects.get(pk=pk), stage, person, claim)
        code = 0
    except BaseException:
        logger.exception("The job of import %s failed", pk)
    finally:
        # Not `sys.exit`, since what is to be tidied up at the end is the other process's.
        os._exit(code)


def _be_patient():
    """Wait for SQLite for longer than a page does."""
    if connection.vendor == "sqlite":
        connection.settings_dict["OPTIONS"] = {**connection.settings_dict["OPTIONS"], "timeout": PATIENCE_SECONDS}


def _watch(pid, rows):
    """Wait for the end of the process `pid`, and give the sign of life of the import in `rows` meanwhile.

    Ends it when it has lasted too long, or when another has taken the import over, on whatever machine.
    """
    limits = Limits.from_settings()
    until, beat_at, status = time.monotonic() + limits.max_seconds * SHARES * WAITS, time.monotonic(), None
    while status is None:
        time.sleep(LOOK_SECONDS)
        ended, code = os.waitpid(pid, os.WNOHANG)
        status = code if ended else None
        if status is None and time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            jobs.end_overdue(rows)
        elif status is None and time.monotonic() - beat_at > BEAT_SECONDS:
            beat_at = time.monotonic()
            if not _beat(rows):
                os.kill(pid, signal.SIGKILL)
    if status:
        # Whoever looks next need not wait until it counts as dead.
        rows.filter(beat_at__isnull=False).update(beat_at=None)
    connection.close()


def _beat(rows):
    """Say that the job is alive; return whether the import is still its own."""
    try:
        return rows.filter(beat_at__isnull=False).update(beat_at=now()) or rows.exists()
    except DatabaseError:
        # The job itself holds the database while it writes.
        connection.close()
        return True
