"""The outbox: messages that leave the site once, by any number of senders on any number of machines.

**To add a kind of message**, in a module of your own:

1. Write a function that takes claimed messages of your kind ([OutgoingMessage], at most `BATCH`, with their `person`)
   and returns {id of a message: `Email`}. It says what is true *now*, in a fixed number of queries. A message that is
   not in the answer has nothing to say any more, and ends. Nothing of the text and no token is ever kept in the row:
   `about_id`, `plan` and `round` say what it is about.
2. `register(Kind(name="receipt", label="Receipt of an update by link", write=…))` at the end of the module, and import
   the module in `plans.apps.PlansConfig.ready`, under the others.
3. Ask for a message inside the transaction of what it tells: `put("receipt", f"receipt:{update.pk}", person=…,
   about_id=update.pk)`. Asked for again with the same key, it is not made again. Where the transaction is rolled back,
   there is no message. `manage.py send_mail`, which runs every few minutes, sends it.

What is no email brings its own `deliver`, which calls `before_end` just before that after which it cannot be taken
back, and raises `NotSent` (tried again later) or `InDoubt` (never again by itself). `settled` is called in the
transaction that ends a message, for rows of your own that say what became of it. A kind whose message may just as well
come twice raises `NotSent` where it does not know.

**Once, and none lost.** Each step is a row changed under a condition, which one sender alone can meet:

    waiting ──> claimed ──> handing over ──> sent
                  │               └──> not known (the site was stopped, or the server did not answer)
                  └──> waiting again (the server said no, or the lease ran out) ──> not sent

A sender claims messages for `LEASE`, and writes them. Over SMTP a server delivers nothing before it is told where an
email ends; so the email is handed over whole but for its end, *then* the row is committed as being handed over, and
only then the end is sent. Whatever stops a sender before that commit, nothing has left, and the next one does it all
again. Whatever stops it after the answer of the server is recorded, the email has gone once. In between are one commit
and one line of three characters: what was stopped there has left or has not, and no one can tell, since SMTP has no
question for it. Such a message is never sent again by itself. It is shown as "Not known" to programme admins, who can
try again (its Message-ID stays the same, by which most mailboxes drop the second one), and reminders do not count it
as told: the next day's email says what is still outstanding. So the same email never comes twice, and nothing that is
still true stays unsaid for longer than a day.
"""

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from plans.choices import MessageState
from plans.mail_run import InDoubt, MailRun, NotSent
from plans.models import OutgoingMessage, Plan, ReportingRound, User

BATCH = 20
"""Messages that a sender claims and writes at once."""
LEASE = timedelta(minutes=5)
"""How long a sender has for those. What it has not begun to hand over by then is another's."""
WAITS = (*(timedelta(minutes=many) for many in (1, 5, 15, 60, 240, 720)), timedelta(days=1))
"""How long after each attempt the next one is made; after the last there is none."""
CAN_BE_TRIED_AGAIN = (MessageState.FAILED, MessageState.IN_DOUBT)
RUN_SECONDS = 600.0
CANNOT_BE_WRITTEN_NOW = "The site could not write it."
STOPPED = "The site was stopped while it was sent. It may have arrived."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Email:
    """What an email says. A subject holds no personal words: it is read over shoulders and on locked screens."""

    to: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class SendCounts:
    """What became of messages in one run."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0
    in_doubt: int = 0


class LeaseLost(Exception):
    """The message was taken over by another sender meanwhile; nothing of it has left from here."""


BeforeEnd = Callable[[], None]


def by_email(run: MailRun, message: OutgoingMessage, email: Email, before_end: BeforeEnd) -> None:
    """Deliver a message as an email, whose Message-ID is the same each time."""
    headers = {"Message-ID": message_id(message), **email.headers}
    run.send(
        to=email.to, subject=email.subject, text=email.text, html=email.html, headers=headers, before_end=before_end
    )


@dataclass(frozen=True)
class Kind:
    """A sort of message; see the top of this module."""

    name: str
    label: str
    write: Callable[[Sequence[OutgoingMessage]], Mapping[int, Any]]
    deliver: Callable[[MailRun, OutgoingMessage, Any, BeforeEnd], None] = by_email
    settled: Callable[[OutgoingMessage], None] | None = None


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind. Raises `ValueError` where there is another one of that name."""
    if KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"There are two kinds of message called {kind.name}.")
    return kind


