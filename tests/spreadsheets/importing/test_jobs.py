from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from plans.models import Activity, Import
from plans.spreadsheets.importing import jobs, workflow


@pytest.fixture
def started(settings, monkeypatch):
    """What would have been started in a process of its own, as [(id of the import, stage)]."""
    settings.IMPORT_JOBS = "process"
    found = []
    monkeypatch.setattr(jobs, "_launch", lambda source, stage, by, claim: found.append((source.pk, stage)))
    return found


@pytest.fixture
def waiting(plan, admin):
    """Keeps a file that nobody has read yet, and puts it in a state."""

    def keep(state="waiting", silent_seconds=None, **fields):
        source = workflow.keep_file(plan, b"Number,Activity\n1,New title", "plan.csv", by=admin, scope="plan")
        beat_at = None if silent_seconds is None else now() - timedelta(seconds=silent_seconds)
        Import.objects.filter(pk=source.pk).update(state=state, beat_at=beat_at, **fields)
        source.refresh_from_db()
        return source

    return keep


def state_of(source):
    source.refresh_from_db()
    return source.state


def test_start_inline_does_it_at_once(waiting, admin):
    source = waiting()
    jobs.start(source, "check")
    jobs.start(source, "apply", by=admin)
    assert (state_of(source), Activity.objects.get(number=1).title) == ("applied", "New title")
    jobs.start(source, "undo", by=admin)
    assert (state_of(source), Activity.objects.get(number=1).title) == ("undone", "Operation Cobalt")


def test_start_launches_a_process_of_its_own(waiting, started):
    source = waiting()
    jobs.start(source, "check")
    assert (started, state_of(source), source.beat_at is not None) == ([(source.pk, "check")], "waiting", True)


def test_checks_beyond_the_limit_wait_until_somebody_looks(waiting, started):
    others = [waiting("checking", silent_seconds=1), waiting("checking", silent_seconds=1)]
    source = waiting()
    jobs.start(source, "check")
    source.refresh_from_db()
    assert (started, jobs.is_stalled(source)) == ([], False)
    Import.objects.filter(pk=others[0].pk).update(state="checked")
    assert (jobs.is_stalled(source), started) == (True, [(source.pk, "check")])


def test_check_whose_job_died_is_started_again_and_given_up_the_third_time(waiting, started):
    source = waiting("checking", silent_seconds=60)
    for _ in range(jobs.MOST_STARTS):
        assert jobs.is_stalled(source)
        Import.objects.filter(pk=source.pk).update(state="checking", beat_at=now() - timedelta(minutes=1))
        source.refresh_from_db()
    assert started == [(source.pk, "check")] * jobs.MOST_STARTS
    assert jobs.is_stalled(source)
    assert (state_of(source), source.problem) == ("refused", jobs.OF_NO_USE)


@pytest.mark.parametrize(
    ("state", "put_right", "problem"),
    [
        ("applying", "checked", "The import was interrupted. Nothing was"),
        ("undoing", "applied", "The undo was interrupted. Nothing was"),
    ],
)
def test_import_whose_job_died_is_put_right_by_whoever_looks(waiting, admin, state, put_right, problem):
    fields = {"applied_at": now(), "applied_by": admin} if state == "undoing" else {}
    source = waiting(state, silent_seconds=60, **fields)
    assert jobs.is_stalled(source)
    assert (state_of(source), source.problem[: len(problem)]) == (put_right, problem)


def test_of_two_who_look_at_once_one_puts_it_right(waiting, started):
    source = waiting("checking", silent_seconds=60)
    other = Import.objects.get(pk=source.pk)
    assert (jobs.is_stalled(source), jobs.is_stalled(other), len(started)) == (True, False, 1)


@pytest.mark.parametrize(("state", "silent_seconds"), [("checking", 5), ("applying", 5), ("checked", 60)])
def test_import_that_is_alive_or_done_is_left_alone(waiting, started, state, silent_seconds):
    source = waiting(state, silent_seconds=silent_seconds)
    assert (jobs.is_stalled(source), state_of(source), started) == (False, state, [])


def test_database_that_is_held_is_taken_for_a_sign_of_life(waiting, monkeypatch):
    source = waiting("applying", silent_seconds=60)

    def locked(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(jobs, "_put_right", locked)
    assert not jobs.is_stalled(source)
