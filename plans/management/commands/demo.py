"""`manage.py demo`: a database of its own, filled with made-up rounds and updates, to look at and try."""

from datetime import timedelta
from io import StringIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from plans.management import demo
from plans.management.commands.demo_cast import CAST
from plans.management.commands.quickstart import load_plan
from plans.models import Plan

EMAILS = [email for _, email, *_ in CAST]
ADMIN_EMAIL = EMAILS[-1]
DAYS_BEFORE = 30


class Command(BaseCommand):
    """Makes the demo where there is none yet, all of it or nothing, and gives its people new passwords."""

    help = "Fill an empty database with a made-up year on the Year Two plan. Needs ROCC_DEMO=true."

    def handle(self, **options):
        """Make it. Raises `CommandError` on a site that is no demo, and for a database that holds anything else."""
        if not settings.ROCC_DEMO:
            raise CommandError("This is no demo. To try one, run make demo, or set ROCC_DEMO=true and DATABASE_URL.")
        call_command("migrate", interactive=False, verbosity=0)
        people = get_user_model().objects
        if not Plan.objects.exists():
            self.stdout.write("Making up a year of updates")
            with transaction.atomic():
                self._make(timezone.localdate())
        elif people.filter(email__in=EMAILS).count() < len(EMAILS):
            raise CommandError("This database holds a plan that is no demo. Nothing was changed.")
        demo.add_import(Plan.objects.first(), people.get(email=ADMIN_EMAIL))
        call_command("demo_cast", new_passwords=True, stdout=self.stdout)

    def _make(self, today):
        with demo.clock_at(demo.rounds_until(today)[0].opened_on - timedelta(days=DAYS_BEFORE)):
            load_plan()
        call_command("demo_cast", stdout=StringIO())
        demo.fill(Plan.objects.get(), get_user_model().objects.get(email=ADMIN_EMAIL), today)
