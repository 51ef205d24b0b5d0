"""Several emails over one connection to the mail server, within the time that a person waits for a page."""

import logging
import re
import smtplib
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.charset import QP, Charset
from time import monotonic
from typing import Any, Self

import django
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


def _quoted_printable() -> Charset | None:
    """Return the encoding that no server on the way has to convert; None where Django chooses it by itself."""
    if django.VERSION >= (6,):
        return None
    charset = Charset("utf-8")
    charset.header_encoding = charset.body_encoding = QP
    return charset


QUOTED_PRINTABLE = _quoted_printable()
GO_ON, PERMANENT = 354, 500
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)

logger = logging.getLogger(__name__)


class NotSent(Exception):
    """An email did not leave; the text says why, in a sentence for whoever sent it.

    `is_final` says that trying again later would be of no use.
    """

    def __init__(self, why: str, *, is_final: bool = False) -> None:
        """Take the reason, as a sentence."""
        super().__init__(why)
        self.is_final = is_final


class InDoubt(NotSent):
    """The server had all of an email and did not answer, so that nobody knows whether it left."""


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

    def send(
        self,
        *,
        to: str,
        subject: str,
        text: str,
        html: str = "",
        headers: Mapping[str, str] | None = None,
        before_end: Callable[[], None] | None = None,
    ) -> None:
        """Send one email to one address, in plain text and, where there is `html`, in that as well. Raises `NotSent`.

        `before_end` is called when the server has the whole email and has not been told that this was its end: until
        then it delivers nothing, and an exception from there leaves it so. Raises `InDoubt` where the server did not
        answer after that.
        """
        if self._is_unreachable:
            raise NotSent(NO_ANSWER)
        if monotonic() > self._ends_at:
            raise NotSent(NO_TIME)
        message = self._message(to, subject, text, html, headers or {})
        self._open()
        handing_over = _HandingOver(self._connection, before_end)
        try:
            with handing_over:
                sent_count = self._connection.send_messages([message])
        except (OSError, ValueError) as error:
            why = self._explain(error)
            if handing_over.is_begun and not isinstance(error, smtplib.SMTPResponseException):
                raise InDoubt(why) from error
            raise NotSent(why, is_final=_is_final(error)) from error
        except BaseException:
            self._drop()
            raise
        if not sent_count:
            raise NotSent(REFUSED_EMAIL)

    def _message(self, to: str, subject: str, text: str, html: str, headers: Mapping[str, str]) -> mail.EmailMessage:
        """Return the email. Raises `NotSent` where there can be none like that."""
        reply_to = [settings.EMAIL_REPLY_TO] if settings.EMAIL_REPLY_TO else []
        headers = {name: _one_line(value) for name, value in headers.items()} | IS_AUTOMATIC
        message = mail.EmailMultiAlternatives(_one_line(subject), text, to=[to], reply_to=reply_to, headers=headers)
        if QUOTED_PRINTABLE is not None:
            message.encoding = QUOTED_PRINTABLE
        if html:
            message.attach_alternative(html, "text/html")
        try:
            message.message()
        except ValueError as error:
            raise NotSent(self._explain(error), is_final=True) from error
        return message

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

    def _drop(self) -> None:
        """Hang up without a word: what the server was not told the end of, it forgets."""
        smtp = getattr(self._connection, "connection", None)
        if smtp is not None:
            smtp.close()
            self._connection.connection = None
        self._connection = None

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
            self._connection = None


class _HandingOver:
    """Has the end of an email sent by itself, after `before_end`, while it is entered; `is_begun` once that was called.

    Only SMTP has an end that can be sent by itself. For all else `before_end` is called at the beginning.
    """

    def __init__(self, backend: Any, before_end: Callable[[], None] | None) -> None:
        self._smtp: Any = getattr(backend, "connection", None)
        self._has_data = isinstance(self._smtp, smtplib.SMTP)
        self._before_end = before_end
        self.is_begun = False

    def __enter__(self) -> None:
        if self._before_end is None:
            return
        if self._has_data:
            self._smtp.data = self._send_data
        else:
            self._begin()

    def __exit__(self, *error: object) -> None:
        if self._has_data:
            vars(self._smtp).pop("data", None)

    def _begin(self) -> None:
        if self._before_end is not None:
            self._before_end()
        self.is_begun = True

    def _send_data(self, content: bytes) -> tuple[int, bytes]:
        """Do what `smtplib.SMTP.data` does, with a pause before the end."""
        code, reply = self._smtp.docmd("data")
        if code != GO_ON:
            raise smtplib.SMTPDataError(code, reply)
        content = LEADING_DOT.sub(b"..", content)
        self._smtp.send(content if content.endswith(b"\r\n") else content + b"\r\n")
        self._begin()
        self._smtp.send(b".\r\n")
        answer: tuple[int, bytes] = self._smtp.getreply()
        return answer


def _is_final(error: Exception) -> bool:
    """Return whether the server would say the same of the email whenever it is tried."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPConnectError | smtplib.SMTPAuthenticationError):
        # That is about the settings of the site, which someone corrects.
        return False
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= PERMANENT
    return isinstance(error, ValueError | smtplib.SMTPNotSupportedError)


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
