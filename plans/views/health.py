"""Whether the service works, for the machines that watch it."""

import logging
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.backup import schema
from plans.cache import check_writable
from plans.database_errors import DatabaseTrouble, database_trouble, leave_read_only

log = logging.getLogger(__name__)
LEAST_FREE_BYTES = 5_000_000
ASK_AGAIN_SECONDS = 10
DISK_IS_FULL = "disk: it is full"
# What is true until the next version starts, so that it need not be asked again: {"migrations": True}; and for a while
# whether the database could be written to: {"writing": (when, why not)}.
_known: dict[str, object] = {}


@login_not_required
@never_cache
@require_safe
def healthz(request):
    """Answer 200 "ok" while the process can answer at all. No query: a restart would not mend the database."""
    return _say("ok")


@login_not_required
@never_cache
@require_safe
def readyz(request):
    """Answer 200 "ready" when pages can be served; 503 with the reason otherwise, and nothing else to strangers.

    One query, and two more until all migrations were found to be there. Every ten seconds two more write a row and take
    it away again, since a full disk lets everything be read.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        to_come = [] if _known.get("migrations") else schema.look().to_come
    except Error:
        return _say("database: it does not answer", status=503)
    if to_come:
        log.warning("Not ready: run `manage.py migrate` (%s)", ", ".join(to_come))
        return _say("migrations: some are still to come", status=503)
    _known["migrations"] = True
    if problem := _writing_problem():
        return _say(problem, status=503)
    return _say("ready")


def _writing_problem():
    """Return why nothing can be saved, or nothing; what was found holds for ten seconds."""
    asked_at, problem = _known.get("writing", (None, ""))
    if asked_at is None or monotonic() - asked_at >= ASK_AGAIN_SECONDS:
        problem = _full_disk() or _refused_writing()
        if problem:
            log.error("Not ready: %s", problem)
        _known["writing"] = (monotonic(), problem)
    return problem


def _full_disk():
    """Return that the disk of SQLite's file, or that of files that come in, is full; nothing while it is not."""
    folders = [tempfile.gettempdir()]
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        folders.append(Path(connection.settings_dict["NAME"]).parent)
    is_full = any(shutil.disk_usage(folder).free < LEAST_FREE_BYTES for folder in folders)
    return DISK_IS_FULL if is_full else ""


def _refused_writing():
    try:
        with _in_a_hurry():
            check_writable()
    except Error as error:
        trouble = database_trouble(error)
        leave_read_only(trouble)
        return DISK_IS_FULL if trouble is DatabaseTrouble.FULL else "database: it takes no changes"
    return ""


@contextmanager
def _in_a_hurry():
    """Have SQLite wait but half a second for its turn: whoever asks for our health does not wait for an import."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute("PRAGMA busy_timeout = 500")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def _say(words, status=200):
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
