"""The clock of the server is set back by an hour: people go on, and nothing waits for that hour to pass again."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from plans.actions import people
from plans.models import Activity, Import, Plan, StatusUpdate
from plans.spreadsheets.importing import jobs
from plans.spreadsheets.importing.workflow import keep_file
from tests.views.page import Page

ACTIVITY = "/plans/year-two/activities/1/"
UPDATE = f"{ACTIVITY}update/"
FIRST = {"status": "at_risk", "what_happened": "Reported before the clock was set back."}
SECOND = {"status": "on_track", "what_happened": "Reported after it was."}


@pytest.fixture
def year_two(year_two_of_module, db):
    """The Year Two plan."""


@pytest.fixture
def clock():
    """Time stands still; `clock.move_to(…)` sets it."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def an_hour_back(clock):
    clock.shift(timedelta(hours=-1))


def test_later_update_counts_and_its_page_is_made_anew(year_two, police_updater, clock):
    police_updater.post(UPDATE, FIRST)
    # Twice, since what a page says once, such as that something is saved, has no tag.
    tag = [police_updater.get(ACTIVITY) for _ in range(2)][1]["ETag"]
    an_hour_back(clock)

    assert police_updater.post(UPDATE, {**SECOND, "seen": StatusUpdate.objects.get().pk}).status_code == 302

    assert Activity.objects.get(number=1).status == "on_track"
    assert StatusUpdate.objects.with_status().first().what_happened == SECOND["what_happened"]
    again = police_updater.get(ACTIVITY, headers={"if-none-match": tag})
    assert (again.status_code, SECOND["what_happened"] in Page(again).text) == (200, True)


def test_invitation_opens(year_two, programme_admin, clock):
    person = people.invite(email="invited@police.example", by=programme_admin.user, name="Invited updater")
    link = people.give_invitation_link(person=person, by=programme_admin.user)
    an_hour_back(clock)

    assert "Set a password" in Page(Client().get("/people/welcome/", {"link": link}, follow=True)).text


def test_lock_out_ends_by_itself(year_two, make_user, clock):
    make_user("reader@programme.example", password="kererū-and-tūī-4711")
    right = {"login": "reader@programme.example", "password": "kererū-and-tūī-4711"}
    for _ in range(5):
        Client().post("/accounts/login/", {**right, "password": "wrong"})
    an_hour_back(clock)

    assert "Too many attempts" in Page(Client().post("/accounts/login/", right)).text
    clock.shift(timedelta(hours=1, minutes=11))
    assert Client().post("/accounts/login/", right).status_code == 302


def test_import_whose_job_died_before_is_put_right(year_two, programme_admin, clock, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda source, stage, by=None: started.append(stage))
    source = keep_file(Plan.objects.get(), b"Number,Status\n", "plan.csv", by=programme_admin.user, scope="plan")
    Import.objects.update(state="checking", beat_at=timezone.now())
    source.refresh_from_db()
    assert not jobs.is_stalled(source)
    an_hour_back(clock)

    assert jobs.is_stalled(source)
    assert started == ["check"]
