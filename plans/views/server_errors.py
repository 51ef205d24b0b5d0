"""The answer to what went wrong on our side: 503 while the database is busy, away or full, 500 for all else."""

import logging
import sys

from django.http import HttpResponse, HttpResponseServerError

from plans.database_errors import DatabaseTrouble, database_trouble, leave_read_only
from plans.views.refusals import on_its_own

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = {
    DatabaseTrouble.BUSY: 10,
    DatabaseTrouble.GONE: 10,
    DatabaseTrouble.FULL: 300,
    DatabaseTrouble.READ_ONLY: 60,
}
HEADINGS = {
    DatabaseTrouble.BUSY: "The tracker is busy",
    DatabaseTrouble.GONE: "The tracker is not available right now",
    DatabaseTrouble.FULL: "The tracker cannot save anything right now",
    DatabaseTrouble.READ_ONLY: "The tracker cannot save anything right now",
}
WORDS = {
    DatabaseTrouble.BUSY: "Someone else was saving for longer than usual, for example a large import. "
    "Wait a minute, then try again.",
    DatabaseTrouble.GONE: "The database is not responding. Wait a minute, then try again.",
    DatabaseTrouble.FULL: "The disk is full, so nothing was saved. Tell the people who run this tracker.",
    DatabaseTrouble.READ_ONLY: "The database cannot save changes right now, so nothing was saved. "
    "Wait a minute, then try again.",
}


def something_broke(request):
    """Return the page for the error that is being handled; Django's `handler500`, also for errors of middleware."""
    error = sys.exc_info()[1]
    trouble = database_trouble(error)
    return database_unavailable(request, trouble, error) if trouble else _broken(request)


def database_unavailable(request, trouble, error):
    """Return a 503 page that says what the `DatabaseTrouble` is and when to try again. Needs no database."""
    request.is_database_away = True
    context = {"heading": HEADINGS[trouble], "words": WORDS[trouble], "request_id": _number(request)}
    response = HttpResponse(on_its_own(request, "503.html", context), status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS[trouble])
    leave_read_only(trouble)
    response["Cache-Control"] = "no-store"
    log.warning("Database %s: %s %s: %s", trouble.name, request.method, request.path, error)
    # One line says it all; Django would add a traceback for everyone who met the lock.
    response._has_been_logged = True  # noqa: SLF001 - Django's own mark, which its log looks for
    return response


def _broken(request):
    """Return the page for a fault of ours, with the number by which its cause is found. Needs no database."""
    response = HttpResponseServerError(on_its_own(request, "500.html", {"request_id": _number(request)}))
    response["Cache-Control"] = "no-store"
    return response


def _number(request):
    return getattr(request, "request_id", "")
