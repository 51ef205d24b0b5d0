"""Sessions that last as long as a person is at work."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import db
from django.utils import timezone

RENEW_AFTER = timedelta(minutes=10)


class SessionStore(db.SessionStore):
    """Sessions in the database, whose end is put off while they are in use, by a write at most every ten minutes.

    Django can put it off at every request, at the price of a write for each page that is read.
    """

    def _get_session_from_db(self):
        row = super()._get_session_from_db()
        if row:
            used_at = row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)
            # A session that counts as changed is saved with the answer, and gets its whole time again.
            self.modified = timezone.now() - used_at > RENEW_AFTER
        return row
