"""`manage.py send_mail`: sends what is due to leave the site."""

from django.core.management.base import BaseCommand

from plans.actions.outbox import send_due


class Command(BaseCommand):
    """Sends what is due, and ends. Safe to run as often as one likes, on several machines at once."""

    help = "Send the emails that are due. Run it every few minutes; several at once do no harm."

    def handle(self, **options):
        """Send them, and say how many, unless there was nothing to do."""
        counts = send_due()
        if options["verbosity"] and (counts.sent or counts.failed or counts.in_doubt):
            doubt = f", {counts.in_doubt} not known" if counts.in_doubt else ""
            self.stdout.write(f"{counts.sent} sent, {counts.failed} not sent{doubt}.")
