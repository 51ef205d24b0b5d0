"""Events as an iCalendar file (RFC 5545), as Outlook, Google and Apple read it."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from icalendar import Event

    from plans.calendars.due_events import DueEvent

CONTENT_TYPE = "text/calendar; charset=utf-8"
OFTEN = timedelta(hours=6)
"""How often programs are asked to look again; few keep to it."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""The moment of what changed before there was a history: a calendar says the same each time it is made."""
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]")


def write_calendar(name: str, events: Iterable["DueEvent"], link: Callable[[str], str]) -> bytes:
    """Return a calendar called `name`; `link` makes the whole address of a path. The same bytes for the same events.

    There is no METHOD: with one, mail programs take a file for an invitation, which wants an organiser.
    """
    # Takes a tenth of a second, and no other page wants it.
    from icalendar import Calendar, vDuration, vText  # noqa: PLC0415

    calendar = Calendar()
    calendar.add("prodid", "-//ROCC tracker//Due dates//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, vText(_clean(name)))
    calendar.add("x-wr-timezone", settings.TIME_ZONE)
    often = vDuration(OFTEN)
    often.params["VALUE"] = "DURATION"
    calendar.add("refresh-interval", often)
    calendar.add("x-published-ttl", vText("PT6H"))
    for event in events:
        calendar.add_component(_component(event, link))
    return calendar.to_ical()


def _component(event: "DueEvent", link: Callable[[str], str]) -> "Event":
    from icalendar import Event  # noqa: PLC0415 - as above

    component, address = Event(), link(event.path)
    changed_at = (event.changed_at or LONG_AGO).astimezone(UTC).replace(microsecond=0)
    component.add("uid", event.uid)
    # When it was last changed and not now, so that what has not changed is the same.
    component.add("dtstamp", changed_at)
    component.add("last-modified", changed_at)
    component.add("sequence", event.sequence)
    component.add("dtstart", event.day)
    if event.day < date.max:
        # The first day that is no more part of it.
        component.add("dtend", event.day + timedelta(days=1))
    component.add("summary", _clean(event.title))
    component.add("description", _clean(f"{event.text}\n{address}"))
    component.add("url", address)
    component.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    component.add("class", "CONFIDENTIAL" if event.is_confidential else "PUBLIC")
    # Nobody is busy all day because something is due.
    component.add("transp", "TRANSPARENT")
    component.add("x-microsoft-cdo-busystatus", "FREE")
    return component


def _clean(text: str) -> str:
    """Return `text` without signs that end a line for some reader, or that no calendar may hold."""
    return CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
