import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from plans.models import Agency, User
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db

PLAN_MODELS = (
    *(
        "acceptedcheck",
        "activity",
        "agency",
        "agencycontact",
        "agreement",
        "evidencelink",
        "focusarea",
        "importword",
        "plan",
        "priorityarea",
    ),
    *("reminder", "statusupdate"),
)
PEOPLE = ("admin:plans_user_changelist", "admin:plans_user_add", "admin:auth_group_changelist")


@pytest.fixture
def superuser(make_user, client):
    client.force_login(make_user("root@programme.example", is_staff=True, is_superuser=True))
    return client


def test_index_offers_a_programme_admin_the_plans_and_no_people(programme_admin):
    apps = programme_admin.get("/admin/").context["app_list"]
    assert [(app["app_label"], [model["object_name"] for model in app["models"]]) for app in apps] == [
        (
            "plans",
            [
                *(
                    "AcceptedCheck",
                    "Activity",
                    "Agency",
                    "AgencyContact",
                    "Agreement",
                    "AuditEvent",
                    "EvidenceLink",
                    "FocusArea",
                ),
                *("Import", "Plan", "PriorityArea", "Reminder", "StatusUpdate", "UpdateLink", "ImportWord"),
            ],
        )
    ]


@pytest.mark.parametrize("model", PLAN_MODELS)
def test_pages_open_for_a_programme_admin_only(programme_admin, reader, make_user, client, model):
    load_year_two()
    client.force_login(make_user("staff@programme.example", is_staff=True))
    address = reverse(f"admin:plans_{model}_changelist")
    assert [each.get(address).status_code for each in (programme_admin, client, reader)] == [200, 403, 302]


@pytest.mark.parametrize("name", PEOPLE)
def test_people_open_for_a_superuser_only(programme_admin, superuser, name):
    assert [each.get(reverse(name)).status_code for each in (superuser, programme_admin)] == [200, 403]


def test_nobody_deletes_records(superuser):
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get()
    ours = {model: page for model, page in admin.site._registry.items() if model._meta.app_label in ("plans", "auth")}
    assert [model.__name__ for model, page in ours.items() if page.has_delete_permission(request)] == []
    assert {model.__name__ for model in ours} >= {"Activity", "Agency", "Group", "Plan", "StatusUpdate", "User"}


def test_updates_cannot_be_added_or_changed(superuser):
    request = RequestFactory().get("/admin/")
    request.user = User.objects.get()
    page = next(page for model, page in admin.site._registry.items() if model.__name__ == "StatusUpdate")
    assert (page.has_add_permission(request), page.has_change_permission(request)) == (False, False)


def test_person_is_added_by_e_mail_address(superuser):
    data = {"email": "reader@agency.example", "name": "Reader", "usable_password": "false"}
    assert superuser.post(reverse("admin:plans_user_add"), data).status_code == 302
    person = User.objects.get(email="reader@agency.example")
    assert (person.name, person.has_usable_password(), person.is_staff) == ("Reader", False, False)


def test_person_is_not_added_twice_in_other_letters(superuser):
    data = {"email": "ROOT@programme.example", "usable_password": "false"}
    response = superuser.post(reverse("admin:plans_user_add"), data)
    said = [text for texts in response.context["adminform"].form.errors.values() for text in texts]
    assert set(said) == {"Someone already has this email address."}
    assert User.objects.count() == 1


def test_agency_name_holds_no_semicolon(programme_admin):
    data = {"name": "One; two", "code": "one-two", "kind": "agency", "aliases-TOTAL_FORMS": 0}
    response = programme_admin.post(reverse("admin:plans_agency_add"), {**data, "aliases-INITIAL_FORMS": 0})
    assert response.context["adminform"].form.errors == {
        "name": ["Remove the semicolon. Semicolons separate agencies in spreadsheets."]
    }


def test_agency_keeps_its_code(programme_admin):
    agency = Agency.objects.create(code="police", name="Police")
    data = {"name": "NZ Police", "code": "changed", "kind": "agency", "aliases-TOTAL_FORMS": 0}
    address = reverse("admin:plans_agency_change", args=[agency.pk])
    version = programme_admin.get(address).context["adminform"].form["version"].value()
    programme_admin.post(address, {**data, "version": version, "aliases-INITIAL_FORMS": 0})
    agency.refresh_from_db()
    assert (agency.code, agency.name) == ("police", "NZ Police")


def test_pages_carry_our_name_and_stylesheet(programme_admin):
    text = programme_admin.get("/admin/").text
    assert "ROCC action plan" in text
    assert "admin_brand.css" in text


def test_other_name_that_is_listed_twice_is_refused_beside_it(programme_admin):
    data = {"code": "nzp", "name": "NZP", "kind": "agency", "members": []}
    data |= {
        "aliases-TOTAL_FORMS": "2",
        "aliases-INITIAL_FORMS": "0",
        "aliases-0-alias": "Pōlice",
        "aliases-1-alias": "POLICE",
    }
    answer = programme_admin.post(reverse("admin:plans_agency_add"), data)
    assert "This other name is listed twice." in answer.content.decode()
    assert Agency.objects.count() == 0
