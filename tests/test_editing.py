from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.models import Activity, ActivityAgency, SubActivity
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

EDIT = "/plans/year-two/activities/{}/edit/"


@pytest.fixture(autouse=True)
def plan():
    return load_year_two()


@pytest.fixture
def colleague(make_user, programme_admin):
    user = make_user("second@programme.example", name="Second admin", is_staff=True)
    user.groups.set(programme_admin.user.groups.all())
    client = Client()
    client.force_login(user)
    return client


def activity(number):
    return Activity.objects.with_agencies().get(number=number)


def fields(response):
    """What a browser would send back from the page: {name: value}."""
    editing = response.context["editing"]
    forms = [editing.form, editing.items.management_form, *editing.items.forms]
    data = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in data.items() if value is not None and value is not False}


def opened(client, number):
    return fields(client.get(EDIT.format(number)))


def send(client, number, data, **edits):
    return client.post(EDIT.format(number), {"reason": "Agreed", **data, **edits})


def conflicts(response):
    return [(one.label, one.original, one.theirs, one.yours) for one in response.context["editing"].conflicts]


def agencies(number):
    row = activity(number)
    return [[link.agency.name for link in links] for links in (row.lead_links, row.support_links)]


def test_edit_saves_each_field_with_who_and_why(programme_admin):
    data = opened(programme_admin, 2)
    response = send(programme_admin, 2, data, title="New title", leads="Corrections; ghic", reason="Agreed in March")
    assert getattr(response, "context", None) is None or response.context["editing"].errors == []
    assert (response.status_code, response["Location"]) == (302, "/plans/year-two/activities/2/")
    assert (activity(2).title, agencies(2)) == ("New title", [["APA", "GHIC"], ["Police"]])
    who = list(Activity.history.values_list("title", "history_user__name", "history_change_reason"))
    assert who == [("New title", "Programme admin", "Agreed in March")]
    links = ActivityAgency.history.values_list("history_type", "agency__name", "history_change_reason")
    assert sorted(links) == [("+", "GHIC", "Agreed in March"), ("-", "MSD", "Agreed in March")]


def test_edit_without_a_change_writes_nothing(programme_admin):
    response = send(programme_admin, 3, opened(programme_admin, 3))
    assert response.status_code == 302
    counts = [model.history.count() for model in (Activity, ActivityAgency, SubActivity)]
    assert counts == [0, 0, 0]


@pytest.mark.parametrize(("name", "label"), [("due_on", "Due"), ("starts_on", "Starts")])
def test_edit_sets_and_clears_a_date(programme_admin, name, label):
    send(programme_admin, 2, opened(programme_admin, 2), **{name: "2027-06-30"})
    assert getattr(activity(2), name) == date(2027, 6, 30)
    page = programme_admin.get("/plans/year-two/activities/2/").content.decode()
    assert f"<dt>{label}</dt><dd>30 June 2027" in page
    send(programme_admin, 2, opened(programme_admin, 2), **{name: ""})
    assert getattr(activity(2), name) is None
    assert "<dd>30 June 2027</dd>" not in programme_admin.get("/plans/year-two/activities/2/").content.decode()


def test_activity_cannot_be_due_before_it_starts(programme_admin):
    send(programme_admin, 2, opened(programme_admin, 2), starts_on="2027-06-30", due_on="2027-06-30")
    assert activity(2).due_on == date(2027, 6, 30)
    response = send(programme_admin, 2, opened(programme_admin, 2), due_on="2027-06-29")
    assert [text for *_, text in response.context["editing"].errors] == ["The due date is before the start date."]
    assert activity(2).due_on == date(2027, 6, 30)


def test_page_opened_before_there_were_due_dates_removes_none(programme_admin):
    data = {name: value for name, value in opened(programme_admin, 2).items() if name != "due_on"}
    send(programme_admin, 2, data, title="New title")
    assert activity(2).title == "New title"
    Activity.objects.filter(number=2).update(due_on=date(2027, 6, 30))
    response = send(programme_admin, 2, data, title="Another title")
    assert (response.status_code, activity(2).due_on) == (409, date(2027, 6, 30))


