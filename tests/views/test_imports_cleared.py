"""The pages of uploads that were cleared, and of a plan whose files take up all their room."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from plans.actions.imports import discard
from plans.models import Import, Plan
from plans.spreadsheets.importing import workflow

IMPORTS = "/plans/year-two/import/"
LINES = b"Number,Activity\n1,New title\n99,"


@pytest.fixture
def plan(year_two_of_module, db):
    return Plan.objects.get()


@pytest.fixture
def cleared(plan, programme_admin):
    source = workflow.keep_file(plan, LINES, "plan.csv", by=programme_admin.user, scope="plan")
    workflow.run_check(source)
    discard(source=source)
    call_command("clear_uploads", "--apply", "--days", "0", verbosity=0)
    return f"{IMPORTS}{source.pk}/"


@pytest.mark.parametrize("address", ["", "file", "marked.xlsx"])
def test_cleared_upload_says_so(programme_admin, cleared, address):
    response = programme_admin.get(f"{cleared}{address}")

    assert response.status_code == (410 if address else 200)
    assert "This file was discarded, and has been cleared" in response.text
    assert "plan.csv" in response.text
    assert "Download original file" not in response.text


def test_cleared_upload_that_was_refused_says_why_and_cannot_be_read_again(plan, programme_admin):
    source = workflow.keep_file(plan, b"PK" + bytes(99), "plan.xlsx", by=programme_admin.user, scope="plan")
    workflow.run_check(source)
    call_command("clear_uploads", "--apply", "--days", "0", verbosity=0)
    page = programme_admin.get(f"{IMPORTS}{source.pk}/").text
    programme_admin.post(f"{IMPORTS}{source.pk}/options/", {"fingerprint": ""})

    assert "This file was refused, and has been cleared" in page
    assert source.problem in page
    assert Import.objects.get().state == "refused"


def test_admins_see_how_much_room_is_used(plan, programme_admin, police_updater):
    workflow.keep_file(plan, bytes(2_000_000), "plan.xlsx", by=programme_admin.user, scope="plan")

    words = "The files of this plan use 2.0 MB of 1,000 MB."
    assert words in programme_admin.get(IMPORTS).text.replace("\xa0", " ")
    assert "The files of this plan use" not in police_updater.get(IMPORTS).text


@pytest.mark.parametrize("what", ["file", "text", "admin"])
def test_upload_beyond_the_quota_is_refused_in_words(plan, programme_admin, settings, what):
    settings.IMPORT_QUOTA_MB = 0
    file = SimpleUploadedFile("plan.csv", LINES)
    address, form = {
        "file": (IMPORTS, {"what": "file", "file": file}),
        "text": (IMPORTS, {"what": "text", "text": "Number\tActivity\n1\tNew title"}),
        "admin": ("/admin/plans/activity/import/", {"plan": plan.pk, "file": file}),
    }[what]
    response = programme_admin.post(address, form)

    assert response.status_code == (200 if what == "admin" else 400)
    assert "There is no room for this file." in response.text
    assert ("New title" in response.text) == (what == "text")
    assert not Import.objects.exists()
