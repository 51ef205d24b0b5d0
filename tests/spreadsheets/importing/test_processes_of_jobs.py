"""Jobs that hang, that are silent, or whose place another has taken: real processes on a database of their own."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from benchmarks.databases import POSTGRESQL, SQLITE, Database
from benchmarks.serving import environment, prepare
from plans.spreadsheets.importing.job_state import TOO_MUCH
from plans.spreadsheets.importing.jobs import end_process, identify

PATIENCE_SECONDS = 60
pytestmark = pytest.mark.slow
MODULE = "tests.spreadsheets.importing.stuck"


@pytest.fixture(scope="module")
def site(database_url):
    """A database with the Year Two plan, where other processes find it."""
    with pytest.MonkeyPatch.context() as patch:
        # Those of the tests would name another database.
        patch.setenv("DJANGO_SETTINGS_MODULE", "rocc.settings")
        patch.setenv("ROCC_IMPORT_MAX_SECONDS", "3")
        prepare(database_url)
        yield Site(database_url)


class Site:
    """Starts processes on the database at `url`, and looks into it."""

    def __init__(self, url):
        self.url = url
        self.environment = {
            **environment(url),
            "DJANGO_SETTINGS_MODULE": "rocc.settings",
            "ROCC_IMPORT_MAX_SECONDS": "1",
        }

    def begin(self, *arguments):
        command = [sys.executable, "-m", MODULE, *map(str, arguments)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=Path(settings.BASE_DIR), env=self.environment, stdout=pipe, text=True)

    def ask(self, *arguments):
        return answer(self.begin(*arguments))

    @property
    def database(self):
        return Database(SQLITE if connection.vendor == "sqlite" else POSTGRESQL, self.url, {})

    def run(self, statement):
        with closing(self.database.connect()) as own:
            own.execute(statement)

    def row(self, pk):
        columns = "state, beat_at, problem, rows_attempt, job"
        [row] = self.database.rows(f"SELECT {columns} FROM plans_import WHERE id = {pk}")
        job = row[-1] if isinstance(row[-1], dict) else json.loads(row[-1])
        return {**dict(zip(columns.split(", "), row, strict=True)), "job": job}


def answer(process):
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    return json.loads(said)


def wait_until(is_so):
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := is_so()):
        assert time.monotonic() < until, "It did not come to that."
        time.sleep(0.1)
    return found


def is_there(pid):
    with suppress(OSError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def at_work(site):
    """Starts a job of that sort, and waits until it is at work: `at_work("silent")` answers (import, process id)."""
    started = []

    def start(how):
        pk, claim = site.ask("upload")
        started.append(site.begin("job", pk, claim, how))
        row = wait_until(lambda: (row := site.row(pk))["state"] == "checking" and row["job"] and row)
        return pk, row["job"]["pid"]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_job_that_gives_no_other_thread_a_turn_still_gives_its_sign_of_life(site, at_work):
    pk, _ = at_work("busy")
    beats = set()

    def has_ended():
        row = site.row(pk)
        beats.add(row["beat_at"])
        return row["state"] == "checked"

    wait_until(has_ended)
    # The one that it began with, and None at its end, are no news.
    assert len(beats) >= 4


def test_silent_job_is_ended_before_another_is_started_by_one_of_two_who_look_at_once(site, at_work, tmp_path):
    pk, pid = at_work("silent")
    site.run(f"UPDATE plans_import SET beat_at = NULL WHERE id = {pk}")
    looks = [site.begin("look", pk, tmp_path / "started") for _ in range(2)]

    assert sorted(map(answer, looks)) == [False, True]
    assert not is_there(pid)
    assert (tmp_path / "started").read_text().splitlines() == [f"{pk} check"]
    row = site.row(pk)
    assert (row["state"], row["job"]) == ("waiting", {})


def test_job_that_hangs_is_ended_after_its_time_and_says_so(site, at_work):
    pk, pid = at_work("slow")
    row = wait_until(lambda: (row := site.row(pk))["state"] != "checking" and row)

    assert (row["state"], row["problem"], row["beat_at"]) == ("refused", TOO_MUCH, None)
    assert not is_there(pid)


@pytest.fixture
def sleeper():
    """A process of ours."""
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_process_is_ended_when_it_is_the_one(sleeper):
    assert end_process(identify(sleeper.pid))
    assert sleeper.wait(timeout=5) == -9
    assert not end_process(identify(sleeper.pid))


@pytest.mark.parametrize(
    "other", [{"started": 1}, {"started": None}, {"host": "elsewhere"}, {"boot": "earlier"}, {"namespace": "pid:[1]"}]
)
def test_process_that_only_has_the_number_is_left_alone(sleeper, other):
    assert not end_process({**identify(sleeper.pid), **other})
    assert not end_process({})
    assert sleeper.poll() is None
