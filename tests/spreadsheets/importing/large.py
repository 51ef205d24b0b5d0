"""`python -m tests.spreadsheets.importing.large ROWS`: on the database of the environment, two people and a large file.

Makes a programme admin and a Police updater, and keeps a file of so many new activities in a plan of its own, unread.
Prints the address of its page.
"""

import sys

import django

django.setup()

from benchmarks.importing.round import new_plan  # noqa: E402 - it reads models, for which Django has to be ready
from plans.models import Agency, Membership, User  # noqa: E402
from plans.spreadsheets.importing import workflow  # noqa: E402

HEADINGS = "Number,Strategic Focus Area,Priority Action Area,Activity,Description,Agency Lead,Support Agencies,Status"
PASSWORD, ADMIN, UPDATER = "kererū-and-tūī-4711", "admin@programme.example", "updater@police.example"


def content(rows):
    """Answer a CSV file of so many new activities with three agencies each."""
    lines = [f"{number},SUPPLY,P1,Title {number},What it is,Police,MSD; APA,On track" for number in range(1, rows + 1)]
    return "\n".join([HEADINGS, *lines]).encode()


if __name__ == "__main__":
    admin = User.objects.create_superuser(ADMIN, PASSWORD)
    updater = User.objects.create_user(UPDATER, PASSWORD, name="Police updater")
    Membership.objects.create(user=updater, agency=Agency.objects.get(code="police"))
    source = workflow.keep_file(new_plan("large"), content(int(sys.argv[1])), "large.csv", by=admin, scope="plan")
    sys.stdout.write(f"/plans/{source.plan.slug}/import/{source.pk}/")
