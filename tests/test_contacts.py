"""Whom to ask at an agency about a plan: who sees it, who edits it, and where none is named."""

import pytest

from plans.models import Agency, AgencyContact
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page, said

pytestmark = pytest.mark.django_db

PLAN = "/plans/year-two/"
POLICE = f"{PLAN}agencies/police/"
EDIT = f"{POLICE}contact/"
EMAIL = "programme-lead@police.example"


@pytest.fixture
def contact(year_two):  # noqa: F811
    police = Agency.objects.get(code="police")
    return AgencyContact.objects.create(plan=year_two, agency=police, role="Programme lead", email=EMAIL)


def opened(client):
    return {field.name: field.value() or "" for field in client.get(EDIT).context["form"]}


def send(client, typed=None, **edits):
    return client.post(EDIT, {**(opened(client) if typed is None else typed), **edits})


def test_updater_of_the_agency_adds_edits_and_removes_its_contact(police_updater, year_two):  # noqa: F811
    assert send(police_updater, role=" Programme lead ", email=EMAIL)["Location"] == POLICE
    saved = AgencyContact.objects.get()
    assert (saved.plan, saved.agency.code, saved.role, saved.email) == (year_two, "police", "Programme lead", EMAIL)
    send(police_updater, role="Policy lead")
    send(police_updater, role="", email="")
    assert not AgencyContact.objects.exists()
    told = AgencyContact.history.order_by("history_id").values_list("role", "history_change_reason", "history_user")
    by = police_updater.user.pk
    assert list(told) == [
        ("Programme lead", "Contact added", by),
        ("Policy lead", "Contact edited", by),
        ("Policy lead", "Contact removed", by),
    ]


@pytest.mark.parametrize(
    ("edits", "name"),
    [
        ({"role": "", "email": EMAIL}, "role"),
        ({"role": "Lead", "email": ""}, "email"),
        ({"role": "Lead", "email": "no address"}, "email"),
        ({"role": "L" * 101, "email": EMAIL}, "role"),
    ],
)
def test_half_a_contact_is_refused(police_updater, year_two, edits, name):  # noqa: F811
    assert name in send(police_updater, **edits).context["form"].errors
    assert not AgencyContact.objects.exists()


def test_nobody_overwrites_anybody(police_updater, programme_admin, contact):
    typed = opened(police_updater)
    send(programme_admin, role="Policy lead")
    assert send(police_updater, typed, email="office@police.example").status_code == 302
    contact.refresh_from_db()
    assert (contact.role, contact.email) == ("Policy lead", "office@police.example")
    assert send(police_updater, typed, role="Deputy").status_code == 409
    AgencyContact.objects.all().delete()
    first = opened(police_updater)
    send(programme_admin, role="Added meanwhile", email=EMAIL)
    assert send(police_updater, first, role="Added too", email=EMAIL).status_code == 409


@pytest.mark.parametrize("address", [f"{PLAN}agencies/", POLICE])
def test_visitors_never_see_a_contact(client, reader, contact, open_reading, address):  # noqa: F811
    for one in (contact.role, contact.email):
        assert one in reader.get(address).content.decode()
        assert one not in client.get(address).content.decode()
    assert "contact" not in said(Page(client.get(address)).main).lower()


@pytest.mark.parametrize("name", ["activities.csv", "barriers.csv", "dates.csv", "agencies/police/fill-in.xlsx"])
def test_no_export_has_a_contact(reader, contact, name):
    response = reader.get(f"{PLAN}{name}")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert EMAIL.encode() not in content


def test_lead_agency_without_a_contact_is_flagged(reader, programme_admin, contact, client, open_reading):  # noqa: F811
    missing = reader.get(f"{PLAN}agencies/?contact=none").context["agencies"]
    codes = {one.agency.code for one in missing}
    leads = {one.agency.code for one in reader.get(f"{PLAN}agencies/?role=lead").context["agencies"]}
    # A group has no contact of its own, and one that has ended needs none.
    assert codes == leads - {"police", "all"} - set(
        Agency.objects.exclude(ended_on=None).values_list("code", flat=True)
    )
    assert "No contact" in Page(reader.get(f"{PLAN}agencies/msd/")).text
    assert "No contact" not in said(Page(reader.get(POLICE)).main)
    assert "Agencies without a contact" in Page(programme_admin.get("/manage/")).text
    assert "Sign in to see" in Page(client.get(f"{PLAN}agencies/?contact=none")).text
    assert "There is no choice" in Page(reader.get(f"{PLAN}agencies/?contact=some")).text


def test_only_its_own_people_and_admins_edit_a_contact(reader, other_updater, programme_admin, contact):
    assert [one.get(EDIT).status_code for one in (reader, other_updater, programme_admin)] == [403, 403, 200]
    assert "Edit contact" not in Page(reader.get(POLICE)).text
    assert Page(programme_admin.get(POLICE)).link("Edit contact") == EDIT
