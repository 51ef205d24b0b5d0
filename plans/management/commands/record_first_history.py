"""`manage.py record_first_history`: after `loaddata`, so that the history of each row begins with what was loaded."""

from django.core.management.base import BaseCommand
from django.db import transaction

from plans.actions.first_history import record_first_history

REASON = "First entry of the history"


class Command(BaseCommand):
    """Gives each row that has no history its first entry. Running it again changes nothing."""

    help = "Give each row that has no history its first entry, as it is now. Run it once after `loaddata`."

    def add_arguments(self, parser):
        """Declare what is said of the entries."""
        parser.add_argument("--reason", default=REASON, help=f"The reason shown in the history. Default: {REASON}")

    def handle(self, *, reason, **options):
        """Record them, all or none, and print how many of each sort."""
        with transaction.atomic():
            recorded = record_first_history(reason)
        for model, count in recorded.items():
            names = model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
            self.stdout.write(f"{count:,} {names}")
        self.stdout.write("Done." if recorded else "Every row has its history already.")
