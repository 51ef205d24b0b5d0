from datetime import date

import pytest
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localdate

from plans.actions import edit_activity, record_update
from plans.choices import Role
from plans.management.commands.quickstart import record_baseline
from plans.models import Activity, ActivityAgency, Agency, FocusArea, StatusUpdate, SubActivity
from plans.summaries.record import read_record
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plan():
    load_year_two()
    record_baseline()


def activity(number):
    return Activity.objects.with_agencies().get(number=number)


def edit(number, by, agencies=None, items=(), **values):
    row = activity(number)
    for name, value in values.items():
        setattr(row, name, value)
    edit_activity(activity=row, by=by, reason="Agreed", changed=list(values), agencies=agencies, items=items)


def address(number, key):
    return reverse("plans:activity_restore", args=["year-two", number, key])


def first_version(number):
    return address(number, read_record(activity(number)).entries[-1].key)


def send(client, where, reason="A mistake", **data):
    seen = client.get(where).context.get("seen", "")
    return client.post(where, {"seen": seen, "reason": reason, **data})


def state(number):
    row = activity(number)
    links = [(link.agency.code, link.role, link.position) for link in row.agency_links.all()]
    items = row.sub_activities.values_list(
        "text", "footnote", "due_on", "is_done", "done_on", "withdrawn_on", "position"
    )
    values = (row.title, row.description, row.description_state, row.focus_area.code, row.priority_area.code)
    return values, row.withdrawn_on, links, list(items)


def change_everything(number, by):
    items = list(SubActivity.objects.filter(activity__number=number))
    items[0].text, items[0].is_done, items[0].done_on = "Other words", True, date(2026, 11, 3)
    items[1].withdrawn_on = date(2026, 11, 3)
    parties = {Role.LEAD: [Agency.objects.get(code="msd")], Role.SUPPORT: [Agency.objects.get(code="rocc")]}
    values = {"description": "Other words", "description_state": "to_be_finalised", "title": "Other"}
    areas = {"focus_area": FocusArea.objects.get(code="ENABLE"), "withdrawn_on": date(2026, 11, 3)}
    edit(number, by, agencies=parties, items=items, **values, **areas)


def test_restoring_puts_back_values_agencies_and_sub_activities(programme_admin):
    before = state(3)
    change_everything(3, programme_admin.user)
    assert state(3) != before
    response = send(programme_admin, first_version(3))
    assert (response.status_code, response["Location"]) == (302, "/plans/year-two/activities/3/history/")
    assert state(3) == before


def test_restoring_is_a_new_version_that_says_which_and_why(programme_admin):
    edit(1, programme_admin.user, title="Other", agencies={Role.LEAD: []})
    entries = len(read_record(activity(1)).entries)
    where = first_version(1)
    send(programme_admin, where, reason="A mistake")
    newest, *others = read_record(activity(1)).entries
    began = Activity.history.filter(number=1).last().history_date
    assert (str(newest.by), len(others)) == ("Programme admin", entries)
    assert newest.why.startswith("Restored the version of ")
    assert newest.why.endswith(": A mistake")
    assert [change.sentence for change in newest.changes] == [
        "changed the title from “Other” to “Operation Cobalt”",
        "added Police as a lead agency",
    ]
    assert began < newest.at


def test_restoring_withdraws_what_was_added_later(programme_admin):
    edit(3, programme_admin.user, items=[SubActivity(text="A fourth one", position=4)])
    send(programme_admin, first_version(3))
    today = localdate(timezone=get_default_timezone())
    assert SubActivity.objects.get(text="A fourth one").withdrawn_on == today


def test_restoring_leaves_status_and_updates_alone(programme_admin):
    police = Agency.objects.get(code="police")
    edit(1, programme_admin.user, title="Other")
    record_update(activity=activity(1), by=programme_admin.user, status="at_risk", agency=police)
    send(programme_admin, first_version(1))
    assert (activity(1).title, activity(1).status) == ("Operation Cobalt", "at_risk")
    assert list(StatusUpdate.objects.values_list("status", flat=True)) == ["at_risk"]


def test_page_shows_what_would_change_before_it_happens(programme_admin):
    edit(1, programme_admin.user, title="Other", agencies={Role.LEAD: [Agency.objects.get(code="msd")]})
    page = programme_admin.get(first_version(1))
    assert [(one.subject, one.before, one.after) for one in page.context["changes"]] == [
        ("Title", "Other", "Operation Cobalt"),
        ("Lead agency", "MSD", ""),
        ("Lead agency", "", "Police"),
    ]
    assert activity(1).title == "Other"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"reason": ""}, {"reason": ["This field is required."]}),
        (
            {"seen": "another"},
            {"__all__": ["Someone changed this activity after you opened this page. Check the changes again."]},
        ),
    ],
)
def test_restoring_refuses_in_words(programme_admin, data, error):
    edit(1, programme_admin.user, title="Other")
    response = send(programme_admin, first_version(1), **data)
    assert (response.status_code, response.context["form"].errors) == (200, error)
    assert activity(1).title == "Other"


def test_restoring_what_the_database_refuses_says_why_and_saves_nothing(programme_admin):
    Activity.history.filter(number=1).update(description="", title="Old")
    edit(1, programme_admin.user, title="Other", agencies={Role.LEAD: []})
    response = send(programme_admin, first_version(1))
    assert response.context["form"].non_field_errors() == [
        "This version cannot be restored.",
        "Enter a description before you finalise it.",
    ]
    assert (activity(1).title, ActivityAgency.objects.filter(activity__number=1).count()) == ("Other", 0)


def test_the_version_of_now_and_unknown_ones_are_not_there_to_restore(programme_admin):
    edit(1, programme_admin.user, title="Other")
    newest = read_record(activity(1)).entries[0].key
    assert [programme_admin.get(address(1, key)).status_code for key in (newest, newest + 1, 0)] == [404, 404, 404]


def test_versions_before_the_record_are_not_there_to_restore(programme_admin):
    Activity.history.all().delete()
    ActivityAgency.history.all().delete()
    edit(1, programme_admin.user, agencies={Role.LEAD: []})
    edit(1, programme_admin.user, title="Other")
    assert programme_admin.get("/plans/year-two/activities/1/history/").context["restorable"] == set()


def test_history_offers_versions_to_programme_admins(programme_admin, reader):
    edit(1, programme_admin.user, title="Other")
    key = read_record(activity(1)).entries[-1].key
    offered = [
        client.get("/plans/year-two/activities/1/history/").context["restorable"]
        for client in (programme_admin, reader)
    ]
    assert offered == [{key}, set()]


@pytest.mark.parametrize(
    ("person", "get", "post"), [("reader", 403, 403), ("police_updater", 403, 403), ("visitor", 302, 403)]
)
def test_restoring_is_for_programme_admins(request, settings, programme_admin, person, get, post):
    settings.ROCC_OPEN_READING = True
    edit(1, programme_admin.user, title="Other")
    client = request.getfixturevalue(person)
    where = first_version(1)
    assert (client.get(where).status_code, client.post(where, {"reason": "Mine"}).status_code) == (get, post)
    assert activity(1).title == "Other"
