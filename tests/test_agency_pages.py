"""Adding and editing an agency: its name, what it is also known as, its type, what it is part of, its members."""

import pytest

from plans.models import Agency, AgencyAlias
from tests.test_editing import colleague  # noqa: F401
from tests.views.page import Page
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
PLAN = "/plans/year-two/"
NEW, EDIT = f"{PLAN}add-agency/", PLAN + "agencies/{}/edit/"


@pytest.fixture(autouse=True)
def year_two():
    return load_year_two()


def opened(client, address):
    form = client.get(address).context["form"]
    found = {field.name: field.value() for field in form}
    found["members"] = [str(getattr(one, "pk", one)) for one in found["members"] or ()]
    return {name: value for name, value in found.items() if value not in (None, False)}


def send(client, code, **edits):
    return client.post(EDIT.format(code), opened(client, EDIT.format(code)) | edits)


def aliases(code):
    return sorted(AgencyAlias.objects.filter(agency__code=code).values_list("alias", flat=True))


def errors(response):
    return [sentence for found in response.context["form"].errors.values() for sentence in found]


def test_new_agency_gets_a_code_of_its_name_and_its_other_names(programme_admin):
    data = {"name": "Fire and Emergency", "kind": "agency", "aliases": "FENZ\n\nNZ Fire Service"}
    response = programme_admin.post(NEW, data)
    assert (response.status_code, response["Location"]) == (302, "/plans/year-two/agencies/")
    assert aliases("fire-and-emergency") == ["FENZ", "NZ Fire Service"]
    row = Agency.history.get(code="fire-and-emergency")
    assert (row.history_change_reason, row.history_user.name) == ("Agency added", "Programme admin")
    page = Page(programme_admin.get(f"{PLAN}agencies/"))
    assert page.link("Fire and Emergency") == EDIT.format("fire-and-emergency")
    assert "Fire and Emergency" in programme_admin.get(f"{PLAN}activities/2/edit/").content.decode()


def test_code_of_a_new_agency_can_be_chosen_and_not_changed_later(programme_admin):
    programme_admin.post(NEW, {"name": "Fire and Emergency", "kind": "agency", "code": "fenz"})
    assert Agency.objects.get(name="Fire and Emergency").code == "fenz"
    address = EDIT.format("fenz")
    programme_admin.post(address, opened(programme_admin, address) | {"code": "fire", "note": "Words"})
    assert Agency.objects.get(code="fenz").note == "Words"
    taken = programme_admin.post(NEW, {"name": "Another", "kind": "agency", "code": "FENZ"})
    assert errors(taken) == ["There is already an agency with this code (case does not matter)."]


def test_code_that_is_taken_is_counted_on(programme_admin):
    programme_admin.post(NEW, {"name": "None", "kind": "agency"})
    programme_admin.post(NEW, {"name": "Police!", "kind": "agency"})
    assert set(Agency.objects.filter(name__in=["None", "Police!"]).values_list("code", flat=True)) == {
        "none-2",
        "police-2",
    }


def test_new_name_keeps_the_old_one_as_also_known_as(programme_admin):
    before = aliases("msd")
    assert send(programme_admin, "msd", name="MSD2").status_code == 302
    assert Agency.objects.get(code="msd").name == "MSD2"
    assert aliases("msd") == sorted([*before, "MSD"])
    assert AgencyAlias.history.filter(alias="MSD").get().history_change_reason == "Agency edited"


def test_name_that_only_changes_case_keeps_no_other_name(programme_admin):
    before = aliases("msd")
    send(programme_admin, "msd", name="Msd")
    assert aliases("msd") == before


def test_going_back_to_the_old_name_swaps_the_two(programme_admin):
    before = aliases("msd")
    send(programme_admin, "msd", name="MSD2")
    assert send(programme_admin, "msd", name="MSD").status_code == 302
    assert aliases("msd") == sorted([*before, "MSD2"])


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ({"aliases": "police"}, "“police”: This is a name of Police. Another agency cannot be known by it."),
        ({"aliases": "Health New Zealand"}, "“Health New Zealand”: This is a name of Te Whatu Ora. Another"),
        ({"aliases": "One; two"}, "“One; two”: Remove the semicolon. Semicolons separate agencies"),
        ({"name": "Pólice"}, "There is already an agency with this name (case and macrons do not matter)."),
        ({"name": "Corrections"}, "APA is also known as “Corrections”. Remove that there first."),
        ({"name": ""}, "Enter the name that the plan uses."),
        ({"kind": "unit"}, "Choose the parent agency for a unit. Leave it blank for other types."),
        ({"members": "police"}, "Only a group has members."),
    ],
)
def test_agency_is_refused_in_words_and_what_was_typed_stays(programme_admin, edits, error):
    if "members" in edits:
        edits = {"members": [str(Agency.objects.get(code="police").pk)]}
    before = Agency.history.count()
    response = send(programme_admin, "msd", note="Typed words", **edits)
    assert response.status_code == 200
    assert any(sentence.startswith(error) for sentence in errors(response)), errors(response)
    assert "Typed words" in response.content.decode()
    assert (Agency.objects.get(code="msd").note, Agency.history.count()) == ("", before)


