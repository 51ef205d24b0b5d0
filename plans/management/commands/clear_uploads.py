"""`manage.py clear_uploads`: removes the files of imports that were refused or discarded long enough ago."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat

from plans.spreadsheets.importing import storage


class Command(BaseCommand):
    """Lists what can be cleared; with `--apply`, clears it. The receipt of each stays, and says that it was cleared."""

    help = "List the files of imports that were refused or discarded; with --apply, remove them and keep the receipts."

    def add_arguments(self, parser):
        """Declare how old they have to be, and whether it is meant."""
        parser.add_argument("--apply", action="store_true", help="Remove them; without this nothing is changed.")
        parser.add_argument(
            "--days",
            type=int,
            default=settings.IMPORT_KEEP_DAYS,
            help="How many days ago they were refused or discarded, at least. Default: ROCC_IMPORT_KEEP_DAYS.",
        )

    def handle(self, *, apply, days, **options):
        """List them, and clear them if asked to. Raises `CommandError` for a number of days that is none."""
        if days < 0:
            raise CommandError("--days: enter 0 or more.")
        total, count = 0, 0
        for source in storage.clearable(days):
            if apply and not storage.clear(source):
                continue
            total, count = total + source.size_bytes, count + 1
            if options["verbosity"]:
                about = f"{source.get_state_display().lower()}, uploaded {source.uploaded_at:%Y-%m-%d}"
                self.stdout.write(f"{source} ({about}): {_size(source.size_bytes)}")
        if apply:
            storage.clear_leftovers()
        files = "1 file" if count == 1 else f"{count:,} files"
        done = "cleared" if apply else "can be cleared. Nothing was changed: add --apply to clear"
        self.stdout.write(f"{files}, {_size(total)}: {done}.")


def _size(count):
    return filesizeformat(count).replace("\xa0", " ")
