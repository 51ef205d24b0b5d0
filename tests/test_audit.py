"""The audit trail: what it notes, who reads it, and that nobody edits it."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from plans.actions import people as actions
from plans.models import Agency, AuditEvent, Membership, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def police():
    return Agency.objects.create(code="police", name="Police")


@pytest.fixture
def person(make_user):
    return make_user("updater@police.example", name="Police updater", password=PASSWORD)


@pytest.fixture
def superuser(make_user):
    client = Client()
    client.user = make_user("root@programme.example", name="Superuser", is_staff=True, is_superuser=True)
    client.force_login(client.user)
    return client


@pytest.fixture
def noted(person, superuser, programme_admin):
    """What was noted since the test began, oldest first: (kind, about, by, detail)."""
    before = set(AuditEvent.objects.values_list("pk", flat=True))

    def answer():
        events = AuditEvent.objects.exclude(pk__in=before).order_by("pk")
        return [(event.kind, str(event.about), str(event.by), event.detail) for event in events]

    return answer


def sign_in(client, password=PASSWORD, email="updater@police.example"):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_signing_in_and_out_is_noted(visitor, noted):
    sign_in(visitor)
    visitor.post("/accounts/logout/")

    assert noted() == [
        ("signed_in", "Police updater", "Police updater", ""),
        ("signed_out", "Police updater", "Police updater", ""),
    ]


def test_failed_sign_in_is_noted_without_what_a_stranger_typed(visitor, person, noted):
    sign_in(visitor, "wrong")
    sign_in(visitor, "wrong", email="my-secret-password@police.example")
    User.objects.filter(pk=person.pk).update(is_active=False)
    sign_in(visitor)

    assert noted() == [
        ("sign_in_failed", "Police updater", "None", ""),
        ("sign_in_failed", "None", "None", "With an address that no one has"),
        ("sign_in_failed", "Police updater", "None", "The account is closed"),
    ]


def test_changed_password_is_noted(visitor, noted):
    sign_in(visitor)
    visitor.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "a new long password", "password2": "a new long password"},
    )

    assert noted()[1:] == [("password_changed", "Police updater", "Police updater", "")]


def test_password_set_at_the_server_is_noted(person, noted):
    person.set_password("a new long password")
    person.save()

    assert noted() == [
        ("password_changed", "Police updater", "None", "Without signing in: by a link, or at the server")
    ]


def test_newer_cipher_of_the_same_password_is_not_noted(visitor, person, noted, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    sign_in(visitor)

    assert User.objects.get(pk=person.pk).password.startswith("pbkdf2")
    assert [kind for kind, *_ in noted()] == ["signed_in"]


def test_invitation_and_what_follows_is_noted(programme_admin, police, noted):
    person = actions.invite(email="new@police.example", name="New updater", agencies=[police], by=programme_admin.user)
    token = actions.give_invitation_link(person=person, by=programme_admin.user)
    actions.accept_invitation(token=token, password="a new long password")
    actions.end_membership(membership=Membership.objects.get(), by=programme_admin.user)

    assert noted() == [
        ("invited", "New updater", "Programme admin", "New account"),
        ("membership_started", "New updater", "Programme admin", "Police"),
        ("link_given", "New updater", "Programme admin", "Shown once, works for 7 days"),
        ("password_changed", "New updater", "New updater", ""),
        ("membership_ended", "New updater", "Programme admin", "Police"),
    ]


def test_new_programme_admin_is_noted(superuser, noted):
    actions.invite(email="new@programme.example", name="New admin", by=superuser.user, is_programme_admin=True)

    assert noted() == [
        ("invited", "New admin", "Superuser", "New account"),
        ("role_given", "New admin", "Superuser", "Can use the admin"),
        ("role_given", "New admin", "Superuser", "Programme admins"),
    ]


def test_closing_and_opening_an_account_is_noted_once(programme_admin, person, noted):
    for _ in range(2):
        actions.close_account(person=person, by=programme_admin.user)
    actions.open_account(person=person, by=programme_admin.user)

    assert noted() == [
        ("account_closed", "Police updater", "Programme admin", ""),
        ("account_opened", "Police updater", "Programme admin", ""),
    ]


def test_roles_changed_in_the_admin_are_noted_with_who_did_it(superuser, person, noted):
    group = Group.objects.get(name="Programme admins")
    form = {"email": person.email, "name": person.name, "is_staff": "on", "is_superuser": "on", "groups": [group.pk]}
    assert superuser.post(f"/admin/plans/user/{person.pk}/change/", form).status_code == 302
    form = {"email": person.email, "name": person.name, "is_active": "on"}
    assert superuser.post(f"/admin/plans/user/{person.pk}/change/", form).status_code == 302

    assert noted() == [
        ("role_given", "Police updater", "Superuser", "Can use the admin"),
        ("role_given", "Police updater", "Superuser", "Superuser"),
        ("account_closed", "Police updater", "Superuser", ""),
        ("role_given", "Police updater", "Superuser", "Programme admins"),
        ("role_taken", "Police updater", "Superuser", "Can use the admin"),
        ("role_taken", "Police updater", "Superuser", "Superuser"),
        ("account_opened", "Police updater", "Superuser", ""),
        ("role_taken", "Police updater", "Superuser", "Programme admins"),
    ]


def test_account_made_in_the_admin_is_noted_with_who_made_it(superuser, noted):
    superuser.post(
        "/admin/plans/user/add/", {"email": "new@a.example", "name": "New reader", "usable_password": "false"}
    )

    assert noted() == [("invited", "New reader", "Superuser", "New account")]


def test_changed_address_is_noted_since_password_links_go_there(superuser, person, noted):
    form = {"email": "Other@police.example", "name": person.name, "is_active": "on"}
    superuser.post(f"/admin/plans/user/{person.pk}/change/", form)

    assert noted() == [
        ("email_changed", "Police updater", "Superuser", "From updater@police.example to other@police.example")
    ]


def test_groups_changed_from_the_other_side_are_noted(person, noted):
    group = Group.objects.get(name="Programme admins")
    group.user_set.add(person)
    group.user_set.remove(person)
    person.groups.add(group)
    person.groups.clear()

    assert [(kind, about, detail) for kind, about, _, detail in noted()] == [
        ("role_given", "Police updater", "Programme admins"),
        ("role_taken", "Police updater", "Programme admins"),
        ("role_given", "Police updater", "Programme admins"),
        ("role_taken", "Police updater", "Programme admins"),
    ]


def test_superuser_made_at_the_command_line_is_noted(noted, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="second@programme.example", interactive=False, verbosity=0)

    assert noted() == [
        ("role_given", "second@programme.example", "None", "Can use the admin"),
        ("role_given", "second@programme.example", "None", "Superuser"),
    ]


def test_page_shows_events_newest_first_and_of_one_person(programme_admin, person, visitor, noted):
    sign_in(visitor)
    everybody = programme_admin.get("/people/audit/").context["page"].object_list
    one = programme_admin.get("/people/audit/", {"person": person.pk}).context["page"].object_list

    assert [(str(event.about), event.kind) for event in everybody] == [
        ("Police updater", "signed_in"),
        ("Superuser", "signed_in"),
        ("Superuser", "role_given"),
        ("Superuser", "role_given"),
        ("Programme admin", "signed_in"),
        ("Programme admin", "role_given"),
        ("Programme admin", "role_given"),
    ]
    assert [(str(event.about), event.kind) for event in one] == [("Police updater", "signed_in")]


@pytest.mark.parametrize("number", ["x", "0", "999999", "99999999999999999999"])
def test_page_about_an_unknown_person_is_not_found(programme_admin, number):
    assert programme_admin.get("/people/audit/", {"person": number}).status_code == 404


def test_page_is_paged_and_costs_the_same_for_many_events(programme_admin, person, django_assert_num_queries):
    programme_admin.get("/people/audit/")
    with django_assert_num_queries(6):
        programme_admin.get("/people/audit/")
    for _ in range(120):
        AuditEvent.objects.create(kind="signed_in", about=person, by=person)
    with django_assert_num_queries(6):
        page = programme_admin.get("/people/audit/", {"person": ""})

    assert (len(page.context["page"]), page.context["page"].paginator.num_pages) == (50, 3)
    # With a person in the filter, there is one query more: for that person.
    with django_assert_num_queries(7):
        programme_admin.get("/people/audit/", {"person": person.pk, "page": 2})


def test_nobody_edits_the_trail_not_even_in_the_admin(superuser, programme_admin, visitor, person):
    sign_in(visitor)
    event = AuditEvent.objects.get(about=person)
    address = f"/admin/plans/auditevent/{event.pk}/"

    for client in (superuser, programme_admin):
        assert client.get("/admin/plans/auditevent/").status_code == 200
        assert client.get(f"{address}change/").status_code == 200
        assert client.post(f"{address}change/", {"kind": "signed_out"}).status_code == 403
        assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
        assert client.post("/admin/plans/auditevent/add/", {"kind": "signed_out"}).status_code == 403
    assert AuditEvent.objects.get(about=person).kind == "signed_in"
    for change in (event.save, event.delete, AuditEvent.objects.all().delete, AuditEvent.objects.update):
        with pytest.raises(TypeError, match="never"):
            change()


@pytest.mark.parametrize("year", ["9999", "09999", "0", "999999"])
def test_list_of_the_admin_for_a_year_without_an_end_is_the_whole_list(programme_admin, year):
    response = programme_admin.get(f"/admin/plans/auditevent/?at__year={year}")

    assert (response.status_code, response["Location"]) == (302, "/admin/plans/auditevent/?e=1")
