"""Several emails over one connection to the mail server, within the time that a person waits for a page."""

import logging
import smtplib
from contextlib import suppress
from time import monotonic
from typing import Any, Self

from django.conf import settings
from django.core import mail

SECONDS = 25.0
"""How long one run goes on for: the person who started it sees a blank page meanwhile."""
NO_ANSWER = "The email server did not answer."
NO_TIME = "There was no time left. The email server is slow."
REFUSED_ADDRESS = "The email server refused the address."
REFUSED_EMAIL = "The email server refused the email."
CANNOT_BE_WRITTEN = "The address cannot be written to."
IS_AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""Has out-of-office programs leave it unanswered."""

logger = logging.getLogger(__name__)


class NotSent(Exception):
    """An email did not leave; the text says why, in a sentence for whoever sent it."""


class MailRun:
    """Sends emails, one after the other; a context manager.

    One connection is used for all. It is opened for the first email, and again after an error. Once the server cannot
    be reached or the time is up, every further email is refused at once, so that nobody waits for each of them.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        """Give the run so many `seconds`."""
        self._ends_at = monotonic() + seconds
        self._connection: Any = None
        self._is_unreachable = False

    def __enter__(self) -> Self:
        """Return the run."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the connection."""
        self._close()

    def send(self, *, to: str, subject: str, text: str) -> None:
        """Send one email in plain text to one address. Raises `NotSent`."""
        if self._is_unreachable:
            raise NotSent(NO_ANSWER)
        if monotonic() > self._ends_at:
            raise NotSent(NO_TIME)
        reply_to = [settings.EMAIL_REPLY_TO] if settings.EMAIL_REPLY_TO else []
        message = mail.EmailMessage(_one_line(subject), text, to=[to], reply_to=reply_to, headers=IS_AUTOMATIC)
        self._open()
        try:
            sent_count = self._connection.send_messages([message])
        except (OSError, ValueError) as error:
            raise NotSent(self._explain(error)) from error
        if not sent_count:
            raise NotSent(REFUSED_EMAIL)

    def _open(self) -> None:
        if self._connection is not None:
            return
        connection = _connect()
        try:
            connection.open()
        except OSError as error:
            self._is_unreachable = True
            logger.warning("The email server cannot be reached: %s", _kind(error))
            raise NotSent(NO_ANSWER) from error
        self._connection = connection

    def _explain(self, error: Exception) -> str:
        """Return a sentence about `error`, and drop the connection unless it is as good as before."""
        # The words of the server may hold addresses, which are not for the log.
        logger.warning("An email was not sent: %s", _kind(error))
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            return REFUSED_ADDRESS
        if isinstance(error, ValueError | smtplib.SMTPNotSupportedError):
            return CANNOT_BE_WRITTEN
        self._close()
        if isinstance(error, smtplib.SMTPResponseException):
            return REFUSED_EMAIL
        return NO_ANSWER

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
            self._connection = None


def _connect() -> Any:
    """Return a connection to the mail server that is not open yet, by the settings of this version of Django."""
    # Django has several mail servers from 6.1 on.
    mailers = getattr(mail, "mailers", None)
    return mailers.default if mailers else mail.get_connection()


def _one_line(text: str) -> str:
    """Return `text` without line breaks, with which a subject would go on as headers of its own."""
    return " ".join(text.split())


def _kind(error: Exception) -> str:
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()
