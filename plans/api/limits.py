"""How many requests a program may make, and how it is told: `RateLimit-Policy` and `RateLimit`.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10: the policy gives its quota `q` in a window of `w`
seconds, the other one what remains of it, `r`, and the seconds until it is whole again, `t`.
"""

from dataclasses import dataclass
from http import HTTPStatus
from time import time

from django.core.cache import cache

from plans.api.problems import Refused

TOO_MANY = "Too many requests. Wait, then go on."
WINDOW = 60
"""Seconds in which requests are counted."""


@dataclass(frozen=True)
class Usage:
    """How much of a limit is used: its name, its quota, what was counted in the window, and the seconds that it has."""

    name: str
    most: int
    count: int
    seconds_left: int

    @property
    def headers(self) -> dict[str, str]:
        """What programs are told of it."""
        remaining = max(0, self.most - self.count)
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.most};w={WINDOW}',
            "RateLimit": f'"{self.name}";r={remaining};t={self.seconds_left}',
        }


def count_request(request, name: str, key: str, most: int) -> None:
    """Count one more of `key` and note on the request how many remain. Raises `Refused` above `most` in a window.

    All processes count together, in the database.
    """
    now = int(time())
    usage = Usage(name, most, counted(f"{key}:{now // WINDOW}"), WINDOW - now % WINDOW)
    request.usage = usage
    if usage.count > most:
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY, headers={"Retry-After": str(usage.seconds_left)})


def usage_headers(request) -> dict[str, str]:
    """Return the headers of what was counted last for a request; none where nothing was."""
    usage = getattr(request, "usage", None)
    return usage.headers if usage else {}


def counted(key: str) -> int:
    """Count one more; return how many there are by now."""
    try:
        return cache.incr(key)
    except ValueError:
        cache.add(key, 0, 2 * WINDOW)
        return cache.incr(key)