def send_in_the_admin(client, code, **typed):
    """Post the form of an agency in the admin as it was opened, with what is `typed`, and `alias` as one more."""
    address = f"/admin/plans/agency/{Agency.objects.get(code=code).pk}/change/"
    opened = client.get(address)
    formset = opened.context["inline_admin_formsets"][0].formset
    data = {field.html_name: field.value() for form in formset for field in form if field.value() is not None}
    data |= {field.html_name: field.value() for field in formset.management_form}
    data |= {field.html_name: field.value() or "" for field in opened.context["adminform"].form}
    data["members"] = [one.pk for one in Agency.objects.get(code=code).members.all()]
    data[f"aliases-{formset.initial_form_count()}-alias"] = typed.pop("alias", "")
    return client.post(address, {**data, **typed})


def test_other_name_of_another_agency_is_refused_in_the_admin_too(programme_admin):
    answer = send_in_the_admin(programme_admin, "msd", alias="Police")
    assert answer.status_code == 200
    assert "This is a name of Police. Another agency cannot be known by it." in answer.content.decode()


def test_new_name_keeps_the_old_one_in_the_admin_too(programme_admin):
    before = aliases("msd")
    assert send_in_the_admin(programme_admin, "msd", name="MSD2", alias="Welfare").status_code == 302
    assert Agency.objects.get(code="msd").name == "MSD2"
    assert aliases("msd") == sorted([*before, "MSD", "Welfare"])
    assert AgencyAlias.history.filter(alias="MSD").get().history_change_reason == "Agency renamed"


def test_same_name_in_the_admin_keeps_no_other_name(programme_admin):
    before = aliases("msd")
    assert send_in_the_admin(programme_admin, "msd", note="Typed words").status_code == 302
    assert aliases("msd") == before


def test_form_as_it_was_opened_writes_nothing(programme_admin):
    before = Agency.history.count()
    assert send(programme_admin, "all").status_code == 302
    assert (Agency.history.count(), AgencyAlias.history.count()) == (before, 0)


def test_members_of_a_group_are_ticked(programme_admin):
    group, police = Agency.objects.get(code="all"), Agency.objects.get(code="police")
    before = set(group.members.values_list("pk", flat=True))
    wanted = before ^ {police.pk}
    send(programme_admin, "all", members=[str(pk) for pk in wanted], reason="Joined")
    assert set(group.members.values_list("pk", flat=True)) == wanted
    assert Agency.history.filter(code="all").latest().history_change_reason == "Joined"


def test_crossing_edits_of_different_fields_merge(programme_admin, colleague):  # noqa: F811
    mine = opened(programme_admin, EDIT.format("msd"))
    send(colleague, "msd", aliases="Theirs")
    response = programme_admin.post(EDIT.format("msd"), mine | {"note": "Mine"})
    assert (response.status_code, aliases("msd"), Agency.objects.get(code="msd").note) == (302, ["Theirs"], "Mine")


def test_crossing_edits_of_one_field_show_both_and_save_nothing(programme_admin, colleague):  # noqa: F811
    mine = opened(programme_admin, EDIT.format("msd"))
    send(colleague, "msd", aliases="Theirs", note="Their note")
    response = programme_admin.post(EDIT.format("msd"), mine | {"aliases": "Mine", "note": "My note"})
    assert response.status_code == 409
    told = [(one.label, one.theirs, one.yours) for one in response.context["form"].conflicts]
    assert told == [("Also known as", "Theirs", "Mine"), ("Note for readers", "Their note", "My note")]
    assert aliases("msd") == ["Theirs"]
    assert "Someone else edited this agency at the same time" in response.content.decode()


def test_unknown_agency_is_not_found(programme_admin):
    assert programme_admin.get(EDIT.format("nobody")).status_code == 404


def test_readers_are_offered_neither(reader):
    for address in (f"{PLAN}agencies/", f"{PLAN}agencies/police/"):
        words = [said for said, _ in Page(reader.get(address)).links()]
        assert not {"Add agency", "Edit agency"} & set(words)


def test_page_of_an_agency_leads_to_adding_a_person_of_it_and_that_of_a_group_does_not(programme_admin, reader):
    of_police = Page(programme_admin.get("/plans/year-two/agencies/police/"))

    assert of_police.link("Add a person") == "/people/invite/?agency=police"
    for client, code in ((programme_admin, "all"), (reader, "police")):
        assert "Add a person" not in Page(client.get(f"/plans/year-two/agencies/{code}/")).text
