"""`manage.py quickstart`: from an empty folder to the plan in the browser, and back there on every later start."""

import errno
import os
import secrets
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections, transaction

from plans.actions.first_history import models_with_history, record_first_history
from plans.models import Agency, Plan

HOST = "127.0.0.1"
FIRST_EMAIL = "admin@localhost"
FIXTURE = settings.BASE_DIR / "fixtures" / "year_two.json"
LOADED = "Loaded with the first start"


class Command(BaseCommand):
    """Prepares the database where that is still to be done, then serves the site on this machine.

    What people have entered is never touched: the plan is loaded only where there is none, the first superuser is
    made only where there is none. Each of the two happens whole or not at all, so a start that was cut off is
    completed by the next one.
    """

    help = "Prepare the database if need be, and serve the site on this machine."

    def add_arguments(self, parser):
        """Declare how to serve."""
        parser.add_argument("--reload", action="store_true", help="Start again whenever the code changes.")
        parser.add_argument("--fixture", type=Path, default=FIXTURE, help="The plan to load.")

    def handle(self, *, reload, fixture, **options):
        """Check, prepare, serve. Raises `CommandError` with one line when it cannot."""
        port = settings.ENVIRONMENT.port
        refuse_busy_port(port)
        try:
            self._prepare(fixture)
        except OperationalError as error:
            raise CommandError(
                f"The database cannot be used: {' '.join(str(error).split())}. Check DATABASE_URL and try again."
            ) from None
        self.stdout.write(f"Serving http://{HOST}:{port}/ (Ctrl-C ends it)")
        self._serve(port, reload)

    def _prepare(self, fixture):
        self.stdout.write("Bringing the database up to date")
        call_command("migrate", interactive=False, verbosity=0)
        with transaction.atomic():
            self._load_plan(fixture)
        with transaction.atomic():
            self._make_superuser()

    def _load_plan(self, fixture):
        if Plan.objects.exists():
            return
        if Agency.objects.exists():
            # Loading would put back the agencies that somebody has changed.
            self.stdout.write(f"There are agencies but no plan. To load the plan: manage.py loaddata {fixture}")
            return
        self.stdout.write("Loading the plan")
        load_plan(fixture)

    def _make_superuser(self):
        users = get_user_model().objects
        if users.filter(is_superuser=True).exists():
            return
        if users.filter(email__iexact=FIRST_EMAIL).exists():
            self.stdout.write("There is no superuser. To make one: manage.py createsuperuser")
            return
        password = secrets.token_urlsafe(12)
        users.create_superuser(FIRST_EMAIL, password)
        # Printed before it is kept: a start that is cut off here prints another one next time.
        self.stdout.write(f"Sign in as {FIRST_EMAIL} with the password {password} (it is not shown again)")

    def _serve(self, port, reload):
        connections.close_all()
        self.stdout.flush()
        if reload:
            command = [str(settings.BASE_DIR / "manage.py"), "runserver", f"{HOST}:{port}"]
        else:
            config = str(settings.BASE_DIR / "gunicorn.conf.py")
            command = ["-m", "gunicorn", "--config", config, "--chdir", str(settings.BASE_DIR), "rocc.wsgi"]
        os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - every part of it is ours


def refuse_busy_port(port):
    """Raise `CommandError` when `port` cannot be listened on, saying what to type instead."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            other = port + 1 if 1024 <= port < 65535 else 8000
            raise CommandError(f"Port {port} {why}. Choose another one: PORT={other} make run") from None


def load_plan(fixture=FIXTURE):
    """Load a plan into a database without one, with the first history entry of each row."""
    call_command("loaddata", fixture, verbosity=0)
    record_baseline()


def record_baseline():
    """Give each row without history its first entry, since loading a fixture writes none."""
    record_first_history(LOADED)
    for model in models_with_history():
        # A group's members are written after the group itself, and left an entry of their own.
        model.history.filter(history_change_reason=None).update(history_change_reason=LOADED)
