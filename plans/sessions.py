"""Sessions that last as long as a person is at work."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField
from django.utils import timezone

from plans.querysets import Asked, prepared

RENEW_AFTER = timedelta(minutes=10)


class SessionStore(db.SessionStore):
    """Sessions in the database, whose end is put off while they are in use, by a write at most every ten minutes.

    Django can put it off at every request, at the price of a write for each page that is read; and it words the query
    for a session anew each time, which took a third of the time to say that a page is unchanged.
    """

    def _get_session_from_db(self):
        row = next(iter(_session(key=self.session_key)), None)
        if row is None or row.expire_date <= timezone.now():
            self._session_key = None
            return None
        used_at = row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        # A session that counts as changed is saved with the answer, and gets its whole time again.
        self.modified = timezone.now() - used_at > RENEW_AFTER
        return row


@prepared
def _session():
    return Session.objects.filter(session_key=Asked("key", CharField()))
