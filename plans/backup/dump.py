"""Makes a backup: one moment of the database, written while people go on writing."""

import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from plans.backup import archive, schema
from plans.backup.errors import BackupError
from plans.backup.json_rows import Names, lines
from plans.backup.sequences import last_number
from plans.backup.tables import backed_up, columns


@dataclass(frozen=True)
class Saved:
    """What a backup came to: {model label: rows}, the file's size, and its SHA-256 as `sha256sum` prints it."""

    counts: dict
    bytes: int
    checksum: str


def save(path):
    """Write a backup to `path`, for its owner's eyes only; return what is in it, a `Saved`.

    The file appears whole or not at all. An earlier backup of that name is replaced; nothing else ever is. Raises
    `BackupError` when the database is not as this version knows it, and `OSError` when the file cannot be written.
    """
    path = Path(path)
    _refuse_other_file(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w+b") as file:
            with moment():
                counts = _write(file)
            archive.seal(file)
            checksum = archive.verify(file, name)
            size = file.tell()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _keep_name(path.parent)
    return Saved(counts, size, checksum)


@contextmanager
def moment():
    """Have all that is read inside be of one moment, without keeping anybody from writing meanwhile."""
    connection.ensure_connection()
    usual = getattr(connection, "transaction_mode", None)
    # SQLite: a transaction that only reads; the usual one would keep others from writing until it ends.
    connection.transaction_mode = None
    try:
        with transaction.atomic(durable=True):
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    finally:
        connection.transaction_mode = usual


def _write(file):
    migrations, names, tables = _migrations(), Names(), []
    with ZipFile(file, "w", ZIP_DEFLATED) as zipped:
        archive.begin(zipped)
        for model in backed_up():
            rows = _write_table(zipped, model, names)
            label = model._meta.label
            numbered = {"rows": rows, "last_number": last_number(model)}
            tables.append({"model": label, "columns": columns(model), **numbered})
        contents = {
            "format": archive.FORMAT,
            "version": settings.VERSION,
            "made_at": timezone.now().isoformat(),
            "engine": connection.vendor,
            "migrations": migrations,
            "tables": tables,
        }
        zipped.writestr(archive.MANIFEST, json.dumps(contents, indent=1))
    return {table["model"]: table["rows"] for table in tables}


def _write_table(zipped, model, names):
    count = 0
    with zipped.open(f"{model._meta.label}.jsonl", "w", force_zip64=True) as table:
        for line in lines(model, names):
            table.write(line.encode("ascii") + b"\n")
            count += 1
    return count


def _refuse_other_file(path):
    """Keep a slip of the keyboard from writing over the database, or over anything else that is no backup."""
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        return
    if not path.is_file():
        raise BackupError(f"{path} is not a file. Name the file to write, for example {path.name or 'rocc'}.zip.")
    with path.open("rb") as file:
        if not archive.is_ours(file):
            raise BackupError(f"{path} is there already and is not a backup. Choose another name.")


def _migrations():
    found = schema.look()
    if not found.is_current:
        raise BackupError(
            "The database is not as this version of the tracker knows it"
            f" ({', '.join([*found.to_come, *found.unknown])})."
            " Run `manage.py migrate`, or make the backup with the version that the site runs."
        )
    return found.applied


def _keep_name(folder):
    """Have the new name outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
