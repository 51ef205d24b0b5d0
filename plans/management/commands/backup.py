"""`manage.py backup FILE`: the whole record in one file, while people go on working."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import filesizeformat

from plans.backup import BackupError, save
from plans.last_runs import BACKUP, note_run


class Command(BaseCommand):
    """Writes a backup, of one moment, and says what is in it. Ends with 1 and one line when it could not."""

    help = "Write everything that is kept to FILE: compressed, sealed with a checksum, readable by its owner only."

    # Nothing that is wrong with the pages has a say when data is to be saved.
    requires_system_checks = []

    def add_arguments(self, parser):
        """Declare the file."""
        parser.add_argument("file", type=Path, help="The file to write, for example /srv/backups/rocc-2026-07-01.zip.")

    def handle(self, *, file, **options):
        """Write it and print a receipt. Raise `CommandError` with what to do when it cannot be written."""
        try:
            saved = save(file)
        except BackupError as error:
            raise CommandError(f"{error} No backup was made.") from None
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}. No backup was made.") from None
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {str(error).strip()}. No backup was made.") from None
        note_run(BACKUP)
        filled = sum(1 for count in saved.counts.values() if count)
        self.stdout.write(
            f"Backed up {sum(saved.counts.values()):,} rows of {filled} tables to {file} ({_size(saved.bytes)})."
        )
        self.stdout.write(f"SHA-256: {saved.checksum}")


def _size(count):
    return filesizeformat(count).replace("\xa0", " ")
