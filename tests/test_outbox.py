"""The outbox: each message leaves once, whoever sends and whatever stops them."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from plans.actions import outbox
from plans.actions.outbox import BATCH, LEASE, Email, Kind, SendCounts, put, put_all, send_due, try_again
from plans.choices import MessageState
from plans.mail_run import NO_ANSWER, REFUSED_ADDRESS, InDoubt, MailRun, NotSent
from plans.models import OutgoingMessage, User

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process was stopped here."""


class Letters:
    """A kind whose emails say who they are for; `silent` are people who are told nothing, `faults` are raised once."""

    def __init__(self):
        self.silent, self.faults, self.write_count, self.settled = set(), [], 0, []

    def write(self, messages):
        self.write_count += 1
        return {
            one.pk: Email(to=one.person.email, subject="Test", text=f"Kia ora {one.person}")
            for one in messages
            if one.person.email not in self.silent
        }

    def deliver(self, run, message, email, before_end):
        for when, fault in self.faults:
            if when == "before":
                self.faults.remove((when, fault))
                raise fault
        outbox.by_email(run, message, email, before_end)
        for when, fault in self.faults:
            if when == "after":
                self.faults.remove((when, fault))
                raise fault


@pytest.fixture
def kind(monkeypatch):
    one = Letters()
    made = Kind(name="test", label="Test", write=one.write, deliver=one.deliver, settled=one.settled.append)
    monkeypatch.setitem(outbox.KINDS, "test", made)
    return one


@pytest.fixture
def person(db):
    return User.objects.create(email="updater@police.example", name="Police updater")


def states():
    return list(OutgoingMessage.objects.order_by("pk").values_list("state", flat=True))


def sent_to():
    return [one.to[0] for one in mail.outbox]


@contextmanager
def later(by):
    with time_machine.travel(timezone.now() + by, tick=False):
        yield


def test_message_that_is_asked_for_twice_leaves_once(kind, person):
    for _ in range(2):
        put("test", "test:1", person=person)

    assert (send_due(), send_due()) == (SendCounts(sent=1), SendCounts())
    assert (sent_to(), states()) == ([person.email], ["sent"])
    assert [one.state for one in kind.settled] == [MessageState.SENT]


def test_message_waits_for_its_time(kind, person):
    put("test", "test:1", person=person, at=timezone.now() + timedelta(hours=1))

    assert send_due() == SendCounts()
    with later(timedelta(hours=1, minutes=1)):
        assert send_due() == SendCounts(sent=1)


def test_person_gets_one_message_of_a_day_whatever_its_kind(kind, person):
    day = timezone.localdate()
    put_all([OutgoingMessage(kind="test", key=key, person=person, day=day) for key in ("reminder", "digest")])

    assert list(OutgoingMessage.objects.values_list("key", flat=True)) == ["reminder"]


def test_kind_that_no_one_registered_is_refused():
    with pytest.raises(ValueError, match="no kind of message called letter"):
        put("letter", "letter:1")


def test_message_with_nothing_to_say_any_more_is_dropped(kind, person):
    put("test", "test:1", person=person)
    kind.silent = {person.email}

    assert (send_due(), states(), sent_to()) == (SendCounts(dropped=1), ["dropped"], [])


def test_many_messages_are_written_by_the_batch_over_one_connection(kind, django_assert_max_num_queries):
    people = User.objects.bulk_create(User(email=f"p{n}@agency.example") for n in range(BATCH))
    put_all(OutgoingMessage(kind="test", key=f"test:{one.email}", person=one) for one in people)

    # What is kept of each: that it is being handed over, and that it was sent, each in a transaction of its own.
    with django_assert_max_num_queries(10 + BATCH * 6):
        assert send_due().sent == BATCH
    assert kind.write_count == 1


def test_failed_message_is_tried_again_later_and_later_then_given_up(kind, person):
    put("test", "test:1", person=person)
    moment = timezone.now()
    waits = []
    while states() == ["waiting"]:
        kind.faults = [("before", NotSent(NO_ANSWER))]
        with time_machine.travel(moment, tick=False):
            assert send_due().failed == 1
        message = OutgoingMessage.objects.get()
        waits.append(message.next_try_at - moment)
        moment = message.next_try_at

    assert (tuple(waits[:-1]), message.state, message.problem) == (outbox.WAITS, "failed", NO_ANSWER)
    assert try_again(message.pk)
    assert not try_again(message.pk)
    with time_machine.travel(moment + timedelta(days=1), tick=False):
        assert send_due() == SendCounts(sent=1)


