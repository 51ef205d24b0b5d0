"""Processes of the site are killed under people who write: nothing saved is lost, and nothing is half saved."""

import os
import random
import re
import signal
import time
from urllib.parse import urlencode

import psutil
import pytest
from django.db import transaction

from benchmarks.serving import serve
from plans.models import Activity, Import
from tests.endurance.conftest import ADMIN, PASSWORD, WORKERS, found_in, models_of
from tests.endurance.load import HIDDEN, Person
from tests.endurance.postgresql import wait_until

pytestmark = pytest.mark.django_db
KILLS, LONGEST_SECONDS, SEED = 6, 0.3, 18
IMPORTS = "/plans/year-two/import/"
INTERRUPTED = "The import was interrupted. Nothing was imported. Try again."


def check(load, found):
    """Check that each update is there once: also one that was sent again since nobody had answered."""
    assert {words: times for words, times in found.items() if times != 1} == {}
    assert set(load.refused) == {"no answer"}


@pytest.fixture
def admin(surroundings, site):
    """A programme admin, who has signed in."""
    person = Person(site.address, ADMIN, PASSWORD, IMPORTS)
    person.sign_in()
    yield person.connection
    person.connection.close()


def test_workers_that_are_killed_lose_no_update_and_are_replaced(database, site, load, report):
    chance, master = random.Random(SEED), psutil.Process(site.pid)
    with load:
        load.wait_for(4)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0, LONGEST_SECONDS))
            chance.choice(master.children()).kill()
        killed_at = time.monotonic()
        seconds = load.wait_for(4) - killed_at

    found = found_in(database, load.saved)
    report(load, found, seconds)
    check(load, found)
    assert len(master.children()) == WORKERS


@pytest.mark.postgresql_only
def test_import_that_is_killed_at_work_says_so_and_can_be_started_again(database, admin):
    page = send(admin, IMPORTS, what="text", text="Number\tActivity\n9\tNamed by the import").header("Location")
    wait_until(lambda: "fingerprint" in admin.get(page).text)
    pk = int(re.search(r"/(\d+)/$", page)[1])
    with models_of(database):
        before = Activity.objects.get(number=9).title
        # As somebody does who writes to the activity, so that it cannot end before it is killed.
        with transaction.atomic():
            Activity.objects.select_for_update().get(number=9)
            send(admin, f"{page}apply/", page)
            at_work = Import.objects.filter(pk=pk, state="applying").exclude(job={})
            wait_until(at_work.exists)
            os.kill(at_work.get().job["pid"], signal.SIGKILL)
            wait_until(lambda: INTERRUPTED in admin.get(page).text)
        assert Activity.objects.get(number=9).title == before

        send(admin, f"{page}apply/", page)
        wait_until(lambda: "Undo this import" in admin.get(page).text)
        assert Activity.objects.get(number=9).title == "Named by the import"


def test_master_that_is_killed_loses_no_update_and_is_started_again(database, site, load, report):
    # The last one here, since the site of the others is gone by then.
    with load:
        load.wait_for(4)
        os.kill(site.pid, signal.SIGKILL)
        killed_at = time.monotonic()
        # As systemd does. Its workers end by themselves when they find it gone.
        with serve(database.url, workers=WORKERS, port=int(site.address.rpartition(":")[2])):
            seconds = load.wait_for(4) - killed_at
            load.end()

    found = found_in(database, load.saved)
    report(load, found, seconds)
    check(load, found)


def send(person, path, page=None, **fields):
    """Send the form on `page` (or on `path` itself), filled in with `fields`, to `path`."""
    hidden = dict(HIDDEN.findall(person.get(page or path).text))
    return person.post(path, urlencode({**hidden, **fields}).encode())
