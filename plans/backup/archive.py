"""The file that a backup is: sealed by a checksum, so that one wrong byte anywhere is found before anything is read."""

import hashlib
import json
import os
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from plans.backup.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
# The first file in the ZIP, which is not compressed: what follows the 30 bytes that every ZIP begins with.
KIND_NAME, KIND = "mimetype", "application/x-action-plan-tracker-backup"
SIGN = (KIND_NAME + KIND).encode("ascii")
DIGITS = 64
COMMENT = b"sha256:" + b"0" * DIGITS
LARGEST_NUMBER = 2**63 - 1
CHUNK_BYTES = 1 << 20


def begin(archive):
    """Say in a new `ZipFile` what sort of file it is, and leave room at its end for the seal."""
    archive.writestr(ZipInfo(KIND_NAME), KIND, compress_type=ZIP_STORED)
    archive.comment = COMMENT


def seal(file):
    """Put the checksum of all before it into the last 64 bytes of a closed archive, an open binary `file`."""
    size = file.seek(0, os.SEEK_END)
    digits = _digest(file, size - DIGITS).hexdigest()
    file.seek(size - DIGITS)
    file.write(digits.encode("ascii"))


def is_ours(file):
    """Return whether an open binary `file` begins as our backups do, whole or not."""
    file.seek(0)
    head = file.read(30 + len(SIGN))
    return head.startswith(b"PK") and head.endswith(SIGN)


def verify(file, name):
    """Return the SHA-256 of the whole `file`, as `sha256sum` prints it; read once, in little memory.

    Raises `BackupError` for one that is no backup, or not as it was written; `name` is what its message calls it.
    """
    size = file.seek(0, os.SEEK_END)
    if not is_ours(file):
        raise BackupError(f"{name} is not a backup of the tracker. Name a file that `manage.py backup` made.")
    digest = _digest(file, size - DIGITS)
    seal_found = file.read()
    if digest.hexdigest().encode("ascii") != seal_found:
        raise BackupError(
            f"{name} is damaged or was cut short: its checksum is not the one that it was sealed with."
            " Use another copy, or an earlier backup."
        )
    digest.update(seal_found)
    return digest.hexdigest()


def manifest(archive, name):
    """Return what the manifest of a verified archive says. Raises `BackupError` for a format newer than ours."""
    try:
        contents = json.loads(archive.read(MANIFEST))
        format_, _ = int(contents["format"]), contents["version"]
        is_known = format_ > FORMAT or _is_sound(contents)
    except (BadZipFile, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        is_known = False
    if not is_known:
        raise BackupError(f"{name} has no manifest that can be read. Use an earlier backup.")
    if format_ > FORMAT:
        raise BackupError(
            f"{name} is of format {format_}, made by version {contents['version']}; this version reads format {FORMAT}."
            " Upgrade the tracker, then restore."
        )
    return contents


def _is_sound(contents):
    """Return whether all that is asked of a manifest is there, and of its sort; or raise what `manifest` expects."""
    texts = [contents["version"], contents["made_at"], *contents["migrations"]]
    for table in contents["tables"]:
        texts += [table["model"], *table["columns"]]
        numbers = [table["rows"], table["last_number"] or 0]
        if not all(isinstance(one, int) and 0 <= one <= LARGEST_NUMBER for one in numbers):
            return False
    lists = [contents["migrations"], contents["tables"], *(table["columns"] for table in contents["tables"])]
    return all(isinstance(one, str) for one in texts) and all(isinstance(one, list) for one in lists)


def opened(file, name):
    """Return a verified `file` as a `ZipFile`. Raises `BackupError` when it is none."""
    try:
        return ZipFile(file)
    except BadZipFile:
        raise BackupError(f"{name} cannot be opened. Use an earlier backup.") from None


def _digest(file, count):
    """Return the digest of the first `count` bytes; `file` is left standing behind them."""
    digest = hashlib.sha256()
    file.seek(0)
    while count > 0 and (chunk := file.read(min(CHUNK_BYTES, count))):
        digest.update(chunk)
        count -= len(chunk)
    return digest