def put(
    kind: str,
    key: str,
    *,
    person: User | None = None,
    about_id: int | None = None,
    plan: Plan | None = None,
    reporting_round: ReportingRound | None = None,
    at: datetime | None = None,
) -> None:
    """Have a message sent, at the earliest `at` a time; nothing where there is one with this `key` already. One query.

    In the transaction that is open, if one is. A key is of at most 120 characters and holds nothing secret.
    """
    about = {"person": person, "about_id": about_id, "plan": plan, "round": reporting_round}
    put_all([OutgoingMessage(kind=kind, key=key, next_try_at=at or timezone.now(), **about)])


def put_all(messages: Iterable[OutgoingMessage]) -> None:
    """Have messages sent, but those whose key, or whose person and day, is there already. One query."""
    made = list(messages)
    if unknown := {one.kind for one in made} - KINDS.keys():
        raise ValueError(f"There is no kind of message called {unknown.pop()}.")
    OutgoingMessage.objects.bulk_create(made, ignore_conflicts=True)


def claim_day(
    kind: str, key: str, *, person_id: int, day: date, reporting_round: ReportingRound
) -> OutgoingMessage | None:
    """Return the message of a person and day, claimed, for who sends it by hand now; None where it went or is going.

    It is made where there is none. One that waits, failed or had nothing to say is taken over. Three queries.
    """
    now, claim = timezone.now(), secrets.token_hex(16)
    about = {"kind": kind, "key": key, "person_id": person_id, "day": day}
    put_all([OutgoingMessage(**about, round=reporting_round)])
    free = (MessageState.WAITING, MessageState.FAILED, MessageState.DROPPED)
    to_take = OutgoingMessage.objects.filter(kind=kind, person=person_id, day=day)
    to_take = to_take.filter(Q(state__in=free) | Q(state=MessageState.CLAIMED, claimed_until__lte=now))
    to_take.update(
        state=MessageState.CLAIMED, claimed_by=claim, claimed_until=now + LEASE, round=reporting_round, problem=""
    )
    return OutgoingMessage.objects.held_by(claim).first()


def deliver_now(run: MailRun, message: OutgoingMessage, content: Any) -> None:
    """Deliver a message that was claimed by hand. Raises `NotSent`, after it was ended as what it is."""
    try:
        KINDS[message.kind].deliver(run, message, content, lambda: _begin_handing_over(message))
    except NotSent as error:
        _end(message, MessageState.IN_DOUBT if isinstance(error, InDoubt) else MessageState.FAILED, str(error))
        raise
    _end(message, MessageState.SENT)


def try_again(message_pk: int) -> bool:
    """Have a message that failed, or of which it is not known, sent once more; returns whether it was one of those."""
    ended = OutgoingMessage.objects.filter(pk=message_pk, state__in=CAN_BE_TRIED_AGAIN)
    again = {"state": MessageState.WAITING, "attempts": 0, "next_try_at": timezone.now(), "problem": ""}
    return bool(ended.update(**again, claimed_by="", claimed_until=None))


def message_id(message: OutgoingMessage) -> str:
    """Return the Message-ID of a message: the same however often it is tried, and not to be guessed."""
    _, _, domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")
    digest = salted_hmac("plans.outbox.message_id", message.key, algorithm="sha256").hexdigest()[:32]
    return f"<{digest}@{domain.strip(' >') or 'localhost'}>"


def send_due(*, seconds: float = RUN_SECONDS) -> SendCounts:
    """Send what is due now, until nothing is or so many `seconds` are over. In no transaction. Returns the counts.

    Safe to run at any time, by any number of senders at once, and to be killed at any moment.
    """
    counts = SendCounts()
    ends_at = monotonic() + seconds
    with MailRun(seconds) as run:
        _settle_abandoned(counts)
        while monotonic() < ends_at and _is_any_due():
            _send_batch(run, _claim(), counts)
    return counts


def _is_any_due() -> bool:
    return OutgoingMessage.objects.due(timezone.now()).exists()


def _settle_abandoned(counts: SendCounts) -> None:
    """End what a sender was handing over when it was stopped: whether it left is not known."""
    abandoned = OutgoingMessage.objects.filter(state=MessageState.HANDING_OVER, claimed_until__lte=timezone.now())
    for message in abandoned.select_related("person"):
        if _end(message, MessageState.IN_DOUBT, STOPPED):
            counts.in_doubt += 1


