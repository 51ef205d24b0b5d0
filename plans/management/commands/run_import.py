"""`manage.py run_import ID STAGE`: the process in which a file is read, imported or taken back."""

import resource
import signal
import threading

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils.timezone import now

from plans.exchange.files.limits import MEBIBYTE, Limits
from plans.exchange.importing import jobs
from plans.exchange.importing.problems import TookTooLong
from plans.models import Import, User

BEAT_SECONDS = 5
SHARES = 5
"""How many times what opening a file may cost the whole job may cost."""


class Command(BaseCommand):
    """Does one stage of an import; the web process starts it. What came of it stands in the import.

    It limits its own time and memory, so that a file cannot hurt the site, and gives a sign of life as it goes.
    """

    help = "Do one stage of an import. The pages start it by themselves."
    requires_system_checks = []

    def add_arguments(self, parser):
        """Declare the import, the stage and who asks for it."""
        parser.add_argument("id", type=int, help="The number of the import.")
        parser.add_argument("stage", choices=jobs.STAGES, help="What to do.")
        parser.add_argument("--by", type=int, metavar="ID", help="Who asks for it.")

    def handle(self, *, id, stage, by, **options):  # noqa: A002 - as people call it
        """Do it. Raises `CommandError` when there is no such import or person."""
        source = Import.objects.filter(pk=id).first()
        person = User.objects.filter(pk=by).first()
        if source is None or (stage != "check" and person is None):
            raise CommandError(f"There is no import {id}, or nobody asks for it: --by names who does.")
        limit_self(Limits.from_settings())
        heart = threading.Thread(target=_beat, args=[source.pk, done := threading.Event()], daemon=True)
        heart.start()
        try:
            jobs.run(source, stage, person)
        finally:
            done.set()


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


def _beat(pk, done):
    """Say every few seconds that the job is alive, until it is `done`."""
    while not done.wait(BEAT_SECONDS):
        try:
            Import.objects.filter(pk=pk, beat_at__isnull=False).update(beat_at=now())
        except DatabaseError:
            # The job itself holds the database while it writes.
            connection.close()
    connection.close()
