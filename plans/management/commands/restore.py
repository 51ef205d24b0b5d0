"""`manage.py restore FILE`: a backup back into the database, on either engine."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from plans.backup import BackupError, restore


class Command(BaseCommand):
    """Restores a backup, all of it or nothing, and says what it held. Ends with 1 and one line when it could not."""

    help = "Restore what `manage.py backup` wrote to FILE: all of it, or nothing. Stop the site while it runs."

    # Nothing that is wrong with the pages has a say when data is to be saved.
    requires_system_checks = []

    def add_arguments(self, parser):
        """Declare the file, and the word without which nothing is thrown away."""
        parser.add_argument("file", type=Path, help="A file that `manage.py backup` made.")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Delete the data in the database first. Without this, a database with data is refused.",
        )

    def handle(self, *, file, replace, **options):
        """Restore it and print a receipt. Raise `CommandError` with what to do; the database is then as before."""
        try:
            restored = restore(file, replace=replace)
        except BackupError as error:
            raise CommandError(f"{error} Nothing was changed.") from None
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}. Nothing was changed.") from None
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}. Nothing was changed.") from None
        filled = sum(1 for count in restored.counts.values() if count)
        self.stdout.write(
            f"Restored {sum(restored.counts.values()):,} rows of {filled} tables from {file},"
            f" made at {restored.made_at} by version {restored.version}."
        )
        self.stdout.write(f"SHA-256: {restored.checksum}")
        self.stdout.write("Everyone has to sign in again.")