def test_edit_changes_and_adds_sub_activities(programme_admin):
    data = opened(programme_admin, 3)
    edits = {"items-0-is_done": "on", "items-0-done_on": "2026-11-03", "items-3-text": "A fourth one"}
    send(programme_admin, 3, data, **edits)
    rows = SubActivity.objects.filter(activity__number=3).values_list("position", "done_on")
    assert list(rows) == [(1, date(2026, 11, 3)), (2, None), (3, None), (4, None)]
    assert SubActivity.objects.get(position=4, activity__number=3).text == "A fourth one"
    assert SubActivity.history.count() == 2


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ({"leads": "Polcie"}, "No agency is called 'Polcie'. Did you mean Police?"),
        ({"leads": "Police; police"}, "Police is listed twice. Remove one."),
        ({"supports": "Police"}, "Police is already a lead agency. Choose one role for it."),
        ({"description": " "}, "Enter a description before you finalise it."),
        ({"reason": ""}, "This field is required."),
        (
            {"items-0-text": "A new one", "items-0-done_on": "2026-11-03"},
            "Tick “Done”, or clear the date.",
        ),
    ],
)
def test_edit_refuses_in_words_and_keeps_what_was_typed(programme_admin, edits, error):
    data = opened(programme_admin, 1)
    response = send(programme_admin, 1, data, title="Typed", **edits)
    assert (response.status_code, activity(1).title) == (200, "Operation Cobalt")
    assert error in [sentence for _, _, sentence in response.context["editing"].errors]
    assert fields(response)["title"] == "Typed"
    assert [fields(response).get(name, "") for name in edits] == list(edits.values())


def test_edits_of_different_fields_merge_by_themselves(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 3), opened(colleague, 3)
    send(colleague, 3, theirs, title="Theirs", supports="MBIE", **{"items-1-text": "Their item"})
    response = send(programme_admin, 3, mine, description="Mine", **{"items-0-text": "My item"})
    assert response.status_code == 302
    row = activity(3)
    assert (row.title, row.description, agencies(3)[1]) == ("Theirs", "Mine", ["MBIE"])
    assert list(row.sub_activities.values_list("text", flat=True))[:2] == ["My item", "Their item"]
    assert Activity.history.first().history_user.name == "Programme admin"


def test_edits_to_the_same_value_are_no_conflict(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 1), opened(colleague, 1)
    send(colleague, 1, theirs, title="Same")
    assert send(programme_admin, 1, mine, title="Same").status_code == 302
    assert Activity.history.count() == 1


def test_collision_saves_nothing_and_shows_both(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 1), opened(colleague, 1)
    send(colleague, 1, theirs, title="Theirs", supports="MSD")
    response = send(programme_admin, 1, mine, title="Mine", description="Also mine")
    assert response.status_code == 409
    assert conflicts(response) == [("Title", "Operation Cobalt", "Theirs", "Mine")]
    conflict = response.context["editing"].conflicts[0]
    assert (conflict.by.name, conflict.at) == ("Second admin", Activity.history.get().history_date)
    assert (activity(1).title, activity(1).description != "Also mine") == ("Theirs", True)
    shown = fields(response)
    assert (shown["title"], shown["description"], shown["supports"]) == ("Mine", "Also mine", "MSD")


def test_saving_again_after_a_collision_is_deliberate(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 1), opened(colleague, 1)
    send(colleague, 1, theirs, title="Theirs", supports="MSD")
    seen = fields(send(programme_admin, 1, mine, title="Mine", description="Also mine"))
    assert send(programme_admin, 1, seen).status_code == 302
    assert (activity(1).title, activity(1).description, agencies(1)) == ("Mine", "Also mine", [["Police"], ["MSD"]])


def test_choosing_theirs_keeps_it_and_saves_the_rest(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 1), opened(colleague, 1)
    send(colleague, 1, theirs, title="Theirs")
    seen = fields(send(programme_admin, 1, mine, title="Mine", description="Also mine"))
    assert send(programme_admin, 1, seen, **{"choice-title": "theirs"}).status_code == 302
    assert (activity(1).title, activity(1).description) == ("Theirs", "Also mine")


