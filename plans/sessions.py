"""Sessions that last as long as a person is at work."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db.models import CharField
from django.utils import timezone

from plans.database_errors import database_trouble
from plans.querysets import Asked, prepared

RENEW_AFTER = timedelta(minutes=10)


class SessionStore(db.SessionStore):
    """Sessions in the database, whose end is put off while they are in use, by a write at most every ten minutes.

    Django can put it off at every request, at the price of a write for each page that is read; and it words the query
    for a session anew each time, which took a third of the time to say that a page is unchanged.
    """

    stored = None
    """The session's values as the database had them, packed; None for a new session."""

    def save(self, must_create=False):
        """Save it. Raises the error of a database that is busy or away, unless all that is lost is a later end.

        Django takes every error for a session that has been deleted, and answers 400.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            if not database_trouble(error):
                raise
            if self.stored is None or self.decode(self.stored) != self._get_session():
                raise error.__context__ from None

    def _get_session_from_db(self):
        row = next(iter(_session(key=self.session_key)), None)
        if row is None or row.expire_date <= timezone.now():
            self._session_key = None
            return None
        self.stored = row.session_data
        used_at = row.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        # A session that counts as changed is saved with the answer, and gets its whole time again.
        self.modified = timezone.now() - used_at > RENEW_AFTER
        return row


@prepared
def _session():
    return Session.objects.filter(session_key=Asked("key", CharField()))
