"""The moment as at which a plan is asked for, and what time it is while a page of then is made."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import get_default_timezone, localdate, localtime

EXAMPLE = "Enter a day as year-month-day, for example 2026-10-31"
LONGEST = 40
"""No day or moment has more letters."""
FIRST_DAY = date(2000, 1, 1)
"""Long before any plan."""


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
    as_at = _day(typed) or _moment(typed)
    if as_at is None:
        raise MomentRefused(f"“{typed[:LONGEST]}” is not a day. {EXAMPLE}.")
    if as_at.is_day and as_at.day == localdate(timezone=get_default_timezone()):
        return None
    if as_at.moment > timezone.now():
        raise MomentRefused(f"{as_at} is in the future. Choose today or an earlier day.")
    if as_at.day < FIRST_DAY:
        raise MomentRefused(f"{as_at} is too long ago. Choose a day from {FIRST_DAY.year} on.")
    return as_at


def _day(typed: str) -> AsAt | None:
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no time zone
        end = datetime.combine(day + timedelta(days=1), time(), get_default_timezone())
        # The last moment that a database can tell from the next day.
        return AsAt(end.astimezone(UTC) - timedelta(microseconds=1), day.isoformat(), is_day=True)
    except (ValueError, OverflowError):
        return None


def _moment(typed: str) -> AsAt | None:
    if len(typed) > LONGEST or "T" not in typed:
        return None
    try:
        # An address has a blank for a plus sign that was not escaped.
        moment = datetime.fromisoformat(typed.replace(" ", "+"))
        moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment, get_default_timezone())
        moment = moment.astimezone(UTC)
        return AsAt(moment, moment.isoformat().replace("+00:00", "Z"), is_day=False)
    except (ValueError, OverflowError):
        return None
