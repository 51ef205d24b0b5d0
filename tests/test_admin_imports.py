import csv
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from plans.models import Import, Plan
from plans.spreadsheets.importing import jobs
from tests.views.imports import make_import
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

IMPORT, EXPORT = (f"/admin/plans/activity/{name}/" for name in ("import", "export"))


@pytest.fixture(autouse=True)
def plan():
    return load_year_two()


@pytest.fixture
def jobs_started(monkeypatch):
    """Starts no job, and notes which would have been: [(import, stage)]."""
    started = []
    monkeypatch.setattr(jobs, "start", lambda source, stage, by=None: started.append((source.pk, stage)))
    monkeypatch.setattr("plans.admin.imports.wait_a_moment", lambda source: True)
    return started


def send(client, content=b"Number,Status\n1,On track\n"):
    plan = Plan.objects.get(slug="year-two")
    return client.post(IMPORT, {"plan": plan.pk, "file": SimpleUploadedFile("plan.csv", content)})


def test_file_goes_to_the_page_that_shows_what_it_comes_to(programme_admin, plan, jobs_started):
    response = send(programme_admin)

    source = Import.objects.get()
    assert response["Location"] == f"/plans/year-two/import/{source.pk}/"
    assert (source.plan, source.file_name, source.uploaded_by) == (plan, "plan.csv", programme_admin.user)
    assert jobs_started == [(source.pk, "check")]


def test_file_that_is_too_large_is_an_error_at_the_field(programme_admin, settings, jobs_started):
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_mb": 1}

    (problem,) = send(programme_admin, b"x" * 1_200_000).context["form"].errors["file"]

    assert problem.startswith("The file is larger than 1 MB.")
    assert (Import.objects.count(), jobs_started) == (0, [])


def test_import_without_a_file_asks_for_one(programme_admin, plan):
    response = programme_admin.post(IMPORT, {"plan": plan.pk})
    assert response.context["form"].errors == {"file": ["Choose a file first."]}


def test_list_of_activities_offers_import_and_export(programme_admin):
    text = programme_admin.get("/admin/plans/activity/").text
    assert (IMPORT in text, EXPORT in text) == (True, True)


def test_imports_can_be_found_and_not_changed(programme_admin, plan):
    source = make_import(plan, programme_admin.user)
    one = f"/admin/plans/import/{source.pk}"

    listed = programme_admin.get("/admin/plans/import/?q=plan.csv")
    changed = programme_admin.post(f"{one}/change/", {"file_name": "other.csv"})

    assert f'href="/plans/year-two/import/{source.pk}/"' in listed.text
    assert programme_admin.get(f"{one}/change/").status_code == 200
    assert changed.status_code == 403
    refused = [programme_admin.get(address).status_code for address in (f"{one}/delete/", "/admin/plans/import/add/")]
    assert refused == [403, 403]


@pytest.mark.parametrize("address", [IMPORT, EXPORT])
def test_staff_who_are_no_programme_admins_are_refused(make_user, client, address):
    client.force_login(make_user("staff@programme.example", is_staff=True))
    assert (client.get(address).status_code, client.post(address).status_code) == (403, 403)


def test_export_as_csv_is_the_filtered_list(programme_admin, plan):
    response = programme_admin.post(f"{EXPORT}?q=kainga", {"plan": plan.pk, "format": "1", "resource": "0"})
    rows = list(csv.reader(StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert response["Content-Type"] == "text/csv"
    assert [row[0] for row in rows] == ["Number", "5", "7"]


def test_export_as_excel_says_how_it_was_filtered(programme_admin, plan):
    response = programme_admin.post(f"{EXPORT}?lead=police", {"plan": plan.pk, "format": "0", "resource": "0"})
    book = load_workbook(BytesIO(response.content))
    assert [row[0].value for row in book["Activities"]["A2":"A6"]] == [1, 5, 8, 10, 13]
    assert ("Lead agency", "Police") in list(book["About this export"].iter_rows(values_only=True))
