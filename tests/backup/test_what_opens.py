"""Whoever has a backup has nothing that opens anything, and a restore ends whatever was open when it was made.

A link, feed or token of another kind is one more `Opener` in `OPENERS`: all that is asked of it is asked here.
"""

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from plans.actions import access_tokens, calendar_feeds, update_links
from plans.backup import dump, restore
from plans.backup.tables import ENDED_BY_RESTORE, LEFT_OUT, backed_up
from plans.choices import MessageState
from plans.models import Agency, Membership, OutgoingMessage, Plan, ReportingRound, User
from tests.backup.rich import fill


@dataclass(frozen=True)
class Opener:
    """A sort of secret: `make` makes one, and returns its row and the addresses that it opens.

    `address` is where what stands in a column of a row might be tried, with "{}" for it. `ask` asks for an address as
    whoever has it would, and returns the status.
    """

    make: Callable[[], tuple[Any, list[str]]]
    address: str
    ask: Callable[[str], int] = lambda address: Client().get(address).status_code


def make_update_link():
    person = User.objects.create_user("by-link@police.example", name="Police updater")
    Membership.objects.create(user=person, agency=Agency.objects.get(code="police"))
    plan = Plan.objects.create(slug="linked", name="Linked plan", short_name="Linked", is_published=True)
    today = timezone.localdate()
    link = update_links.link_for(
        person, ReportingRound.objects.create(plan=plan, name="Now", opened_on=today, due_on=today)
    )
    return link, [f"/u/{update_links.update_token(link)}/", f"/not-me/{update_links.not_me_token(link)}/"]


def make_access_token():
    person = User.objects.create_user("token@police.example", name="Police analyst")
    new = access_tokens.make_token(person=person, name="Report", plan=None, ends_on=timezone.localdate())
    return new.row, [new.token]


def ask_with(token):
    # Whoever tries many is slowed down, which is not what is asked here.
    cache.clear()
    return Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/plans.json").status_code


def make_calendar_feed():
    person = User.objects.create_user("calendar@police.example", name="Police updater")
    feed = calendar_feeds.make_feed(person=person, name="Mine", kind="mine")
    return feed, [f"/feeds/{calendar_feeds.feed_token(feed)}.ics"]


OPENERS = {
    "access token": Opener(make_access_token, "{}", ask_with),
    "calendar feed": Opener(make_calendar_feed, "/feeds/{}.ics"),
    "update link": Opener(make_update_link, "/u/{}/"),
    "receipt of an update link": Opener(make_update_link, "/not-me/{}/"),
}


@pytest.fixture(params=OPENERS)
def opener(request):
    return OPENERS[request.param]


@pytest.fixture
def kept(db, tmp_path, monkeypatch):
    """Makes a backup of what there is, and returns its path."""

    def save():
        monkeypatch.setattr(dump, "moment", nullcontext)
        path = tmp_path / "backup.zip"
        dump.save(path)
        return path

    fill()
    return save


def texts(path):
    """Every text that is in a backup, in any column: what a finder of it would try."""
    found = set()
    with ZipFile(path) as zipped:
        for name in zipped.namelist():
            if name.endswith(".jsonl"):
                rows = map(json.loads, zipped.read(name).decode().splitlines())
                found |= {cell for row in rows for cell in row if isinstance(cell, str) and 8 <= len(cell) <= 200}
    return {text for text in found if "/" not in text}


def test_nothing_that_a_backup_holds_opens_anything_on_the_site_it_was_made_of(kept, opener):
    row, addresses = opener.make()
    path = kept()

    assert {opener.ask(address) for address in addresses} == {200}
    assert row.public_id in texts(path)
    assert {opener.ask(opener.address.format(text)) for text in texts(path)} <= {400, 401, 404, 410}


def test_restore_ends_what_was_open_when_the_backup_was_made(kept, opener):
    row, addresses = opener.make()
    path = kept()

    restore(path, replace=True)

    assert not {opener.ask(address) for address in addresses} & {200, 302}
    assert getattr(type(row).objects.get(pk=row.pk), ENDED_BY_RESTORE[row._meta.db_table])


def test_restore_sends_nothing_that_waited_when_the_backup_was_made(kept):
    person = User.objects.create_user("late@police.example", name="Police updater")
    for state in MessageState:
        sent_at = timezone.now() if state == MessageState.SENT else None
        OutgoingMessage.objects.create(kind="receipt", key=state, person=person, state=state, sent_at=sent_at)
    path = kept()

    restore(path, replace=True)

    found = dict(OutgoingMessage.objects.filter(person__email=person.email).values_list("key", "state"))
    assert found == {state: state if state.is_end else MessageState.DROPPED for state in MessageState}
    assert not OutgoingMessage.objects.exclude(state__in=[state for state in MessageState if state.is_end]).exists()


def test_each_table_that_can_be_ended_is_ended_by_a_restore_or_left_out():
    """By the name of the column, so that a new table of links or tokens is not forgotten."""
    can_be = {model._meta.db_table for model in backed_up() if "revoked_at" in {one.name for one in model._meta.fields}}

    assert can_be - LEFT_OUT.keys() <= ENDED_BY_RESTORE.keys()
