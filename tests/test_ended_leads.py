"""An agency that has ended and leads is warned of, never refused: in a file's check, on forms and on the round page."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from plans.models import Activity, Agency, ReportingRound
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.reading.read import read_table
from tests.test_editing import opened, send
from tests.views.page import Page
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
ENDED = "Te Aka Whai Ora ended on 30 June 2024"
ROUND = "/plans/year-two/rounds/{}/"


@pytest.fixture(autouse=True)
def plan():
    return load_year_two()


def notes(plan, by, on, *lines):
    table = read_table("\n".join(["Number,Agency Lead,Support Agencies", *lines]).encode(), "file.csv")
    found = check_table(plan, table, by=by, on=on)
    return found.notes, [one.notes for one in found.rows if one.row]


def test_check_warns_of_ended_agencies_that_become_leads(plan, programme_admin):
    told = f"{ENDED}, and is made a lead agency."
    whole, rows = notes(
        *(plan, programme_admin.user, date(2024, 7, 1)),
        *("1,Te Aka Whai Ora,", "2,APA; MSD,Te Aka Whai Ora", "3,Te Aka Whai Ora; ROCC,"),
    )
    assert rows == [[told], [], [told]]
    advice = "Import it if that is meant, or name the agency that leads now."
    assert [note for note in whole if ENDED in note] == [f"{told[:-1]}: rows 2 and 4. {advice}"]


def test_check_says_nothing_on_its_last_day_nor_of_who_led_before(plan, programme_admin):
    assert notes(plan, programme_admin.user, date(2024, 6, 30), "1,Te Aka Whai Ora,")[1] == [[]]
    link = Activity.objects.get(number=1).agency_links.get()
    link.agency = Agency.objects.get(code="te-aka-whai-ora")
    link.save()
    assert notes(plan, programme_admin.user, date(2026, 6, 30), "1,Te Aka Whai Ora; Police,")[1] == [[]]


def test_form_warns_once_it_is_saved_and_whenever_it_is_opened(plan, programme_admin):
    answer = send(programme_admin, 1, opened(programme_admin, 1), leads="Te Aka Whai Ora; Police")
    page = Page(programme_admin.get(answer["Location"]))
    assert f"{ENDED} and leads this activity. No one may be left to report for it." in page.text
    form = Page(programme_admin.get("/plans/year-two/activities/1/edit/"))
    assert f"{ENDED} and is a lead agency here. Choose the agency that leads now." in form.text
    assert ENDED not in Page(programme_admin.get("/plans/year-two/activities/4/edit/")).text


def test_round_page_names_ended_leads_and_asks_nobody_to_invite_for_them(plan, programme_admin, client, settings):
    settings.ROCC_OPEN_READING = True
    link = Activity.objects.get(number=1).agency_links.get()
    link.agency = Agency.objects.get(code="te-aka-whai-ora")
    link.save()
    today = timezone.localdate()
    fields = {"plan": plan, "name": "Now", "opened_on": today, "due_on": today + timedelta(days=9)}
    address = ROUND.format(ReportingRound.objects.create(**fields).pk)

    page = Page(programme_admin.get(address))
    assert f"{ENDED} and still leads activity 1. Choose the agency that leads now." in page.text
    assert page.link("activity 1") == "/plans/year-two/activities/1/edit/#agencies"
    assert "Te Aka Whai Ora" not in page.text.partition("No one can add updates for")[2].partition("gets a reminder")[0]
    read = Page(client.get(address))
    assert (f"{ENDED} and still leads activity 1." in read.text, "Choose the agency" in read.text) == (True, False)
    assert read.link("activity 1") == "/plans/year-two/activities/1/"
