"""`manage.py send_mail`: sends what is due to leave the site."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from plans.actions.daily_mail import plan_day
from plans.actions.outbox import send_due
from plans.last_runs import MAIL, note_run
from plans.outgoing import is_mail_sent
from plans.webhooks.events import collect_events


class Command(BaseCommand):
    """Sends what is due, and ends. Safe to run as often as one likes, on several machines at once."""

    help = "Send the emails that are due. Run it every few minutes; several at once do no harm."

    def handle(self, **options):
        """Send them, and say how many, unless there was nothing to do. Raises `CommandError` without mail."""
        if not settings.SITE_URL:
            raise CommandError("Set ROCC_SITE_URL, with which every link in emails begins. Nothing was sent.")
        if not is_mail_sent():
            raise CommandError("Set EMAIL_URL, by which emails leave. Nothing was sent.")
        plan_day()
        collect_events()
        counts = send_due()
        note_run(MAIL)
        if options["verbosity"] and (counts.sent or counts.failed or counts.in_doubt):
            doubt = f", {counts.in_doubt} not known" if counts.in_doubt else ""
            self.stdout.write(f"{counts.sent} sent, {counts.failed} not sent{doubt}.")