def _claim() -> list[OutgoingMessage]:
    """Return messages that are due and that only this caller sends, the longest due first; three queries.

    Empty where other senders were quicker.
    """
    now, claim = timezone.now(), secrets.token_hex(16)
    due = OutgoingMessage.objects.due(now)
    first = list(due.order_by("next_try_at", "pk").values_list("pk", flat=True)[:BATCH])
    # The condition is looked at once more for each row, when it is locked.
    due.filter(pk__in=first).update(state=MessageState.CLAIMED, claimed_by=claim, claimed_until=now + LEASE)
    return list(OutgoingMessage.objects.held_by(claim).select_related("person").order_by("next_try_at", "pk"))


def _send_batch(run: MailRun, messages: list[OutgoingMessage], counts: SendCounts) -> None:
    of_kind: dict[str, list[OutgoingMessage]] = defaultdict(list)
    for message in messages:
        of_kind[message.kind].append(message)
    for name, theirs in of_kind.items():
        kind = KINDS.get(name)
        try:
            written = kind.write(theirs) if kind else {}
        except Exception:
            logger.exception("Messages of the kind %s could not be written", name)
            for message in theirs:
                _retry(message, NotSent(CANNOT_BE_WRITTEN_NOW), counts)
            continue
        for message in theirs:
            if kind is None or written.get(message.pk) is None:
                counts.dropped += _end(message, MessageState.DROPPED)
            else:
                _deliver(run, kind, message, written[message.pk], counts)


def _deliver(run: MailRun, kind: Kind, message: OutgoingMessage, content: Any, counts: SendCounts) -> None:
    """Deliver one message, and record what became of it."""
    try:
        kind.deliver(run, message, content, lambda: _begin_handing_over(message))
    except LeaseLost:
        logger.warning("A message was left to another sender, since this one took too long: %s", message.kind)
    except InDoubt as error:
        counts.in_doubt += _end(message, MessageState.IN_DOUBT, str(error))
    except NotSent as error:
        _retry(message, error, counts)
    else:
        counts.sent += _end(message, MessageState.SENT)


def _begin_handing_over(message: OutgoingMessage) -> None:
    """Record that a message is about to leave. Raises `LeaseLost` where it is not ours any more."""
    now = timezone.now()
    ours = OutgoingMessage.objects.held_by(message.claimed_by)
    ours = ours.filter(pk=message.pk, state=MessageState.CLAIMED, claimed_until__gt=now)
    # On the disk before this returns, whoever calls.
    with transaction.atomic(durable=True):
        is_ours = ours.update(state=MessageState.HANDING_OVER, claimed_until=now + LEASE)
    if not is_ours:
        raise LeaseLost


@transaction.atomic
def _end(message: OutgoingMessage, state: MessageState, problem: str = "") -> bool:
    """Record how a message ended, unless another sender has it by now; returns whether this was recorded."""
    now = timezone.now()
    values = {"state": state, "problem": problem, "sent_at": now if state == MessageState.SENT else None}
    attempts = message.attempts + (state != MessageState.DROPPED)
    held = OutgoingMessage.objects.held_by(message.claimed_by).filter(pk=message.pk)
    # A server that took its time: the message was given up meanwhile, and now it is known.
    ours = held.filter(state__in=(MessageState.CLAIMED, MessageState.HANDING_OVER, MessageState.IN_DOUBT))
    if not ours.update(**values, attempts=attempts):
        return False
    message.state, message.problem, message.sent_at = state, problem, values["sent_at"]
    kind = KINDS.get(message.kind)
    if kind and kind.settled:
        kind.settled(message)
    return True


def _retry(message: OutgoingMessage, error: NotSent, counts: SendCounts) -> None:
    """Have a message tried again later; or, where that is of no use or was done often enough, end it."""
    counts.failed += 1
    if error.is_final or message.attempts >= len(WAITS):
        _end(message, MessageState.FAILED, str(error))
        return
    wait = timezone.now() + WAITS[message.attempts]
    held = OutgoingMessage.objects.held_by(message.claimed_by).filter(pk=message.pk)
    ours = held.filter(state__in=(MessageState.CLAIMED, MessageState.HANDING_OVER))
    later = {"state": MessageState.WAITING, "next_try_at": wait, "problem": str(error), "claimed_until": None}
    ours.update(**later, claimed_by="", attempts=message.attempts + 1)
