"""`python -m tests.backup.staged HOW COMMAND,…`: runs commands of the site's as a bad moment would have it.

`slow` reads table after table with a rest in between. `killed` ends the process at the end of a restore, before it is
kept. `filled` fills an empty database. `writing` goes on changing an activity, its history and the audit trail
together, until it is ended.
"""

import os
import signal
import sys
import time
from importlib import import_module

import django
from django.core.management import call_command
from django.db import transaction

REST_SECONDS = 0.02


def write():
    """Change three tables in each transaction, and say after each which one it was."""
    from plans.models import Activity, AuditEvent  # noqa: PLC0415 - only once Django is set up

    count = 0
    while True:
        count += 1
        with transaction.atomic():
            activity = Activity.objects.select_for_update().get(plan__slug="year-two")
            activity.title = f"Edit {count}"
            activity.save()
            AuditEvent.objects.create(kind="signed_in", detail=f"Edit {count}")
        sys.stdout.write(f"{count}\n")
        sys.stdout.flush()
        time.sleep(REST_SECONDS / 10)


def main(how, *commands):
    """Run them, one after the other; a comma stands for the spaces in each."""
    django.setup()
    from plans.backup import dump, restoring  # noqa: PLC0415 - only once Django is set up

    write_table = dump._write_table
    if how == "slow":
        dump._write_table = lambda *args: time.sleep(REST_SECONDS) or write_table(*args)
    if how == "killed":
        restoring.go_on_after = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
    if how == "filled":
        import_module("tests.backup.rich").fill()
    if how == "writing":
        write()
    for command in commands:
        call_command(*command.split(","))


if __name__ == "__main__":
    main(*sys.argv[1:])
