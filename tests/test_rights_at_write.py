"""A right that was lost after the page was opened, or while a job waited, counts at the moment of the write."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from plans.actions import edit_activity, record_update
from plans.choices import ImportScope
from plans.models import (
    Activity,
    ActivityAgency,
    Agency,
    Barrier,
    Import,
    Membership,
    Plan,
    ReportingRound,
    StatusUpdate,
    SubActivity,
    User,
)
from plans.spreadsheets.importing import jobs, workflow
from plans.spreadsheets.importing.jobs import is_busy
from plans.summaries.record import read_record
from tests.conftest import make_programme_admin
from tests.views.conftest import open_reading  # noqa: F401
from tests.year_two import load_year_two

PLAN = "/plans/year-two/"
REPORT = ("Number,Update Status,What Happened,Reporting Agency", "1,On track,Done,Police")
CHANGE = ("Number,Activity", "1,New title")


@dataclass
class Scene:
    """A person with a client, an import of theirs that was checked, one that was applied, and what forms are about."""

    client: object
    person: User
    checked: Import
    applied: Import
    barrier: Barrier
    round: ReportingRound
    version: int
    seen: int
    police: Agency


def bring(plan, person, scope, lines):
    source = workflow.keep_file(plan, "\n".join(lines).encode(), "file.csv", by=person, scope=scope)
    workflow.run_check(source)
    assert (source.state, source.problem) == ("checked", "")
    return source


@pytest.fixture(scope="module")
def scene_of_module(request, django_db_setup, django_db_blocker):
    """Makes the `Scene` of a role once for all tests of it, and takes it out of the database after the last one."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_scene(load_year_two(), request.param)
        transaction.set_rollback(True)


@pytest.fixture
def scene(db, scene_of_module, open_reading):  # noqa: F811
    """The `Scene` of the role by which a test is parametrized, as if it were made for this test alone."""
    there = deepcopy(scene_of_module)
    there.client.force_login(there.person)
    return there


def make_scene(plan, role):
    is_admin = role == "programme_admin"
    if is_admin:
        person = make_programme_admin()
    else:
        person = User.objects.create_user("updater@police.example", name="Police updater")
        Membership.objects.create(user=person, agency=Agency.objects.get(code="police"))
    days = {"opened_on": date(2026, 10, 1), "due_on": date(2026, 11, 30)}
    current = ReportingRound.objects.create(plan=plan, name="December quarter", **days)
    scope, lines = (ImportScope.PLAN, CHANGE) if is_admin else (ImportScope.UPDATES, REPORT)
    applied = bring(plan, person, scope, lines)
    workflow.run_apply(applied, person)
    assert applied.state == "applied"
    checked = bring(plan, person, scope, (lines[0], lines[1].replace("1,", "5,")))
    activity, police = plan.activities.get(number=5), Agency.objects.get(code="police")
    update = record_update(activity=activity, by=person, status="at_risk", agency=police, barrier="No staff")
    for title in ("Another title", "A third"):
        activity = Activity.objects.get(number=13)
        activity.title = title
        edit_activity(activity=activity, by=person, reason="Agreed", changed=["title"])
    version = read_record(activity).entries[-1].key
    return Scene(Client(), person, checked, applied, Barrier.objects.get(), current, version, update.pk, police)


def snapshot():
    """All that the doors below write."""
    imports = Import.objects.order_by("pk").values_list("pk", "applied_at", "undone_at")
    states = [(pk, state == "discarded") for pk, state in Import.objects.order_by("pk").values_list("pk", "state")]
    tables = (Activity, ActivityAgency, SubActivity, StatusUpdate, Barrier, ReportingRound, User, Plan, Agency)
    return [list(imports), states, *(list(table.objects.order_by("pk").values_list()) for table in tables)]


def post(address, **data):
    def send(scene):
        filled = {name: value.format(scene=scene) for name, value in data.items()}
        return scene.client.post(address.format(scene=scene), filled)

    return send


