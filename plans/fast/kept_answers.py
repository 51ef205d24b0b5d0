"""Answers of the database that are kept until anything in it changes: what everybody is told of a whole plan.

A page that was asked for begins with the data version, see `conditional_page`. Whatever is asked of the database while
the page is made is no older than that, so it can be told again to whoever comes with the same version: it cannot be
out of date. Each process keeps what it was told itself.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from plans.fast.switch import KEPT_ANSWERS, is_on

MOST_KEPT = 200
"""How many answers a process keeps, all of one version."""

_seen = ContextVar("seen", default=None)
_answers: dict = {}
"""{(data version, what was asked): answer}."""


@contextmanager
def data_version_seen(version):
    """Have `kept()` know the data version as it was read before anything else was."""
    token = _seen.set(version)
    try:
        yield
    finally:
        _seen.reset(token)


def kept(asked, make):
    """Return what `make()` returns, or did for the same data version and the same `asked`.

    `asked` is a tuple that begins with a name and has all that the answer depends on, besides the database. Whoever
    gets the answer leaves it as it is: others get the same. Nothing is kept within a transaction, which may see what
    nobody else does, nor where no version was read.
    """
    version = _seen.get()
    if version is None or connection.in_atomic_block or not is_on(KEPT_ANSWERS):
        return make()
    place = version, asked
    found = _answers.get(place)
    if found is None:
        found = make()
        if len(_answers) >= MOST_KEPT or any(other != version for other, _ in list(_answers)[:1]):
            _answers.clear()
        _answers[place] = found
    return found
