"""What `manage.py check --deploy --database default` finds that whoever set up a site, or upgraded it, has forgotten.

Only there: `migrate` and others check the database, too, and would warn of what they are about to mend.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Warning as Finding
from django.db import DatabaseError, connection
from django.utils.timezone import now

from plans.backup import schema
from plans.last_runs import BACKUP, MAIL, last_run
from plans.models import User
from plans.outgoing import is_mail_sent

NOT_SET_UP = "@localhost"
"""How the address ends from which mail is sent until a site names its own."""
BACKUP_DAYS, MAIL_HOURS = 2, 1


def check_sender(app_configs: Any, **kwargs: Any) -> list[Finding]:
    """Warn where mail is sent from an address that no server takes mail from."""
    if not is_mail_sent() or NOT_SET_UP not in settings.DEFAULT_FROM_EMAIL:
        return []
    said = f"Email is sent from {settings.DEFAULT_FROM_EMAIL}, to which no one can answer."
    hint = "Set DEFAULT_FROM_EMAIL, for example Tracker <tracker@example.govt.nz>."
    return [Finding(said, hint=hint, id="plans.W010")]


def check_site(app_configs: Any, databases: Any = (), **kwargs: Any) -> list[Finding]:
    """Warn of what the site lacks on this machine and in its database; of one that does not answer, of that alone."""
    if "default" not in (databases or ()):
        return []
    found = list(_machine())
    try:
        to_come = schema.look().to_come
        found += [_to_come(to_come)] if to_come else _database()
    except DatabaseError as error:
        hint = "Start it, or correct DATABASE_URL."
        found.append(Finding(f"The database does not answer: {str(error).strip()}.", hint=hint, id="plans.W011"))
    return found


def _to_come(names: list[str]) -> Finding:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return Finding(
        f"The database is of an earlier version: {names[0]}{more} not applied.",
        hint="Make a backup with the earlier version, then run `manage.py migrate`.",
        id="plans.W012",
    )


def _machine() -> Iterator[Finding]:
    for folder, what in _folders():
        if not os.access(folder, os.W_OK):
            hint = f"Let the user that the tracker runs as write to {folder}."
            yield Finding(f"{what} cannot be written: {folder} is protected.", hint=hint, id="plans.W013")
    if not settings.DEBUG and _needs_collecting() and not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        hint = "Run `manage.py collectstatic --noinput`, and again with each new version."
        yield Finding("The style sheets are not collected. No page can be shown.", hint=hint, id="plans.W014")


def _folders() -> Iterator[tuple[Path, str]]:
    yield Path(tempfile.gettempdir()), "Uploads"
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():  # type: ignore[attr-defined]  # SQLite has it
        yield Path(connection.settings_dict["NAME"]).parent, "The database"


def _needs_collecting() -> bool:
    return "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]


def _database() -> list[Finding]:
    looks: list[Callable[[], Iterator[Finding]]] = [_cache_table, _people, _runs]
    return [found for look in looks for found in look()]


def _cache_table() -> Iterator[Finding]:
    table = settings.CACHES["default"]["LOCATION"]
    if table not in connection.introspection.table_names():
        hint = "Run `manage.py createcachetable`."
        yield Finding(f"The table {table} is missing. No one can sign in.", hint=hint, id="plans.W015")


def _people() -> Iterator[Finding]:
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        hint = "Run `manage.py createsuperuser`."
        yield Finding("There is no superuser. No one can invite the first people.", hint=hint, id="plans.W016")


def _runs() -> Iterator[Finding]:
    """Find timers that are not set up, or do no more what they should."""
    table = settings.CACHES["default"]["LOCATION"]
    if table not in connection.introspection.table_names():
        return
    if said := _overdue(BACKUP, timedelta(days=BACKUP_DAYS)):
        hint = "Run `manage.py backup FILE` each night, as deploy/rocc-backup.timer does."
        yield Finding(f"A backup of this database {said}.", hint=hint, id="plans.W017")
    if is_mail_sent() and (said := _overdue(MAIL, timedelta(hours=MAIL_HOURS))):
        hint = "Run `manage.py send_mail` every few minutes, as deploy/rocc-mail.timer does."
        yield Finding(f"Email that goes by itself {said}.", hint=hint, id="plans.W018")


def _overdue(command: str, longest: timedelta) -> str:
    """Return how a command has not run as it should, to follow what it does; blank where it has."""
    at = last_run(command)
    if at is None:
        return "was never sent" if command == MAIL else "was never made"
    if now() - at <= longest:
        return ""
    return f"was last {'sent' if command == MAIL else 'made'} on {at:%d %B %Y at %H:%M} UTC"
