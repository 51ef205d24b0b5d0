"""What happened in plans that have a webhook, from the record of it, and the cards about it.

Nothing that changes a plan knows of cards. What happened is found where all of it is known, whoever did it and how: on
a page, by a link, in an import, in the admin. That is the history of activities, the moments of escalations, and the
moments of rounds. It is looked at before each sending. What was found once is found again for a day, and asked for
again, which makes no second message: transactions end in another order than they wrote the history in.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from plans.actions.outbox import Kind, put_all, register
from plans.actions.webhooks import PURPOSE
from plans.choices import CardEvent, Status
from plans.mail_run import MailRun, NotSent
from plans.models import Activity, Barrier, OutgoingMessage, Plan, ReportingRound, Webhook
from plans.sealed_text import NotOpened, unseal
from plans.webhooks.cards import escalated_card, off_track_card, round_card, test_card
from plans.webhooks.posting import INTERNET, Network, post_card

LOOK_BACK = timedelta(days=1)
TOO_OLD = timedelta(days=3)
"""A card that could not be sent for so long is no news any more."""
CANNOT_BE_READ = "The address cannot be read, since the site has another key. Enter it again."
KIND = "card_{}"


class Post(NamedTuple):
    """A card and where it goes; None where the address cannot be read."""

    address: str | None
    body: bytes


def collect_events(now: datetime | None = None) -> int:
    """Ask for a card about each thing that happened lately; returns how many things there were. Safe to repeat."""
    now = now or timezone.now()
    messages: list[OutgoingMessage] = []
    for webhook in Webhook.objects.filter(turned_off_at=None, plan__is_published=True).select_related("plan"):
        since = max(webhook.since, now - LOOK_BACK)
        for event, find in FINDERS.items():
            if webhook.wants(event):
                messages += [_message(webhook, event, *found) for found in find(webhook.plan, since)]
    put_all(messages)
    return len(messages)


def ask_for_test(webhook: Webhook, now: datetime) -> None:
    """Ask for a test card, one a minute at most."""
    put_all([_message(webhook, CardEvent.TEST, int(now.timestamp()) // 60)])


def messages_of(plan: Plan) -> Any:
    """Return the messages about cards of `plan`, the latest first."""
    return OutgoingMessage.objects.filter(plan=plan, kind__in=[KIND.format(one.value) for one in CardEvent])


def _message(webhook: Webhook, event: CardEvent, about_id: int) -> OutgoingMessage:
    key = f"card:{webhook.pk}:{event.value}:{about_id}"
    return OutgoingMessage(kind=KIND.format(event.value), key=key, plan=webhook.plan, about_id=about_id)


def _went_off_track(plan: Plan, since: datetime) -> Iterable[tuple[int]]:
    """Return the first entry of the history of each moment at which activities went off track.

    An import changes many at one moment, about which there is one card.
    """
    first: dict[datetime, int] = {}
    for key, at in _turns(plan).filter(history_date__gte=since).values_list("history_id", "history_date"):
        first.setdefault(at, key)
    return [(key,) for key in first.values()]


def _turns(plan: Plan) -> Any:
    """Return the entries of the history by which activities went off track, which they were not before."""
    earlier = Activity.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    entries = Activity.history.filter(plan=plan.pk, status=Status.OFF_TRACK)
    entries = entries.annotate(before=Subquery(earlier.values("status")[:1])).exclude(before=None)
    return entries.exclude(before=Status.OFF_TRACK).order_by("history_id")


def _escalated(plan: Plan, since: datetime) -> Iterable[tuple[int]]:
    return Barrier.objects.filter(activity__plan=plan, escalated_at__gte=since).order_by("pk").values_list("pk")


def _opened(plan: Plan, since: datetime) -> Iterable[tuple[int]]:
    made = ReportingRound.history.filter(plan=plan.pk, history_type="+", history_date__gte=since)
    return made.order_by("id").values_list("id")


def _closed(plan: Plan, since: datetime) -> Iterable[tuple[int]]:
    return plan.rounds.filter(closed_at__gte=since).order_by("pk").values_list("pk")


FINDERS: dict[CardEvent, Callable[[Plan, datetime], Iterable[tuple[int]]]] = {
    CardEvent.OFF_TRACK: _went_off_track,
    CardEvent.ESCALATED: _escalated,
    CardEvent.ROUND_OPENED: _opened,
    CardEvent.ROUND_CLOSED: _closed,
}


def write_cards(event: CardEvent, messages: Sequence[OutgoingMessage]) -> Mapping[int, Post]:
    """Return the cards of `messages` by their id, as things are now; none about what is not so any more."""
    webhooks = Webhook.objects.filter(plan__in={one.plan_id for one in messages}, plan__is_published=True)
    by_plan = {one.plan_id: one for one in webhooks.select_related("plan")}
    found = {}
    for message in messages:
        webhook = by_plan.get(message.plan_id or 0)
        is_news = timezone.now() - message.made_at < TOO_OLD
        if webhook and is_news and webhook.wants(event) and message.key.startswith(f"card:{webhook.pk}:"):
            body = WRITERS[event](webhook.plan, message.about_id or 0)
            if body:
                found[message.pk] = Post(_address(webhook), body)
    return found


def _write_off_track(plan: Plan, entry: int) -> bytes | None:
    first = Activity.history.filter(plan=plan.pk, history_id=entry).first()
    if first is None:
        return None
    went = _turns(plan).filter(history_date=first.history_date).values_list("id", flat=True)
    activities = Activity.objects.filter(plan=plan, pk__in=list(went), status=Status.OFF_TRACK).in_force()
    still = list(activities.with_agencies().order_by("number"))
    return off_track_card(plan, still) if still else None


def _write_escalated(plan: Plan, pk: int) -> bytes | None:
    open_ones = Barrier.objects.open().filter(activity__plan=plan, is_escalated=True)
    barrier = open_ones.filter(pk=pk).select_related("activity__plan").first()
    return escalated_card(plan, barrier) if barrier else None


def _write_round(event: CardEvent, plan: Plan, pk: int) -> bytes | None:
    found = plan.rounds.filter(pk=pk).first()
    is_so = found is not None and found.is_open == (event == CardEvent.ROUND_OPENED)
    return round_card(plan, found, event) if found and is_so else None


WRITERS: dict[CardEvent, Callable[[Plan, int], bytes | None]] = {
    CardEvent.OFF_TRACK: _write_off_track,
    CardEvent.ESCALATED: _write_escalated,
    CardEvent.ROUND_OPENED: partial(_write_round, CardEvent.ROUND_OPENED),
    CardEvent.ROUND_CLOSED: partial(_write_round, CardEvent.ROUND_CLOSED),
    CardEvent.TEST: lambda plan, pk: test_card(plan),
}


def _address(webhook: Webhook) -> str | None:
    try:
        return unseal(webhook.sealed_address, purpose=PURPOSE)
    except NotOpened:
        return None


def deliver_card(
    run: MailRun, message: OutgoingMessage, post: Post, begin: Callable[[], None], network: Network = INTERNET
) -> None:
    """Send a card, as the outbox asks; a card may come twice, so what is not known is tried again."""
    if post.address is None:
        raise NotSent(CANNOT_BE_READ, is_final=True)
    post_card(post.address, post.body, begin=begin, network=network)


for _event in CardEvent:
    register(
        Kind(
            name=KIND.format(_event.value),
            label=f"Card: {_event.label.lower()}",
            write=partial(write_cards, _event),
            deliver=deliver_card,
        )
    )
