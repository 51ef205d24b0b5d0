"""Who is signed in, where."""

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Session(AbstractBaseSession):
    """A browser that is here, and of somebody who signed in: who it is, since when, and what the browser calls itself.

    It ends at `expire_date`, which is put off while it is in use, up to `SESSION_LIFETIME` after signing in.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    signed_in_at = models.DateTimeField("signed in", null=True, blank=True)
    used_at = models.DateTimeField("last used", default=timezone.now)
    user_agent = models.CharField("browser", max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, signed_in_at=None) | Q(user__isnull=False, signed_in_at__isnull=False),
                name="session_of_a_person_has_a_start",
                violation_error_message="A session of someone who signed in says since when.",
            )
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        """Return what reads and writes sessions here."""
        return import_module(settings.SESSION_ENGINE).SessionStore
