"""Takes a backup in: every row of it or none, and nothing besides."""

import io
import logging
from dataclasses import dataclass
from pathlib import Path

from django.contrib.sessions.models import Session as EarlierSession
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from plans.backup import archive, schema
from plans.backup.errors import BackupError
from plans.backup.json_rows import Names, put
from plans.backup.sequences import go_on_after
from plans.backup.tables import ENDED_BY_RESTORE, FILLED_BY_MIGRATE, backed_up, columns
from plans.choices import MessageState
from plans.models import OutgoingMessage, Session
from plans.models.issued_packs import unguarded

RESTORED = "It waited in a backup that was restored."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Restored:
    """What was restored: {model label: rows}, the file's SHA-256, and when and by which version it was made."""

    counts: dict
    checksum: str
    made_at: str
    version: str


def restore(path, *, replace=False):
    """Put the backup at `path` in place of what is in the database; return a `Restored`.

    Raises `BackupError`, with nothing changed, for a file that cannot be taken, for a database of another version, and
    for one that holds anything unless `replace` is given; `OSError` when the file cannot be read.
    """
    with Path(path).open("rb") as file:
        checksum = archive.verify(file, path)
        with archive.opened(file, path) as zipped:
            contents = archive.manifest(zipped, path)
            _refuse_other_version(contents, path)
            with transaction.atomic(durable=True):
                _lock()
                _refuse_entered_data(replace)
                with unguarded():
                    counts = _replace(zipped, contents, path)
    log.info("Restored a backup made at %s: %d rows, SHA-256 %s", contents["made_at"], sum(counts.values()), checksum)
    return Restored(counts, checksum, contents["made_at"], contents["version"])


def _refuse_other_version(contents, path):
    found = schema.look()
    if not found.is_current:
        raise BackupError(
            f"The database is not ready: {', '.join([*found.to_come, *found.unknown])}. Run `manage.py migrate` first."
        )
    made_by = f"{path} was made by version {contents['version']}"
    if newer := sorted(set(contents["migrations"]) - set(found.applied)):
        raise BackupError(
            f"{made_by}, which is newer than this one ({', '.join(newer)}). Upgrade the tracker, then restore."
        )
    if older := sorted(set(found.applied) - set(contents["migrations"])):
        raise BackupError(
            f"{made_by}, which is older than this one (it lacks {', '.join(older)})."
            f" Install that version with an empty database, restore there, then upgrade it: `manage.py migrate`."
        )
    ours = {model._meta.label: columns(model) for model in backed_up()}
    if ours != {table["model"]: table["columns"] for table in contents["tables"]}:
        raise BackupError(f"{made_by} and holds other tables than this one has. Restore it with that version.")


def _lock():
    """Let nobody write until the restore has ended; reading goes on. On SQLite, the transaction itself sees to it."""
    if connection.vendor == "postgresql":
        tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in backed_up())
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")


def _refuse_entered_data(replace):
    held = [] if replace else [model._meta.db_table for model in backed_up() if _holds_entries(model)]
    if held:
        raise BackupError(
            f"The database holds data already, in {len(held)} tables such as {min(held, key=len)}."
            " Make a backup of it, then say --replace to have it replaced."
        )


def _holds_entries(model):
    return model._meta.db_table not in FILLED_BY_MIGRATE and model._base_manager.exists()


def _replace(zipped, contents, path):
    """Empty every table, fill them again, and look over the result. Answers {model label: rows}."""
    try:
        _empty()
        names = Names()
        counts = {model._meta.label: _fill(model, zipped, names) for model in backed_up()}
        connection.check_constraints()
    except (DatabaseError, ValidationError, ValueError, KeyError) as error:
        reason = "; ".join(getattr(error, "messages", [])) or str(error).partition("\n")[0]
        raise BackupError(f"{path} does not fit this database: {reason}.") from error
    if counts != {table["model"]: table["rows"] for table in contents["tables"]}:
        raise BackupError(f"{path} does not hold as many rows as its manifest says.")
    numbers = {table["model"]: table["last_number"] for table in contents["tables"]}
    for model in backed_up():
        go_on_after(model, numbers[model._meta.label])
    _end_what_opens()
    _drop_waiting_messages()
    return counts


def _end_what_opens():
    """End each link, feed and token that the backup holds: it knows nothing of what was revoked later."""
    for model in backed_up():
        if column := ENDED_BY_RESTORE.get(model._meta.db_table):
            model._base_manager.filter(**{column: None}).update(**{column: timezone.now()})


def _drop_waiting_messages():
    """Have nothing leave the site that waited when the backup was made: it tells of days that are over, or of then."""
    waiting = [state for state in MessageState if not state.is_end]
    OutgoingMessage.objects.filter(state__in=waiting).update(state=MessageState.DROPPED, problem=RESTORED)


def _empty():
    # Whoever is signed in may be somebody else in the backup.
    for model in [Session, EarlierSession, *reversed(backed_up())]:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - our table


def _fill(model, zipped, names):
    with zipped.open(f"{model._meta.label}.jsonl") as table:
        return put(model, io.TextIOWrapper(table, encoding="ascii"), names)
