"""Processes for `test_processes_of_jobs`, on the database of the environment.

`python -m tests.spreadsheets.importing.stuck upload` keeps a file and prints its number and claim as JSON.
`… job ID CLAIM HOW` is a job whose work does not go on: "busy" holds the interpreter for some seconds, "silent" sleeps
and gives no sign of life, "slow" sleeps for longer than it may.
`… look ID FILE` looks at an import as a page does, and adds a line to FILE for each job that it would start.
"""

import json
import sys
import time
from pathlib import Path

import django
from django.core.management import call_command

django.setup()

from plans.management.commands import run_import  # noqa: E402
from plans.models import Import, Plan, User  # noqa: E402
from plans.spreadsheets.importing import jobs, workflow  # noqa: E402 - they read models, for which Django has to be ready

CONTENT = b"Number,Activity\n1,New title"
BUSY_ROUNDS = 80_000_000


def upload():
    by = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("admin@localhost")
    source = workflow.keep_file(Plan.objects.get(), CONTENT, "plan.csv", by=by, scope="plan")
    Import.objects.filter(pk=source.pk).update(claim="first")
    sys.stdout.write(json.dumps([source.pk, "first"]))


def job(pk, claim, how):
    run_import.BEAT_SECONDS = 0.2
    run_import.WAITS = 0.4 if how == "slow" else 3
    if how == "silent":
        run_import._beat = lambda rows: True
    # One call that lets no other thread of the process have a turn.
    waits = {"busy": lambda: sum(range(BUSY_ROUNDS)), "silent": lambda: time.sleep(60), "slow": lambda: time.sleep(60)}
    original = workflow.check_table

    def check_table(*args, **kwargs):
        waits[how]()
        return original(*args, **kwargs)

    workflow.check_table = check_table
    call_command("run_import", int(pk), "check", "--claim", claim)


def look(pk, file):
    def launch(source, stage, by, claim):
        with Path(file).open("a") as lines:
            lines.write(f"{source.pk} {stage}\n")

    jobs._launch = launch
    sys.stdout.write(json.dumps(jobs.is_stalled(Import.objects.without_file().get(pk=pk))))


if __name__ == "__main__":
    {"upload": upload, "job": job, "look": look}[sys.argv[1]](*sys.argv[2:])
