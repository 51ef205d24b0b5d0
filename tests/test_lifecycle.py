"""Finalising a description, withdrawing an activity and bringing it back."""

from datetime import date

import pytest
from django.contrib.messages import get_messages

from plans.models import Activity
from tests.test_editing import activity, colleague, opened, plan, send  # noqa: F401
from tests.views.page import Page

pytestmark = pytest.mark.django_db
AT = "/plans/year-two/activities/{}/{}/"


def history(number):
    rows = Activity.history.filter(number=number)
    return list(rows.values_list("history_change_reason", "history_user__name", "description_state", "withdrawn_on"))


def finalise_fields(response):
    return {name: response.context["form"][name].value() or "" for name in ("description", "reason", "version")}


def test_finalise_takes_the_wording_as_it_is_with_two_clicks(programme_admin):
    page = Page(programme_admin.get(AT.format(15, "finalise").removesuffix("finalise/")))
    link = page.link("Finalise description")
    opened_form = programme_admin.get(link)
    response = programme_admin.post(link, finalise_fields(opened_form))
    if not activity(15).description:
        pytest.fail("Activity 15 has a wording to agree on")
    assert (response.status_code, response["Location"]) == (302, "/plans/year-two/activities/15/")
    assert activity(15).description_state == "finalised"
    assert history(15) == [("Description finalised", "Programme admin", "finalised", None)]


def test_finalise_keeps_the_reason_and_the_new_wording(programme_admin):
    data = finalise_fields(programme_admin.get(AT.format(6, "finalise")))
    programme_admin.post(AT.format(6, "finalise"), data | {"description": "Agreed words", "reason": "Steering group"})
    assert activity(6).description == "Agreed words"
    assert history(6) == [("Steering group", "Programme admin", "finalised", None)]


def test_finalise_refuses_a_blank_description_and_keeps_the_reason(programme_admin):
    data = finalise_fields(programme_admin.get(AT.format(6, "finalise")))
    response = programme_admin.post(AT.format(6, "finalise"), data | {"description": " ", "reason": "Kept words"})
    assert (response.status_code, activity(6).description_state) == (200, "to_be_finalised")
    assert response.context["form"].errors["description"] == ["Enter a description before you finalise it."]
    assert "Kept words" in response.content.decode()


def test_finalise_shows_what_a_colleague_wrote_before_it_is_agreed(programme_admin, colleague):  # noqa: F811
    data = finalise_fields(programme_admin.get(AT.format(15, "finalise")))
    send(colleague, 15, opened(colleague, 15), description="Their words")
    response = programme_admin.post(AT.format(15, "finalise"), data)
    assert (response.status_code, activity(15).description_state) == (409, "to_be_finalised")
    assert finalise_fields(response)["description"] == "Their words"
    programme_admin.post(AT.format(15, "finalise"), finalise_fields(response))
    assert (activity(15).description, activity(15).description_state) == ("Their words", "finalised")


def test_finalise_shows_both_wordings_where_two_people_wrote(programme_admin, colleague):  # noqa: F811
    data = finalise_fields(programme_admin.get(AT.format(15, "finalise")))
    send(colleague, 15, opened(colleague, 15), description="Their words")
    response = programme_admin.post(AT.format(15, "finalise"), data | {"description": "My words"})
    assert (response.status_code, activity(15).description) == (409, "Their words")
    again = finalise_fields(response)
    assert again["description"] == "My words"
    programme_admin.post(AT.format(15, "finalise"), again | {"choice-description": "theirs"})
    assert (activity(15).description, activity(15).description_state) == ("Their words", "finalised")


def test_withdraw_asks_for_a_reason_and_takes_the_activity_out_of_lists(programme_admin):
    address = AT.format(2, "withdraw")
    response = programme_admin.post(address, {"reason": ""})
    assert (response.status_code, activity(2).withdrawn_on) == (200, None)
    response = programme_admin.post(address, {"reason": "Not funded"})
    assert response.status_code == 302
    assert [str(one) for one in get_messages(response.wsgi_request)] == [
        "Activity 2 is withdrawn. Its history is kept."
    ]
    row = history(2)[0]
    assert (row[0], row[1]) == ("Not funded", "Programme admin")
    assert row[3] == activity(2).withdrawn_on is not None
    assert 2 not in Page(programme_admin.get("/plans/year-two/activities/")).numbers


def test_withdrawn_activity_keeps_its_first_day_and_says_so(programme_admin):
    Activity.objects.filter(number=2).update(withdrawn_on=date(2026, 7, 1))
    response = programme_admin.post(AT.format(2, "withdraw"), {"reason": "Again"})
    assert (response.status_code, activity(2).withdrawn_on) == (302, date(2026, 7, 1))
    assert [str(one) for one in get_messages(response.wsgi_request)] == ["Activity 2 is already withdrawn."]


def test_bring_back_puts_the_activity_into_lists_with_its_reason(programme_admin):
    Activity.objects.filter(number=2).update(withdrawn_on=date(2026, 7, 1))
    page = Page(programme_admin.get("/plans/year-two/activities/2/"))
    response = programme_admin.post(page.link("Bring back"), {"reason": "Funded after all"})
    assert (response.status_code, activity(2).withdrawn_on) == (302, None)
    assert history(2) == [("Funded after all", "Programme admin", activity(2).description_state, None)]
    assert 2 in Page(programme_admin.get("/plans/year-two/activities/")).numbers


@pytest.mark.parametrize("number", [2, 6])
def test_readers_are_offered_neither(reader, number):
    page = Page(reader.get(f"/plans/year-two/activities/{number}/"))
    assert [link for link in page.links() if "finalise" in str(link) or "withdraw" in str(link)] == []