def upload(scene):
    file = SimpleUploadedFile("more.csv", "\n".join(REPORT).encode())
    return scene.client.post(f"{PLAN}import/", {"what": "file", "file": file})


def in_a_job(stage, which):
    """A stage by a job that was started when the right was there, for a person as they were then."""

    def work(scene):
        source = getattr(scene, which)
        Import.objects.filter(pk=source.pk).update(
            state={"check": "waiting", "apply": "applying"}.get(stage, "undoing")
        )
        jobs.run(source, stage, scene.person)
        source.refresh_from_db()
        assert not is_busy(source)
        assert source.problem

    return work


def apply(scene):
    data = {"fingerprint": scene.checked.findings["fingerprint"]}
    return scene.client.post(f"{PLAN}import/{scene.checked.pk}/apply/", data)


OF_ACTIVITY, OF_BARRIER, OF_ROUND = PLAN + "activities/", PLAN + "barriers/{scene.barrier.pk}/", PLAN + "rounds/"
SAID = {"status": "on_track", "what_happened": "Words", "agency": "{scene.police.pk}", "seen": "{scene.seen}"}
IMPORTS = {
    "import apply": apply,
    "import undo": post(PLAN + "import/{scene.applied.pk}/undo/"),
    "job apply": in_a_job("apply", "checked"),
    "job undo": in_a_job("undo", "applied"),
}
OWN_FILES = {
    "import upload": upload,
    "import options": post(PLAN + "import/{scene.checked.pk}/options/", leave_out_errors="on"),
    "import discard": post(PLAN + "import/{scene.checked.pk}/discard/"),
    "job check": in_a_job("check", "checked"),
}
REPORTS = {
    "update": post(f"{OF_ACTIVITY}5/update/", **SAID),
    "note": post(f"{OF_ACTIVITY}2/note/", agency="{scene.police.pk}", text="Words"),
    "escalate": post(OF_BARRIER + "escalate/", note="Now"),
    "resolve": post(OF_BARRIER + "resolve/", note="Done"),
}
ADDED = {
    "number": "16",
    "title": "New",
    "focus_area": "1",
    "priority_area": "1",
    "description_state": "to_be_finalised",
}
ADDED |= {"items-TOTAL_FORMS": "0", "items-INITIAL_FORMS": "0"}
ADMIN = {
    "edit": post(f"{OF_ACTIVITY}2/edit/", title="Mine", reason="Because"),
    "add plan": post("/plans/new/", name="New plan", short_name="New", slug="newest", marking="in_confidence"),
    "edit plan": post(f"{PLAN}edit/", name="New name", short_name="New", marking="in_confidence", is_published="on"),
    "add agency": post(f"{PLAN}add-agency/", name="New agency", kind="agency"),
    "edit agency": post(f"{PLAN}agencies/police/edit/", name="New name", kind="agency"),
    "add activity": post(f"{OF_ACTIVITY}new/", **ADDED),
    "finalise": post(f"{OF_ACTIVITY}6/finalise/", description="Words"),
    "rate": post(f"{OF_ACTIVITY}2/rating/", programme_rating="at_risk", programme_rating_reason="Because"),
    "end": post(f"{OF_ACTIVITY}2/end/", ending="stopped", ended_on="2024-06-30", ending_note="Because"),
    "choose for a roll-over": post(f"{PLAN}roll-over/"),
    "withdraw": post(f"{OF_ACTIVITY}2/withdraw/", reason="Because"),
    "bring back": post(f"{OF_ACTIVITY}4/bring-back/", reason="Because"),
    "restore": post(OF_ACTIVITY + "13/history/{scene.version}/restore/", reason="Because"),
    "round open": post(OF_ROUND + "open/", name="March", opened_on="2026-12-01", due_on="2027-03-01"),
    "round change": post(OF_ROUND + "{scene.round.pk}/change/", name="Other", due_on="2027-03-01"),
    "round close": post(OF_ROUND + "{scene.round.pk}/close/"),
    "invite": post("/people/invite/", email="new@police.example", name="New", agencies="police"),
    "admin change": post("/admin/plans/activity/1/change/", title="Mine"),
    "admin import": post("/admin/plans/activity/import/", plan="1"),
    "admin add agency": post("/admin/plans/agency/add/", name="New agency", code="new", kind="agency"),
}


