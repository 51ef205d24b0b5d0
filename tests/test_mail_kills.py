"""Two senders at once, each killed at random moments, and a real SMTP server: no email twice, and none lost.

A sender is killed before or after a statement, a commit or something that is sent to the server: nothing else that it
does can be seen from outside, so that any other moment is one of these.
"""

import random
import smtplib
import threading
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from plans.actions.daily_mail import plan_day
from plans.actions.outbox import LEASE, send_due
from plans.models import Agency, Membership, OutgoingMessage, Reminder, ReportingRound, User
from rocc import mail_server
from tests.test_updates_at_once import december, leads, own_file  # noqa: F401

PEOPLE = 200
KILLS = 100
LONGEST_LIFE = 120
"""How many moments a sender lives at most; a batch takes some fifty before the first email, each email some twenty."""
LOCAL = threading.local()


class Killed(BaseException):
    """The process was stopped here."""


class Inbox:
    """What the SMTP server took: [(address, Message-ID)]."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name is aiosmtpd's
        got = message_from_bytes(envelope.content, policy=policy.default)
        self.taken += [(to, got["Message-ID"]) for to in envelope.rcpt_tos]
        return "250 OK"


class AnyPort(Controller):
    """A server on a port that the system chooses."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def moment():
    """Count down the life of this thread's sender, and end it; twice at each effect: before it and after it.

    Whoever is dead has no more effect either: what Python still does on the way out is stopped as well.
    """
    if getattr(LOCAL, "life", None) is None:
        return
    LOCAL.life -= 1
    if LOCAL.life < 0:
        raise Killed


def mortal(effect):
    """Return `effect`, before and after which a sender can be killed."""

    def mortally(*args, **kwargs):
        moment()
        answer = effect(*args, **kwargs)
        moment()
        return answer

    return mortally


def send_mortally(smtp, content, send=smtplib.SMTP.send):
    """Send to the server; what it is spoken to over is closed when the sender is dead, as the system does."""
    if hasattr(LOCAL, "spoken_to"):
        LOCAL.spoken_to.add(smtp)
    mortal(send)(smtp, content)


@pytest.fixture
def inbox(settings):
    """A real SMTP server, through which mail goes."""
    found = Inbox()
    server = AnyPort(found, hostname="127.0.0.1", port=0)
    server.start()
    wanted = mail_server.as_this_django_wants(mail_server.settings_from(f"smtp://127.0.0.1:{server.port}"))
    for name, value in wanted.items():
        if name.startswith(("EMAIL_", "MAILERS")):
            setattr(settings, name, value)
    yield found
    server.stop()


@pytest.fixture
def two_hundred(leads, december):  # noqa: F811
    """People of Police, who all owe the same."""
    Membership.objects.all().delete()
    ReportingRound.objects.update(due_on=timezone.localdate() + timedelta(days=30))
    people = User.objects.bulk_create(User(email=f"p{number}@police.example") for number in range(PEOPLE))
    police = Agency.objects.get(code="police")
    Membership.objects.bulk_create(Membership(user=one, agency=police) for one in people)
    return [one.email for one in people]


def run_sender(life, killed):
    """Send in a thread of its own, until nothing is due or the sender has lived so many moments."""
    database = connections["default"]
    database.ensure_connection()
    LOCAL.life, LOCAL.spoken_to = life, set()
    try:
        with database.execute_wrapper(lambda execute, *args: mortal(execute)(*args)):
            send_due()
    except BaseException:
        # Django may make something else of it, where a transaction was neither committed nor rolled back.
        if life is None or LOCAL.life >= 0:
            raise
        killed.append(life)
    finally:
        LOCAL.life = None
        for one in LOCAL.spoken_to:
            one.close()
        connections.close_all()


def at_once(lives):
    """Run a sender for each of `lives` at the same time; returns how many were killed."""
    killed = []
    threads = [threading.Thread(target=run_sender, args=(life, killed)) for life in lives]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    return len(killed)


@pytest.mark.slow
def test_no_email_comes_twice_and_none_is_lost(two_hundred, inbox, monkeypatch, settings):
    settings.SITE_URL, settings.ROCC_UPDATE_LINKS = "https://tracker.example.govt.nz", False
    monkeypatch.setattr(smtplib.SMTP, "send", send_mortally)
    # A transaction of the dead is rolled back by the database.
    monkeypatch.setattr(BaseDatabaseWrapper, "_commit", mortal(BaseDatabaseWrapper._commit))
    chance, killed, today = random.Random(17), 0, timezone.localdate()
    start = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        assert plan_day() == PEOPLE
        for _ in range(400):
            if killed >= KILLS:
                break
            killed += at_once([chance.randint(1, LONGEST_LIFE) for _ in range(2)])
            clock.shift(LEASE + timedelta(seconds=1))
            if timezone.localdate() != today:
                clock.move_to(start)
        for _ in range(2):
            at_once([None, None])
            clock.shift(LEASE + timedelta(seconds=1))

        taken = Counter(inbox.taken)
        by_state = {state: set() for state in ("sent", "in_doubt")}
        for state, email in OutgoingMessage.objects.values_list("state", "person__email"):
            by_state[state].add(email)
        arrived = {to for to, _ in inbox.taken}

        assert killed >= KILLS
        # Never twice, whatever happened.
        assert set(taken.values()) == {1}
        assert len({name for _, name in taken}) == len(taken)
        # What is recorded as sent arrived; what is not known is the rest, and no more than senders were killed.
        assert by_state["sent"] | by_state["in_doubt"] == set(two_hundred)
        assert by_state["sent"] <= arrived
        assert len(by_state["in_doubt"]) <= killed

        # None lost: whoever may not have had it is told on the next day, and no one else is.
        inbox.taken.clear()
        clock.move_to(start + timedelta(days=1))
        plan_day()
        send_due()
        assert {to for to, _ in inbox.taken} == by_state["in_doubt"]
        assert len(inbox.taken) == len(by_state["in_doubt"])
        assert Reminder.objects.sent().values("person").distinct().count() == PEOPLE
