"""When the commands that timers run last came to their end, so that a check can say which of them are not set up."""

from contextlib import suppress
from datetime import datetime

from django.core.cache import cache
from django.db.utils import Error
from django.utils.timezone import now

BACKUP, MAIL = "backup", "send_mail"
"""The names of commands whose runs are noted."""


def note_run(command: str) -> None:
    """Note that a command has just done its work. Where that cannot be kept, its work is done all the same."""
    with suppress(Error):
        cache.set(f"last-run:{command}", now(), timeout=None)


def last_run(command: str) -> datetime | None:
    """Return when a command last came to its end on this database; None: never, as far as is known. One query."""
    return cache.get(f"last-run:{command}")
