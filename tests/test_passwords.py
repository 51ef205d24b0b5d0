"""Passwords that somebody would guess from a name are refused, wherever a password is set."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, resolve, reverse

from plans.accounts import post_room
from plans.actions import people as actions
from plans.models import Agency, AgencyAlias, Membership, User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
EASY, GOOD = "Customs and Excise", "rain on a tin roof"
REFUSED = "This password is mostly your name, email address or agency. Add other words."


@pytest.fixture
def person(make_user):
    """Somebody whose name, address and agency are all what a stranger would try."""
    person = make_user("excise.officer@customs.example", name="Customs and Excise", password=PASSWORD)
    agency = Agency.objects.create(code="nzcs", name="New Zealand Customs Service")
    AgencyAlias.objects.create(agency=agency, alias="Te Mana Arai")
    Membership.objects.create(user=person, agency=agency)
    return person


@pytest.fixture
def root(make_user):
    client = Client()
    client.force_login(make_user("root@a.example", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(
    "password",
    [
        *("Customs and Excise", "customs-and-excise", "CUSTOMS AND EXCISE 2026", "customsexcise1!", "Customs is great"),
        *(
            "excise.officer@customs.example",
            "officer officer officer",
            "New Zealand Customs Service",
            "NZCS nzcs nzcs 1",
        ),
        "Te Mana Ārai 2026",
    ],
)
def test_password_made_of_what_is_known_is_refused(person, password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)

    assert REFUSED in refused.value.messages


@pytest.mark.parametrize("password", [GOOD, PASSWORD, "my customs dog sleeps on the sofa", "ab" * 6 + "!?"])
def test_password_with_enough_of_its_own_is_accepted(person, password):
    validate_password(password, person)


def test_name_itself_is_too_similar_even_when_it_is_long(make_user):
    name = "Coordinator of the regional programme office"

    with pytest.raises(ValidationError, match="too similar to the name"):
        validate_password("Coordinators of the regional programme offices", User(name=name, email="a@b.example"))


def test_somebody_without_a_name_is_judged_by_the_address(make_user):
    with pytest.raises(ValidationError):
        validate_password("coordinator1", User(email="coordinator@a.example"))
    validate_password(GOOD)


def twice(text):
    return {"password1": text, "password2": text}


def welcome(person, root):
    User.objects.filter(pk=person.pk).update(password="!unusable")
    token = actions.give_invitation_link(person=person, by=User.objects.get(is_superuser=True))
    client = Client()
    client.get("/people/welcome/", {"link": token})
    return lambda text: client.post("/people/welcome/", twice(text))


def change(person, root):
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return lambda text: client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **twice(text)})


def first(person, root):
    User.objects.filter(pk=person.pk).update(password="!unusable")
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    return lambda text: client.post("/accounts/password/set/", twice(text))


def reset(person, root):
    client = Client()
    client.post("/accounts/password/reset/", {"email": person.email})
    post_room.submit(int).result()
    address = client.get(re.search(r"http://testserver(/\S+)", mail.outbox[0].body)[1])["Location"]
    return lambda text: client.post(address, twice(text))


def in_admin(person, root):
    return lambda text: root.post(f"/admin/plans/user/{person.pk}/password/", {**twice(text), "set-password": "1"})


def added_in_admin(person, root):
    sent = {"email": "new@customs.example", "name": person.name, "usable_password": "true"}
    return lambda text: root.post("/admin/plans/user/add/", {**sent, **twice(text)})


@pytest.mark.parametrize("way", [welcome, change, first, reset, in_admin, added_in_admin])
def test_every_way_to_set_a_password_refuses_a_name(person, root, way):
    send = way(person, root)

    refused = send(EASY)
    assert (refused.status_code, REFUSED in refused.content.decode()) == (200, True)
    assert send(GOOD).status_code == 302


def test_first_superuser_is_asked_for_another_password(monkeypatch, capsys):
    typed = iter(["coordinator1", "coordinator1", GOOD, GOOD])
    monkeypatch.setattr(createsuperuser.getpass, "getpass", lambda *args: next(typed))
    monkeypatch.setattr("builtins.input", lambda *args: "n")
    terminal = type("Terminal", (), {"isatty": lambda self: True})()

    call_command("createsuperuser", email="coordinator@a.example", interactive=True, stdin=terminal)

    assert REFUSED in capsys.readouterr().err
    assert User.objects.get().check_password(GOOD)


@pytest.mark.parametrize("address", ["/admin/password_change/", "/admin/password_change/done/"])
def test_admin_leads_to_our_own_page_for_changing_a_password(programme_admin, address):
    for answer in (programme_admin.get(address), programme_admin.post(address, {"old_password": "x"})):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/change/")


def test_every_page_of_the_admin_that_checks_a_password_is_ours():
    """Those of the library count nothing: whoever is signed in could guess on."""
    names = [one.name for one in admin.site.get_urls() if isinstance(one, URLPattern) and one.name]
    names = [name for name in names if "log" in name or "password" in name]

    assert sorted(names) == ["login", "logout", "password_change", "password_change_done"]
    assert {resolve(reverse(f"admin:{name}")).func.__module__ for name in names} == {"plans.views.accounts"}


def test_guessing_the_earlier_password_is_slowed_down(person):
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    sent = {"oldpassword": "wrong", **twice(GOOD)}

    answers = [client.post("/accounts/password/change/", sent).status_code for _ in range(7)]

    assert answers[-1] == 429
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_signing_out_of_the_admin_is_signing_out(programme_admin):
    answer = programme_admin.post("/admin/logout/")

    assert (answer["Location"], answer["Clear-Site-Data"]) == ("/accounts/login/", '"cache"')
    assert programme_admin.get("/admin/").status_code == 302
