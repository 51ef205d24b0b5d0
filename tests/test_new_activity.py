"""Adding an activity: its plan and number are filled in, and the form is that of the edit page."""

import pytest
from django.db.models import Count

from plans.models import Activity, ActivityAgency, Agency, FocusArea, PriorityArea
from tests.test_editing import activity, agencies, fields, plan  # noqa: F401
from tests.views.page import Page

pytestmark = pytest.mark.django_db
NEW = "/plans/year-two/activities/new/"


def opened(client, query=""):
    data = fields(client.get(f"{NEW}{query}"))
    return {name: value for name, value in data.items() if name not in ("leads", "supports")}


def send(client, data, **edits):
    areas = {"focus_area": FocusArea.objects.first().pk, "priority_area": PriorityArea.objects.first().pk}
    return client.post(NEW, {**areas, **data, **edits})


def role_of(name, role):
    return {f"role_{Agency.objects.get(name=name).pk}": role}


def test_new_activity_gets_the_next_number_its_agencies_and_its_first_entry(programme_admin):
    data = opened(programme_admin)
    assert (data["number"], data["description_state"]) == (16, "to_be_finalised")
    edits = role_of("Police", "lead") | role_of("MSD", "support") | {"items-0-text": "First step"}
    response = send(programme_admin, data, title="New one", **edits)
    assert (response.status_code, response["Location"]) == (302, "/plans/year-two/activities/16/")
    row = activity(16)
    assert (row.title, row.status, agencies(16)) == ("New one", "no_update", [["Police"], ["MSD"]])
    assert list(row.sub_activities.values_list("position", "text")) == [(1, "First step")]
    why = row.history.get()
    assert (why.history_type, why.history_change_reason) == ("+", "Activity added")
    assert why.history_user.name == "Programme admin"
    assert ActivityAgency.history.filter(history_change_reason="Activity added").count() == 2
    assert 16 in Page(programme_admin.get("/plans/year-two/activities/?q=new+one")).numbers


def test_new_activity_needs_two_clicks_from_its_priority_area(programme_admin):
    areas = PriorityArea.objects.annotate(count=Count("activities__focus_area", distinct=True))
    area = areas.filter(count=1).first()
    page = Page(programme_admin.get(f"/plans/year-two/priority-areas/{area.slug}/"))
    data = fields(programme_admin.get(page.link("Add activity")))
    assert data["priority_area"] == area.pk
    assert data["focus_area"] == area.activities.first().focus_area_id
    assert programme_admin.post(NEW, data).status_code == 302
    assert activity(16).name == "Activity 16 (title to be finalised)"


def test_new_activity_keeps_the_reason_that_was_given(programme_admin):
    send(programme_admin, opened(programme_admin), reason="Agreed by the steering group")
    assert activity(16).history.get().history_change_reason == "Agreed by the steering group"


NO_NUMBER = (
    "'4/a' cannot be an activity number. Use letters, digits, full stops and hyphens, at least one of them a digit, "
    "for example 7, 1.10, 4a or S-3."
)


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ({"number": "3"}, "There is already an activity 3 in this plan. The next free number is 16."),
        ({"number": "0"}, "Activities are numbered from 1."),
        ({"number": ""}, "Enter a number, for example 7, 1.10, 4a or S-3."),
        ({"number": "4/a"}, NO_NUMBER),
        ({"focus_area": ""}, "Choose a focus area."),
        ({"priority_area": "999"}, "Select a valid choice. That choice is not one of the available choices."),
        ({"description_state": "finalised", "description": ""}, "Enter a description before you finalise it."),
    ],
)
def test_new_activity_is_refused_in_words_and_keeps_what_was_typed(programme_admin, edits, error):
    data = opened(programme_admin)
    response = send(programme_admin, data, **{"title": "Typed", **role_of("Police", "lead"), **edits})
    assert (response.status_code, Activity.objects.count()) == (200, 15)
    assert error in [sentence for _, _, sentence in response.context["editing"].errors]
    shown = response.context["editing"].form
    assert (shown["title"].value(), [row.agency.name for row in shown.chosen_rows]) == ("Typed", ["Police"])


def test_number_of_a_withdrawn_activity_is_not_given_again(programme_admin):
    Activity.objects.filter(number=15).update(withdrawn_on="2026-07-01")
    assert opened(programme_admin)["number"] == 16


def test_form_that_is_sent_twice_adds_one_activity(programme_admin):
    response = programme_admin.get(NEW)
    key = next(one.get("value") for one in Page(response).main.iter("input") if one.get("name") == "form_key")
    data = {**opened(programme_admin), "form_key": key}
    first, second = send(programme_admin, data), send(programme_admin, data)
    assert first["Location"] == second["Location"] == "/plans/year-two/activities/16/"
    assert Activity.objects.count() == 16


def test_first_activity_of_a_plan_without_any_is_number_one(programme_admin, plan):  # noqa: F811
    plan.pk, plan.slug, plan.is_current = None, "bare", False
    plan.save()
    response = programme_admin.get("/plans/bare/activities/new/?focus=nowhere&priority=%00")
    assert response.context["editing"].form["number"].value() == 1


@pytest.mark.parametrize("person", ["reader", "police_updater"])
def test_only_admins_are_offered_to_add_one(request, person):
    page = Page(request.getfixturevalue(person).get("/plans/year-two/activities/"))
    assert "Add activity" not in dict(page.links())
