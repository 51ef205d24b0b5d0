"""`…/agencies/<code>/fill-in.xlsx` and `…/fill-in.zip`: the workbooks that agencies fill in."""

import io
from datetime import date
from zipfile import ZipFile

import openpyxl
import pytest

from plans.choices import Marking
from plans.models import ActivityAgency, Agency, Plan
from tests.views.page import Page, body_of, workbook, xlsx_rows

POLICE, ALL = "/plans/year-two/agencies/police/fill-in.xlsx", "/plans/year-two/fill-in.zip"


def test_workbook_holds_the_activities_that_the_agency_leads(year_two, client):
    response = client.get(POLICE)

    assert [row[0] for row in xlsx_rows(response)] == ["Number", 1, 5, 8, 10, 13]
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Content-Disposition"] == 'attachment; filename="year-two-fill-in-police-UNCLASSIFIED.xlsx"'
    assert "no-store" in response["Cache-Control"]


def test_workbook_says_where_to_send_it(year_two, client):
    texts = [row[1] for row in workbook(client.get(POLICE))["Instructions"].iter_rows(values_only=True)]

    assert texts.count("http://testserver/plans/year-two/import/") == 1


def test_workbook_is_found_whatever_the_case_of_the_code(year_two, client):
    assert client.get(POLICE.replace("police", "Police")).status_code == 200


@pytest.mark.parametrize(("code", "count"), [("police", 1), ("ndib", 0)])
def test_page_of_an_agency_leads_to_its_workbook(year_two, see, code, count):
    page = see(f"/plans/year-two/agencies/{code}/")

    assert [href for _, href in page.links() if href.endswith(".xlsx")] == [POLICE] * count


@pytest.mark.parametrize("code", ["ndib", "nobody"])
def test_workbook_of_an_agency_that_leads_nothing_is_not_there(year_two, client, code):
    Page(client.get(POLICE.replace("police", code)), status=404)


def test_archive_has_a_workbook_for_each_agency(year_two, programme_admin):
    response = programme_admin.get(ALL)
    archive = ZipFile(io.BytesIO(body_of(response)))
    names = archive.namelist()

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="year-two-fill-in-UNCLASSIFIED.zip"'
    assert names == sorted(names)
    assert len(names) == 15 + (date.today() <= date(2024, 6, 30))  # noqa: DTZ011 - Te Aka Whai Ora ended then
    book = openpyxl.load_workbook(archive.open("year-two-fill-in-tnoc-UNCLASSIFIED.xlsx"))
    assert [row[0].value for row in book["Activities"]] == ["Number", 3]


@pytest.mark.parametrize("address", [POLICE, ALL])
def test_file_names_carry_the_marking(year_two, programme_admin, address):
    Plan.objects.update(marking=Marking.IN_CONFIDENCE)

    assert "-IN-CONFIDENCE." in programme_admin.get(address)["Content-Disposition"]


def test_archive_of_a_plan_that_nobody_leads_is_not_there(year_two, programme_admin):
    ActivityAgency.objects.all().delete()

    Page(programme_admin.get(ALL), status=404)


def test_archive_costs_a_query_for_each_agency(year_two, programme_admin, django_assert_num_queries):
    programme_admin.get("/plans/")
    agencies = Agency.objects.in_plan(year_two).count()

    with django_assert_num_queries(agencies + 10):
        body_of(programme_admin.get(ALL))
