"""PostgreSQL fails under people who write: what they were told is saved is there, and the site comes back by itself."""

import time

import pytest

from tests.endurance.conftest import found_in

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db]
BACK_WITHIN_SECONDS = 10


def check(load, found):
    """Check that each update is there once, that nothing but 503 was answered, and that all words were shown again."""
    assert {words: times for words, times in found.items() if times != 1} == {}
    assert set(load.refused) == {503}
    assert load.unkept == []
    assert load.headings == {"The tracker is not available right now"}


def test_standby_that_is_promoted_has_every_update_and_the_site_finds_it(database, load, report):
    with load:
        load.wait_for(20)
        database.primary.kill()
        load.wait_until_all_are_refused()
        promoted_at = time.monotonic()
        database.fail_over()
        seconds = load.wait_for(20) - promoted_at

    found = found_in(database, load.saved)
    report(load, found, seconds)
    check(load, found)
    assert seconds < BACK_WITHIN_SECONDS


def test_server_that_is_restarted_has_every_update_and_the_site_finds_it_again(database, load, report):
    with load:
        load.wait_for(10)
        stopped_at = time.monotonic()
        database.primary.restart()
        seconds = load.wait_for(10) - stopped_at

    found = found_in(database, load.saved)
    report(load, found, seconds)
    check(load, found)
    assert seconds < BACK_WITHIN_SECONDS
