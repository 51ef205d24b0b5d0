"""The agency that is responsible for a sub-activity: on pages, in the form, in the history, in undo and restoring."""

import pytest
from django.utils import timezone

from plans.actions import edit_activity
from plans.actions.earlier_versions import restore_version
from plans.actions.first_history import record_first_history
from plans.models import Activity, Agency, SubActivity
from plans.summaries.record import read_events, version_at
from tests.test_editing import opened, send
from tests.views.page import Page, said
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
PLAN = "/plans/year-two/"


@pytest.fixture(autouse=True)
def plan():
    return load_year_two()


def first_item():
    return SubActivity.objects.filter(activity__number=3).order_by("position").first()


def agency(code):
    return Agency.objects.get(code=code)


def make_responsible(by, code):
    item = first_item()
    item.agency = agency(code) if code else None
    edit_activity(activity=item.activity, by=by, reason="Agreed", items=[item])


def test_form_sets_and_clears_it_and_the_page_shows_it(programme_admin, reader):
    send(programme_admin, 3, opened(programme_admin, 3), **{"items-0-agency": str(agency("police").pk)})
    assert first_item().agency == agency("police")
    items = Page(reader.get(f"{PLAN}activities/3/")).section("Description").find("ol")
    assert "Police" in said(items[0])
    page = Page(reader.get(f"{PLAN}agencies/police/"))
    assert "Responsible for 1 sub-activity" in page.text
    assert page.link("Activity 3") == f"{PLAN}activities/3/"
    send(programme_admin, 3, opened(programme_admin, 3), **{"items-0-agency": ""})
    assert first_item().agency is None
    assert "Responsible for" not in Page(reader.get(f"{PLAN}agencies/police/")).text


def test_form_asks_for_the_agencies_once_however_many_items(programme_admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        programme_admin.get(f"{PLAN}activities/3/edit/")


def test_agency_that_was_merged_cannot_be_chosen(programme_admin):
    Agency.objects.filter(code="te-aka-whai-ora").update(merged_into=agency("te-whatu-ora"))
    edits = {"items-0-agency": str(agency("te-aka-whai-ora").pk)}
    response = send(programme_admin, 3, opened(programme_admin, 3), **edits)
    assert (response.status_code, first_item().agency) == (200, None)


def test_history_tells_it_and_an_earlier_version_restores_it(programme_admin):
    record_first_history("Loaded")
    by, item = programme_admin.user, first_item()
    make_responsible(by, "police")
    at = timezone.now()
    make_responsible(by, "te-aka-whai-ora")
    make_responsible(by, "")
    told = [event.change for event in read_events(item.activity) if event.change.subject == "Responsible agency"]
    assert [(change.before, change.after) for change in told] == [
        ("", "Police"),
        ("Police", "Te Aka Whai Ora"),
        ("Te Aka Whai Ora", ""),
    ]
    assert told[0].sentence == f"set the agency responsible for the sub-activity “{item.text}” to “Police”"
    # In place of an agency that was merged since comes the one that it was merged into.
    Agency.objects.filter(code="police").update(merged_into=agency("te-whatu-ora"))
    activity = Activity.objects.get(number=3)
    restore_version(activity=activity, version=version_at(activity, at), by=by, reason="Back", on=timezone.localdate())
    assert first_item().agency == agency("te-whatu-ora")
