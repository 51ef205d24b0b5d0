"""Sessions that last as long as a person is at work."""

import time

from django.contrib.auth import SESSION_KEY

RENEWED_AT = "renewed_at"
RENEW_AFTER_SECONDS = 10 * 60


def keep_alive(get_response):
    """Middleware: put off the end of a session that is in use, writing it at most every ten minutes.

    Django can do so at every request, at the price of a write for each page that is read.
    """

    def respond(request):
        session = request.session
        if SESSION_KEY in session and time.time() - session.get(RENEWED_AT, 0) > RENEW_AFTER_SECONDS:
            session[RENEWED_AT] = int(time.time())
        return get_response(request)

    return respond
