"""Lead and support agencies are chosen from the list of all agencies, without typing a name."""

import pytest

from plans.models import ActivityAgency, Agency
from plans.text import fold
from tests.test_editing import activity, agencies, colleague, conflicts, opened, plan, send  # noqa: F401
from tests.views.page import Page

pytestmark = pytest.mark.django_db
EDIT = "/plans/year-two/activities/{}/edit/"


def chosen(response):
    """What a browser would send of the list: {name: value}."""
    found = {}
    for box in Page(response, response.status_code).main.iter("input"):
        name = box.get("name", "")
        if name.startswith("place_") or (name.startswith("role_") and box.get("checked") is not None):
            found[name] = box.get("value", "")
    return found


def sheet(client, number):
    """All that a browser would send of the form as it was opened."""
    fields = opened(client, number)
    del fields["leads"], fields["supports"]
    return fields | chosen(client.get(EDIT.format(number)))


def row(name, role=None, place=None):
    """The fields of an agency's row."""
    pk = Agency.objects.get(name=name).pk
    given = {f"role_{pk}": role, f"place_{pk}": place}
    return {key: value for key, value in given.items() if value is not None}


def names_in_list(response):
    form = response.context["editing"].form
    return [one.agency.name for one in [*form.chosen_rows, *form.other_rows]]


def test_list_shows_every_agency_once_those_on_the_activity_first(programme_admin):
    response = programme_admin.get(EDIT.format(2))
    names = names_in_list(response)
    assert names[:3] == ["APA", "MSD", "Police"]
    assert (len(names), sorted(names[3:], key=fold)) == (Agency.objects.count(), names[3:])
    groups = [one for one in Page(response).main.iter("div") if one.get("role") == "radiogroup"]
    assert len(groups) == len(names)


def test_form_as_it_was_opened_changes_no_agency(programme_admin):
    assert send(programme_admin, 2, sheet(programme_admin, 2)).status_code == 302
    assert ActivityAgency.history.count() == 0


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("Police", "lead", "")], [["APA", "MSD", "Police"], []]),
        # The number that it had among the supports says nothing about the leads.
        ([("Police", "lead", None)], [["APA", "MSD", "Police"], []]),
        ([("GHIC", "lead", "1")], [["GHIC", "APA", "MSD"], ["Police"]]),
        ([("GHIC", "lead", "2")], [["APA", "GHIC", "MSD"], ["Police"]]),
        ([("MSD", None, "1")], [["MSD", "APA"], ["Police"]]),
        ([("APA", None, "2")], [["MSD", "APA"], ["Police"]]),
        ([("APA", None, "")], [["MSD", "APA"], ["Police"]]),
        ([("APA", "", None)], [["MSD"], ["Police"]]),
        ([("APA", "support", None), ("MSD", "", None)], [[], ["Police", "APA"]]),
        ([("APA", None, "-4")], [["MSD", "APA"], ["Police"]]),
    ],
)
def test_rows_give_each_agency_its_role_and_place(programme_admin, rows, expected):
    assert agencies(2) == [["APA", "MSD"], ["Police"]]
    data = sheet(programme_admin, 2)
    for one in rows:
        data |= row(*one)
    assert send(programme_admin, 2, data).status_code == 302
    assert agencies(2) == expected


def test_what_was_chosen_is_there_again_after_an_error(programme_admin):
    data = sheet(programme_admin, 2) | row("GHIC", "lead", "1") | row("Police", "")
    response = send(programme_admin, 2, data, reason="")
    assert (response.status_code, names_in_list(response)[:3]) == (200, ["GHIC", "APA", "MSD"])
    assert agencies(2) == [["APA", "MSD"], ["Police"]]
    assert send(programme_admin, 2, data | chosen(response)).status_code == 302
    assert agencies(2) == [["GHIC", "APA", "MSD"], []]


def test_crossing_changes_of_leads_and_supports_merge(programme_admin, colleague):  # noqa: F811
    mine, theirs = sheet(programme_admin, 2), sheet(colleague, 2)
    send(colleague, 2, theirs | row("GHIC", "support"))
    assert send(programme_admin, 2, mine | row("MSD", None, "1")).status_code == 302
    assert agencies(2) == [["MSD", "APA"], ["GHIC", "Police"]] or agencies(2) == [["MSD", "APA"], ["Police", "GHIC"]]


def test_crossing_changes_of_the_leads_show_both_and_save_nothing(programme_admin, colleague):  # noqa: F811
    mine, theirs = sheet(programme_admin, 2), sheet(colleague, 2)
    send(colleague, 2, theirs | row("GHIC", "lead"))
    response = send(programme_admin, 2, mine | row("MBIE", "lead"))
    assert response.status_code == 409
    assert conflicts(response) == [("Lead agencies", "APA; MSD", "APA; MSD; GHIC", "APA; MSD; MBIE")]
    assert agencies(2)[0] == ["APA", "MSD", "GHIC"]
    again = mine | chosen(response) | {"version": response.context["editing"].form["version"].value()}
    assert send(programme_admin, 2, again).status_code == 302
    assert agencies(2)[0] == ["APA", "MSD", "MBIE"]


def test_agency_whose_name_is_the_code_of_another_can_be_chosen(programme_admin):
    Agency.objects.filter(name="MSD").update(code="police-2")
    Agency.objects.create(code="other", name="Police-2")
    assert send(programme_admin, 2, sheet(programme_admin, 2) | row("APA", "")).status_code == 302
    assert agencies(2) == [["MSD"], ["Police"]]


def test_activity_without_agencies_says_so_and_takes_the_first(programme_admin):
    ActivityAgency.objects.filter(activity=activity(2)).delete()
    assert send(programme_admin, 2, sheet(programme_admin, 2) | row("Police", "lead")).status_code == 302
    assert agencies(2) == [["Police"], []]