def test_refusal_for_good_is_not_tried_again(kind, person):
    put("test", "test:1", person=person)
    kind.faults = [("before", NotSent(REFUSED_ADDRESS, is_final=True))]

    assert (send_due(), states()) == (SendCounts(failed=1), ["failed"])


def test_kind_that_cannot_write_is_tried_again_and_hinders_no_other(kind, person, monkeypatch):
    broken = Kind(name="broken", label="Broken", write=lambda messages: 1 / 0)
    monkeypatch.setitem(outbox.KINDS, "broken", broken)
    put("broken", "broken:1", person=person)
    put("test", "test:1", person=person)

    assert send_due() == SendCounts(sent=1, failed=1)
    assert states() == ["waiting", "sent"]


def test_what_was_killed_before_its_end_was_told_is_sent_by_the_next_one_after_the_lease(kind, person):
    put("test", "test:1", person=person)
    kind.faults = [("before", Killed())]
    with pytest.raises(Killed):
        send_due()

    assert (states(), send_due(), sent_to()) == (["claimed"], SendCounts(), [])
    with later(LEASE + timedelta(seconds=1)):
        assert send_due() == SendCounts(sent=1)
    assert sent_to() == [person.email]


def test_what_was_killed_after_its_end_was_told_is_not_sent_again(kind, person):
    put("test", "test:1", person=person)
    kind.faults = [("after", Killed())]
    with pytest.raises(Killed):
        send_due()

    with later(LEASE + timedelta(seconds=1)):
        assert send_due() == SendCounts(in_doubt=1)
        assert send_due() == SendCounts()
    assert (states(), sent_to()) == (["in_doubt"], [person.email])


def test_server_that_does_not_answer_leaves_it_not_known(kind, person):
    put("test", "test:1", person=person)
    kind.faults = [("after", InDoubt(NO_ANSWER))]

    assert (send_due(), send_due(), states()) == (SendCounts(in_doubt=1), SendCounts(), ["in_doubt"])


def test_sender_whose_lease_ran_out_while_it_wrote_sends_nothing(kind, person):
    """Another one has it by then, and sent it."""
    put("test", "test:1", person=person)
    write, others = kind.write, []

    def write_slowly(messages):
        if not others:
            others.append(1)
            with later(LEASE + timedelta(seconds=1)):
                assert send_due() == SendCounts(sent=1)
        return write(messages)

    outbox.KINDS["test"] = Kind(name="test", label="Test", write=write_slowly)

    assert send_due() == SendCounts()
    assert (states(), sent_to()) == (["sent"], [person.email])


def test_message_keeps_its_id_and_no_other_has_it(kind, person):
    put("test", "test:1", person=person)
    send_due()
    OutgoingMessage.objects.update(state="failed", sent_at=None)
    assert try_again(OutgoingMessage.objects.get().pk)
    put("test", "test:2", person=person)
    send_due()

    first, again, other = (one.extra_headers["Message-ID"] for one in mail.outbox)
    assert first == again != other


def test_command_says_how_many_were_sent_and_nothing_when_there_were_none(kind, person, capsys, settings):
    settings.SITE_URL = "https://tracker.example.govt.nz"
    put("test", "test:1", person=person)
    call_command("send_mail")
    call_command("send_mail")

    assert capsys.readouterr().out == "1 sent, 0 not sent.\n"


def test_email_has_both_forms_and_headers_without_line_breaks():
    with MailRun() as run:
        headers = {"List-Unsubscribe": "<https://a.example/>\r\nBcc: all@agency.example"}
        run.send(to="a@agency.example", subject="Test", text="Kia ora", html="<p>Kia ora</p>", headers=headers)

    got = mail.outbox[0].message()
    assert [part.get_content_type() for part in got.get_payload()] == ["text/plain", "text/html"]
    assert (got["Bcc"], got["List-Unsubscribe"]) == (None, "<https://a.example/> Bcc: all@agency.example")