def test_a_second_collision_is_shown_again(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 1), opened(colleague, 1)
    send(colleague, 1, theirs, title="Theirs")
    seen = fields(send(programme_admin, 1, mine, title="Mine"))
    send(colleague, 1, opened(colleague, 1), title="Theirs again")
    response = send(programme_admin, 1, seen)
    assert conflicts(response) == [("Title", "Theirs", "Theirs again", "Mine")]


def test_collision_beside_an_invalid_field_still_shows_both(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 1), opened(colleague, 1)
    send(colleague, 1, theirs, leads="MSD", title="Theirs")
    response = send(programme_admin, 1, mine, leads="Polcie", title="Mine")
    assert conflicts(response) == [
        ("Title", "Operation Cobalt", "Theirs", "Mine"),
        ("Lead agencies", "Police", "MSD", "Polcie"),
    ]


def test_collision_of_sub_activities_says_which(programme_admin, colleague):
    mine, theirs = opened(programme_admin, 3), opened(colleague, 3)
    send(colleague, 3, theirs, **{"items-0-due_on": "2026-12-01"})
    response = send(programme_admin, 3, mine, **{"items-0-due_on": "2026-12-24"})
    label = "Due (sub-activity “Deportee journey mapping”)"
    assert conflicts(response) == [(label, "", "1 December 2026", "24 December 2026")]


@pytest.mark.parametrize("version", ["", "forged", "of another row"])
def test_version_that_is_missing_or_tampered_overwrites_nothing(programme_admin, version):
    data = opened(programme_admin, 1)
    version = opened(programme_admin, 2)["version"] if version == "of another row" else version
    response = send(programme_admin, 1, data, title="Mine", version=version)
    assert (response.status_code, conflicts(response)) == (409, [("Title", None, "Operation Cobalt", "Mine")])
    assert activity(1).title == "Operation Cobalt"
    assert send(programme_admin, 1, fields(response)).status_code == 302
    assert activity(1).title == "Mine"


def test_what_was_typed_survives_a_session_that_ended(programme_admin):
    data = opened(programme_admin, 1)
    programme_admin.session.flush()
    response = send(programme_admin, 1, data, title="Typed", reason="Long thought")
    assert (response.status_code, activity(1).title) == (403, "Operation Cobalt")
    programme_admin.user.set_password("a long pass phrase")
    programme_admin.user.save()
    sign_in = {"login": programme_admin.user.email, "password": "a long pass phrase"}
    carried = {name: response.context[name] for name in ("next", "kept")}
    signed_in = programme_admin.post("/accounts/login/", {**sign_in, **carried})
    assert signed_in["Location"] == EDIT.format(1)
    again = programme_admin.get(EDIT.format(1))
    assert (fields(again)["title"], fields(again)["reason"]) == ("Typed", "Long thought")
    assert programme_admin.post(EDIT.format(1), fields(again)).status_code == 302
    assert activity(1).title == "Typed"


@pytest.mark.parametrize(
    ("person", "get", "post"), [("reader", 403, 403), ("police_updater", 403, 403), ("visitor", 302, 403)]
)
def test_edit_is_for_programme_admins(request, settings, person, get, post):
    settings.ROCC_OPEN_READING = True
    client = request.getfixturevalue(person)
    assert client.get(EDIT.format(1)).status_code == get
    assert client.post(EDIT.format(1), {"title": "Mine"}).status_code == post
    assert activity(1).title == "Operation Cobalt"


def test_edit_of_an_activity_that_is_not_there_is_not_found(programme_admin):
    assert programme_admin.get(EDIT.format(99)).status_code == 404


def count_queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)


def test_edit_costs_the_same_for_one_sub_activity_and_for_many(programme_admin):
    for_three = count_queries(programme_admin, EDIT.format(3))
    for position in range(4, 20):
        SubActivity.objects.create(activity=activity(3), text="More", position=position)
    assert (count_queries(programme_admin, EDIT.format(3)), for_three <= 22) == (for_three, True)


def test_title_is_kept_on_one_line_and_without_signs_that_turn_it(programme_admin):
    send(programme_admin, 1, opened(programme_admin, 1), title="Two\nlines \u202eturned")
    assert activity(1).title == "Two lines turned"