def end_membership(scene):
    Membership.objects.filter(user=scene.person).update(ended_at=timezone.now())


def close_account(scene):
    User.objects.filter(pk=scene.person.pk).update(is_active=False)


def take_lead_away(scene):
    ActivityAgency.objects.filter(activity__number__in=[1, 5], role="lead").delete()


def take_admin_right_away(scene):
    User.objects.get(pk=scene.person.pk).user_permissions.clear()
    User.objects.get(pk=scene.person.pk).groups.clear()


LOSSES_OF_UPDATER = [
    *((end_membership, door) for door in (*IMPORTS, *OWN_FILES, *REPORTS)),
    *((close_account, door) for door in (*IMPORTS, *OWN_FILES, *REPORTS)),
    *((take_lead_away, door) for door in (*IMPORTS, *REPORTS) if door != "note"),
]
LOSSES_OF_ADMIN = [
    *((take_admin_right_away, door) for door in (*IMPORTS, *OWN_FILES, *REPORTS, *ADMIN)),
    *((close_account, door) for door in (*IMPORTS, *OWN_FILES, *REPORTS, *ADMIN)),
]
DOORS = IMPORTS | OWN_FILES | REPORTS | ADMIN
# Tests of one role follow one another, since its scene is there once.
of_police_updater, of_programme_admin = (
    pytest.mark.parametrize("scene_of_module", [role], indirect=True) for role in ("police_updater", "programme_admin")
)


def check_refused(scene, lose, door):
    lose(scene)
    before = snapshot()

    response = DOORS[door](scene)

    assert snapshot() == before
    if response is not None:
        assert response.status_code in (302, 403, 404)


@of_police_updater
@pytest.mark.parametrize(("lose", "door"), LOSSES_OF_UPDATER, ids=lambda one: getattr(one, "__name__", one))
def test_write_of_an_updater_is_refused_once_the_right_is_lost(scene, lose, door):
    check_refused(scene, lose, door)


@of_programme_admin
@pytest.mark.parametrize(("lose", "door"), LOSSES_OF_ADMIN, ids=lambda one: getattr(one, "__name__", one))
def test_write_of_an_admin_is_refused_once_the_right_is_lost(scene, lose, door):
    check_refused(scene, lose, door)


@of_police_updater
@pytest.mark.parametrize("door", [*IMPORTS, *REPORTS, "import discard"])
def test_same_write_goes_through_while_the_right_is_there(scene, door):
    before = snapshot()

    if door.startswith("job"):
        with pytest.raises(AssertionError):
            DOORS[door](scene)
    else:
        DOORS[door](scene)

    assert snapshot() != before


@of_police_updater
def test_former_member_is_told_whose_updates_they_cannot_reverse(scene, make_user):
    Membership.objects.create(user=scene.person, agency=Agency.objects.get(code="msd"))
    Membership.objects.filter(user=scene.person, agency__code="police").update(ended_at=timezone.now())

    workflow.run_undo(scene.applied, scene.person)

    assert scene.applied.state == "applied"
    assert scene.applied.problem == (
        "Police updater cannot report for Police on activity 1 now. Ask a programme admin. Nothing was undone."
    )
    page = scene.client.get(f"{PLAN}import/{scene.applied.pk}/")
    assert "Undo this import" not in page.content.decode()


@of_police_updater
def test_programme_admin_can_reverse_what_a_former_member_sent_in(scene, programme_admin):
    end_membership(scene)

    programme_admin.post(f"{PLAN}import/{scene.applied.pk}/undo/")

    scene.applied.refresh_from_db()
    assert (scene.applied.state, scene.applied.undone_by) == ("undone", programme_admin.user)
