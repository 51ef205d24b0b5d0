"""The whole record in one file, and back out of it, on either engine and across them.

A backup is a ZIP file that anything can open: a table is a file of JSON lines, `manifest.json` says what there is.
Its last 64 bytes are the checksum of all before them.
"""

from plans.backup.archive import verify
from plans.backup.dump import save
from plans.backup.errors import BackupError
from plans.backup.restoring import restore

__all__ = ["BackupError", "restore", "save", "verify"]
