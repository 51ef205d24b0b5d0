"""Whether the service works, for the machines that watch it."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from plans.backup import schema

log = logging.getLogger(__name__)
# What is true until the next version starts, so that it need not be asked again: {"migrations": True}
_known = {}


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

    One query, and two more until all migrations were found to be there.
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
    return _say("ready")


def _say(words, status=200):
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
