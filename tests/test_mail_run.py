"""Several emails over one connection: what is in them, and what becomes of a server that fails."""

import smtplib
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.core.mail.backends import smtp
from django.test import override_settings

from plans.mail_run import CANNOT_BE_WRITTEN, NO_ANSWER, NO_TIME, REFUSED_ADDRESS, REFUSED_EMAIL, MailRun, NotSent
from tests.mailing import mail_settings

WORDS = {"to": "updater@police.example", "subject": "December quarter", "text": "Kia ora"}


class Server:
    """Stands in for smtplib.SMTP: takes emails, and fails as it is told to, once for each error."""

    errors, taken, opened = [], [], 0

    def __init__(self, *args, **kwargs):
        type(self).opened += 1
        self._fail("connect")

    def _fail(self, step):
        if self.errors and self.errors[0][0] == step:
            raise self.errors.pop(0)[1]

    def sendmail(self, sender, recipients, content):
        self._fail("send")
        self.taken.append((recipients, content))

    def quit(self):
        self._fail("quit")

    def close(self):
        pass


@pytest.fixture
def server(monkeypatch):
    """A mail server; `server.errors` are [(step, error)]."""
    monkeypatch.setattr(Server, "errors", [])
    monkeypatch.setattr(Server, "taken", [])
    monkeypatch.setattr(Server, "opened", 0)
    monkeypatch.setattr(smtp.EmailBackend, "connection_class", Server)
    with override_settings(**mail_settings("django.core.mail.backends.smtp.EmailBackend")):
        yield Server


def send_to(run, *people):
    """Send to each; returns why it was not sent, blank where it was."""
    found = []
    for one in people:
        try:
            run.send(**{**WORDS, "to": f"{one}@agency.example"})
            found.append("")
        except NotSent as error:
            found.append(str(error))
    return found


def taken(server):
    return [recipients[0].partition("@")[0] for recipients, _ in server.taken]


def test_all_emails_of_a_run_go_over_one_connection(server):
    with MailRun() as run:
        assert send_to(run, "a", "b", "c") == ["", "", ""]

    assert (taken(server), server.opened) == (["a", "b", "c"], 1)


def test_email_arrives_in_plain_text_with_every_letter_and_the_senders_of_the_settings(server, settings):
    settings.DEFAULT_FROM_EMAIL, settings.EMAIL_REPLY_TO = "Tracker <t@site.example>", "Programme <p@site.example>"
    text = f"Ngā mihi, Māori “ĀĒĪŌŪ”\n{'ā' * 1200}\n"
    with MailRun() as run:
        run.send(to="updater@police.example", subject="Tāmaki: updates due", text=text)

    ((recipients, content),) = server.taken
    got = message_from_bytes(content, policy=policy.default)
    assert recipients == ["updater@police.example"]
    assert {name: got[name] for name in ("Subject", "From", "To", "Reply-To", "Auto-Submitted")} == {
        "Subject": "Tāmaki: updates due",
        "From": "Tracker <t@site.example>",
        "To": "updater@police.example",
        "Reply-To": "Programme <p@site.example>",
        "Auto-Submitted": "auto-generated",
    }
    assert (got.get_content_type(), got.get_content().replace("\r\n", "\n")) == ("text/plain", text)


def test_without_reply_to_answers_go_to_the_sender(settings):
    with MailRun() as run:
        run.send(**WORDS)

    assert mail.outbox[0].reply_to == []


def test_subject_with_line_breaks_makes_no_header_of_its_own(server):
    with MailRun() as run:
        run.send(**{**WORDS, "subject": "December\r\nBcc: all@agency.example\n\nquarter"})

    got = message_from_bytes(server.taken[0][1], policy=policy.default)
    assert (got["Subject"], got["Bcc"]) == ("December Bcc: all@agency.example quarter", None)


def test_address_that_cannot_be_written_is_told_and_hinders_no_other(server):
    with MailRun() as run:
        with pytest.raises(NotSent, match=CANNOT_BE_WRITTEN):
            run.send(**{**WORDS, "to": "a@agency.example\nBcc: b@agency.example"})
        assert send_to(run, "b") == [""]

    assert taken(server) == ["b"]


@pytest.mark.parametrize(
    ("error", "words", "opened"),
    [
        (smtplib.SMTPRecipientsRefused({"a@agency.example": (550, b"no a@agency.example")}), REFUSED_ADDRESS, 1),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), CANNOT_BE_WRITTEN, 1),
        (smtplib.SMTPDataError(554, b"spam"), REFUSED_EMAIL, 2),
        (smtplib.SMTPServerDisconnected("gone"), NO_ANSWER, 2),
        (TimeoutError("timed out"), NO_ANSWER, 2),
    ],
)
def test_email_that_fails_hinders_no_other_and_leaves_no_address_in_the_log(server, caplog, error, words, opened):
    server.errors += [("send", error), ("quit", smtplib.SMTPServerDisconnected("gone"))][: opened or 1]
    with MailRun() as run:
        assert send_to(run, "a", "b") == [words, ""]

    assert (taken(server), server.opened) == (["b"], opened)
    assert "agency.example" not in caplog.text
    assert type(error).__name__ in caplog.text


@pytest.mark.parametrize("error", [ConnectionRefusedError("refused"), smtplib.SMTPAuthenticationError(535, b"no")])
def test_server_that_cannot_be_reached_is_tried_once(server, error):
    server.errors += [("connect", error)]
    with MailRun() as run:
        assert send_to(run, "a", "b", "c") == [NO_ANSWER] * 3

    assert (taken(server), server.opened) == ([], 1)


def test_run_that_takes_too_long_sends_no_more(server):
    with MailRun(seconds=-1) as run:
        assert send_to(run, "a") == [NO_TIME]

    assert server.opened == 0
