"""Sessions that know whose they are, and that last as long as a person is at work, within a working day."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db.models import CharField
from django.utils import timezone

from plans.choices import AuditKind
from plans.database_errors import database_trouble
from plans.fast.queries import Param, prepared
from plans.models import AuditEvent, Session

RENEW_AFTER = timedelta(minutes=10)
SIGNED_IN = "signed_in"
MOST_OF_A_NAME = 300


class SessionStore(db.SessionStore):
    """Sessions in the database, whose end is put off while they are in use, by a write at most every ten minutes.

    Django can put it off at every request, at the price of a write for each page that is read; and it words the query
    for a session anew each time, which took a third of the time to say that a page is unchanged.

    However much it is used, the session of a person ends `SESSION_LIFETIME` seconds after they signed in.
    """

    stored = None
    """The session's values as the database had them, packed; None for a new session."""

    @classmethod
    def get_model_class(cls):
        """Return the model whose rows sessions are."""
        return Session

    def create_model_instance(self, data):
        """Return the row that `data` makes, with whose session it is, since when, and its end."""
        now = timezone.now()
        if SESSION_KEY not in data:
            return super().create_model_instance(data)
        # One that was made before sessions knew their beginning begins now.
        since = data.setdefault(SIGNED_IN, {"at": now.isoformat(), "with": ""})
        row = super().create_model_instance(data)
        row.user_id, row.used_at, row.user_agent = int(data[SESSION_KEY]), now, since["with"]
        row.signed_in_at = datetime.fromisoformat(since["at"])
        row.expire_date = min(row.expire_date, row.signed_in_at + timedelta(seconds=settings.SESSION_LIFETIME))
        return row

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
        # A session that counts as changed is saved with the answer, and gets its whole time again.
        self.modified = timezone.now() - row.used_at > RENEW_AFTER
        return row


def connect():
    """Begin to note when and with what people sign in; called once, when the site starts."""
    user_logged_in.connect(_note_sign_in, dispatch_uid="sessions")


def _note_sign_in(sender, request, user, **kwargs):
    browser = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:MOST_OF_A_NAME]
    request.session[SIGNED_IN] = {"at": timezone.now().isoformat(), "with": browser, "before": _last_day_of(user)}


def last_visit_before(request):
    """Return the last day before today's sign-in on which the person of a request signed in; None when none is known.

    It was noted when they signed in, so that no page writes it. No query.
    """
    session = getattr(request, "session", {})
    signed_in = session.get(SIGNED_IN, {}) if request.user.is_authenticated else {}
    before = signed_in.get("before")
    return date.fromisoformat(before) if before else None


def _last_day_of(user):
    """Return the last day before today on which the person signed in, as text; blank when there is none. One query."""
    midnight = datetime.combine(timezone.localdate(), time(), timezone.get_default_timezone())
    signed_in = AuditEvent.objects.filter(about=user, kind=AuditKind.SIGNED_IN, at__lt=midnight)
    last = signed_in.order_by("-at").values_list("at", flat=True).first()
    return timezone.localdate(last, timezone.get_default_timezone()).isoformat() if last else ""


@prepared
def _session():
    return Session.objects.filter(session_key=Param("key", CharField()))
