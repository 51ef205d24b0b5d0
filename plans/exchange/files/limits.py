"""How large a file may be that somebody brings: what the settings say, and holding a file to it."""

from dataclasses import dataclass

from django.conf import settings

from plans.exchange.files.table import UnreadableFile

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The limits of an import; README.md has a row for each.

    `max_mb` is the size of the file in megabytes (MiB), `max_unpacked_mb` that of what is packed inside it;
    `max_seconds` and `max_memory_mb` are what taking a workbook apart may cost.
    """

    max_mb: int
    max_unpacked_mb: int
    max_rows: int
    max_columns: int
    max_seconds: int
    max_memory_mb: int

    @classmethod
    def from_settings(cls):
        """Answer the limits of this site."""
        return cls(**settings.IMPORT_LIMITS)

    @property
    def max_bytes(self):
        """The largest file, in bytes."""
        return self.max_mb * MEBIBYTE

    def check_size(self, size_bytes):
        """Raise `UnreadableFile` for a file of `size_bytes` that is too large."""
        if size_bytes > self.max_bytes:
            raise UnreadableFile(
                f"The file is larger than {self.max_mb} MB. Keep only the sheet of activities, or send it in parts."
            )

    def check_rows(self, rows):
        """Raise `UnreadableFile` for a table of more than so many rows."""
        if rows > self.max_rows:
            raise UnreadableFile(
                f"The file has more than {self.max_rows:,} rows. Keep only the rows of activities, or send it in parts."
            )

    def check_columns(self, columns):
        """Raise `UnreadableFile` for a table of more than so many columns."""
        if columns > self.max_columns:
            raise UnreadableFile(
                f"The file has more than {self.max_columns} columns. Take out those that are not about activities."
            )


def read_limited(file):
    """Answer the bytes of an open file. Raises `UnreadableFile` when it is too large, before all of it is read."""
    limits = Limits.from_settings()
    content = file.read(limits.max_bytes + 1)
    limits.check_size(len(content))
    return content
