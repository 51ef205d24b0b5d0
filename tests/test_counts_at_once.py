"""What many do at the same moment is counted without a loss: requests of programs, and attempts to sign in."""

from functools import partial

import pytest
from allauth.core import ratelimit
from django.core.cache import cache
from django.test import RequestFactory

from plans.api.limits import counted
from tests.test_merging import own_file  # noqa: F401
from tests.test_updates_at_once import at_once

pytestmark = pytest.mark.slow
THREADS, EACH = 8, 10


@pytest.fixture
def counts(own_file):  # noqa: F811
    """An empty cache in a database that several connections share, and empty again for whoever comes next."""
    cache.clear()
    yield
    cache.clear()


def repeated(action):
    return [action() for _ in range(EACH)]


def test_no_request_of_many_at_once_goes_uncounted(counts):
    numbers = at_once(*THREADS * [partial(repeated, partial(counted, "api:token:1:0"))])

    assert sorted(number for some in numbers for number in some) == list(range(1, THREADS * EACH + 1))
    assert cache.get("api:token:1:0") == THREADS * EACH


def test_many_at_once_try_no_more_passwords_than_one(counts):
    request = RequestFactory().post("/accounts/login/")

    def attempt():
        return ratelimit.consume(request, action="login_failed", key="updater@police.example")

    allowed = [one for some in at_once(*THREADS * [partial(repeated, attempt)]) for one in some if one]

    # Of the three limits of `login_failed`, that of one address of email: five in ten minutes.
    assert len(allowed) <= 5


def test_row_that_is_there_is_no_reason_to_try_the_disk(db, monkeypatch):
    monkeypatch.setattr("plans.cache.check_writable", lambda: pytest.fail("It tried to write."))
    cache.set("lock", 1)

    assert not cache.add("lock", 2)
    assert cache.get("lock") == 1
