"""The moment as at which a plan is asked for, and what time it is while a page of then is made."""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone, localdate, localtime

PARAMETER = "at"
"""What addresses call the moment."""
EXAMPLE = "Enter a day as year-month-day, for example 2026-10-31"
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 40
"""No day or moment has more letters."""
FIRST_DAY = date(2000, 1, 1)
"""Long before any plan. The first days of all calendars begin before any moment that a database can hold."""


class MomentRefused(ValueError):
    """What was asked for is no moment as at which a plan can be shown; the text is a sentence that says why."""


@dataclass(frozen=True)
class AsAt:
    """A past moment. `moment` itself belongs to it; `asked` is how addresses write it. A day means its end."""

    moment: datetime
    asked: str
    is_day: bool

    def __str__(self) -> str:
        """Return it in words: "31 October 2026", or "31 October 2026, 2:05 pm"."""
        then = localtime(self.moment, get_default_timezone())
        return date_format(then, "j F Y") if self.is_day else date_format(then, "j F Y, g:i a")

    @property
    def day(self) -> date:
        """The day in the programme's time zone."""
        return localdate(self.moment, get_default_timezone())

    @property
    def label(self) -> str:
        """What names of files say: "as-at-2026-10-31", or "as-at-2026-10-31-1405"."""
        then = localtime(self.moment, get_default_timezone())
        return f"as-at-{then:%Y-%m-%d}" if self.is_day else f"as-at-{then:%Y-%m-%d-%H%M}"


_current: ContextVar[AsAt | None] = ContextVar("as_at", default=None)


def current() -> AsAt | None:
    """Return the moment as at which a page is being made; None for a page of now."""
    return _current.get()


def now() -> datetime:
    """Return the moment that a page shows: the one that was asked for, else now."""
    as_at = _current.get()
    return as_at.moment if as_at else timezone.now()


def today() -> date:
    """Return the day that a page shows, in the programme's time zone: the one that was asked for, else today."""
    as_at = _current.get()
    return as_at.day if as_at else localdate(timezone=get_default_timezone())


def read_moment(typed: str) -> AsAt | None:
    """Return the moment that an address asks for: a day, or a moment as ISO 8601 has it; None for today.

    A moment without an offset is one of the programme's time zone. Raises `MomentRefused` for anything else, for what
    is still to come and for what is longer ago than any plan.
    """
    typed = typed.strip()
    today = localdate(timezone=get_default_timezone())
    if day := _day(typed):
        _refuse_unseen(day, date_format(day, "j F Y"), is_to_come=day > today)
        return None if day == today else as_at_end_of(day)
    if as_at := _moment(typed):
        _refuse_unseen(as_at.day, str(as_at), is_to_come=as_at.moment > timezone.now())
        return as_at
    raise MomentRefused(f"“{typed[:LONGEST]}” is not a day. {EXAMPLE}.")


def _refuse_unseen(day: date, said: str, *, is_to_come: bool) -> None:
    if is_to_come:
        raise MomentRefused(f"{said} is in the future. Choose today or an earlier day.")
    if day < FIRST_DAY:
        raise MomentRefused(f"{said} is too long ago. Choose a day from {FIRST_DAY.year} on.")


def _day(typed: str) -> date | None:
    if not DAY.fullmatch(typed):
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def as_at_end_of(day: date) -> AsAt:
    """Return the last moment of a past day that a database can tell from the next one, as the day itself."""
    end = datetime.combine(day + timedelta(days=1), time(), get_default_timezone())
    return AsAt(end.astimezone(UTC) - timedelta(microseconds=1), day.isoformat(), is_day=True)


def _moment(typed: str) -> AsAt | None:
    if len(typed) > LONGEST or "T" not in typed:
        return None
    try:
        # An address has a blank for a plus sign that was not escaped.
        moment = datetime.fromisoformat(typed.replace(" ", "+"))
        moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment, get_default_timezone())
        return as_at_moment(moment)
    except (ValueError, OverflowError):
        return None


def as_at_moment(moment: datetime) -> AsAt:
    """Return a moment, which knows its offset, as at which a plan can be shown."""
    moment = moment.astimezone(UTC)
    return AsAt(moment, moment.isoformat().replace("+00:00", "Z"), is_day=False)


def stay(address: str) -> str:
    """Return the address of a page, with the moment as at which this one is made; as it is on a page of now."""
    as_at = _current.get()
    if as_at is None:
        return address
    address, hash_sign, fragment = address.partition("#")
    separator = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{separator}{PARAMETER}={quote(as_at.asked)}{hash_sign}{fragment}"


def said_in_files() -> list[tuple[str, str]]:
    """Return what a file says of the moment as at which it is made, as [(label, words)]; nothing for one of now."""
    as_at = _current.get()
    return [("As at", f"{as_at}")] if as_at else []
