"""Calendar feeds: making, revoking and opening them.

The address of a feed is its id and a signature, so that a copy of the database opens nothing, and the address can be
shown again. What a feed holds is what its person may see now; whoever has the address has that.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.choices import AuditKind, FeedKind
from plans.models import AuditEvent, CalendarFeed, Plan, User
from plans.permissions import PersonAction, check_can_act_on
from plans.secret_links import new_id, sign, unsign

SALT = "plans.calendar_feeds"
MOST = 20
"""How many live feeds a person may have."""
TOO_MANY = f"You have {MOST} feeds. Revoke one that you no longer use, then try again."
READ_AGAIN = timedelta(hours=1)
"""How often it is written down that a feed is read: programs look every few minutes, if they are let."""


@transaction.atomic
def make_feed(
    *, person: User, name: str, kind: FeedKind | str, plan: Plan | None = None, query: str = ""
) -> CalendarFeed:
    """Return a new feed of `person`, which the audit trail notes.

    Raises `ValidationError` for what cannot be, and where they have too many.
    """
    # Of two at once, the second counts what the first made.
    User.objects.select_for_update().get(pk=person.pk)
    if person.calendar_feeds.live().count() >= MOST:
        raise ValidationError(TOO_MANY)
    feed = CalendarFeed(person=person, name=name, kind=kind, plan=plan, query=query, public_id=new_id())
    feed.full_clean()
    feed.save()
    _note(AuditKind.FEED_MADE, feed, by=person)
    return feed


@transaction.atomic
def revoke_feed(*, person: User, pk: int) -> bool:
    """Have the feed `pk` of `person` open no more. Returns whether it was theirs and live."""
    return bool(_revoke(person, by=person, pk=pk))


@transaction.atomic
def end_feeds(*, person: User, by: User) -> int:
    """End all feeds of `person`. Returns how many. Raises `PermissionDenied` where `by` may not act on them."""
    check_can_act_on(by, User.objects.select_for_update().get(pk=person.pk), PersonAction.END_FEEDS)
    return end_all_feeds(person, by=by)


def end_all_feeds(person: User, *, by: User) -> int:
    """End all feeds of `person`, as those of an account that is being closed. Call it in a transaction."""
    return _revoke(person, by=by)


def feed_token(feed: CalendarFeed) -> str:
    """Return what stands in the address of `feed`."""
    return sign(feed.public_id, salt=SALT)


def open_feed(token: str) -> CalendarFeed | None:
    """Return the feed of `token`, with its person, its plan and the `data_version`; None for one that opens nothing.

    One query, or none where the signature is not ours.
    """
    public_id = unsign(token, salt=SALT)
    if public_id is None:
        return None
    return CalendarFeed.objects.live().with_data_version().filter(public_id=public_id).first()


def note_reading(feed: CalendarFeed, *, version: str = "", tag: str = "") -> None:
    """Write down that `feed` was read, and with `version`, that it was made of that and its content has the tag `tag`.

    One query, or none where it was read within the hour and nothing has changed.
    """
    now, changed = timezone.now(), _content(feed, version, tag, timezone.now()) if version else {}
    if changed or feed.last_read_at is None or now - feed.last_read_at >= READ_AGAIN:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now, **changed)


def _content(feed: CalendarFeed, version: str, tag: str, now: datetime) -> dict[str, str | datetime]:
    if feed.content_tag != tag:
        feed.content_tag, feed.content_changed_at = tag, now
    feed.content_version = version
    names = ("content_version", "content_tag", "content_changed_at")
    return {name: getattr(feed, name) for name in names}


def _revoke(person: User, *, by: User, **which: int) -> int:
    # Locked, so that of two who end one at once the second ends nothing.
    live = list(person.calendar_feeds.filter(revoked_at=None, **which).select_for_update())
    CalendarFeed.objects.filter(pk__in=[one.pk for one in live]).update(revoked_at=timezone.now())
    for one in live:
        _note(AuditKind.FEED_ENDED, one, by=by)
    return len(live)


def _note(kind: AuditKind, feed: CalendarFeed, *, by: User) -> None:
    AuditEvent.objects.create(kind=kind, about=feed.person, by=by, detail=feed.name)
