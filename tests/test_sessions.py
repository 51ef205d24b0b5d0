"""Sessions: whose they are, how long they last, and what ends them."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as EarlierStore
from django.contrib.sessions.models import Session as EarlierSession
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone

from plans.actions import people as actions
from plans.models import AuditEvent, Session, User
from plans.sessions import SessionStore

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
MORNING = "2026-07-01T08:00:00+12:00"


@pytest.fixture
def person(make_user):
    return make_user("updater@police.example", name="Police updater", password=PASSWORD)


@pytest.fixture
def at(time_machine):
    """Goes to a moment, so many hours after the morning: `at(hours=8)`."""

    def go(**later):
        time_machine.move_to(timezone.datetime.fromisoformat(MORNING) + timedelta(**later), tick=False)

    go()
    return go


def sign_in(person, **headers):
    client = Client(headers={name.replace("_", "-"): value for name, value in headers.items()})
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def use(client):
    """Ask for a page, and return whether it came from somebody who is signed in."""
    return client.get("/accounts/password/change/").status_code == 200


def test_session_knows_whose_it_is_since_when_and_what_the_browser_calls_itself(person, at):
    sign_in(person, user_agent="Browser/1.0\0" + "x" * 400)
    session = Session.objects.get()

    assert (session.user, session.signed_in_at, session.used_at) == (person, timezone.now(), timezone.now())
    assert session.user_agent == ("Browser/1.0" + "x" * 400)[:300]
    assert session.expire_date == timezone.now() + timedelta(hours=8)


def test_session_of_a_visitor_is_of_nobody(at):
    store = SessionStore()
    store["invitation"] = "a link"
    store.save()
    session = Session.objects.get()

    assert (session.user, session.signed_in_at, session.user_agent) == (None, None, "")
    assert SessionStore(store.session_key)["invitation"] == "a link"


def test_session_in_use_is_renewed_every_ten_minutes_not_at_every_page(person, at):
    client = sign_in(person)
    ends = []
    for minutes in (10, 10.1, 20):
        at(minutes=minutes)
        use(client)
        ends.append(Session.objects.get().expire_date - timezone.datetime.fromisoformat(MORNING))

    assert ends == [timedelta(hours=8), timedelta(hours=8, minutes=10.1), timedelta(hours=8, minutes=10.1)]


def test_session_ends_eight_hours_after_its_last_use(person, at):
    client, idle = sign_in(person), sign_in(person)
    at(hours=7.5)
    assert use(client)
    at(hours=8)

    assert [use(client), use(idle)] == [True, False]


def test_session_ends_twelve_hours_after_signing_in_however_much_it_is_used(person, at):
    client = sign_in(person)
    for quarter in range(1, 48):
        at(minutes=15 * quarter)
        assert use(client)
    at(hours=12)
    assert not use(client)


def test_changing_the_password_does_not_make_a_session_last_longer(person, at):
    client = sign_in(person)
    at(hours=6)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **passwords("another horse battery")})
    assert use(client)
    at(hours=11.9)
    assert use(client)
    at(hours=12)
    assert not use(client)


def test_signing_in_again_begins_a_new_day(person, at):
    client = sign_in(person)
    at(hours=7)
    client.post("/accounts/logout/")
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    at(hours=14)

    assert use(client)


def passwords(text):
    return {"password1": text, "password2": text}


def test_another_password_ends_all_sessions_but_the_one_in_which_it_was_changed(person):
    here, elsewhere = sign_in(person), sign_in(person)
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, **passwords("another horse battery")})

    assert [use(here), use(elsewhere)] == [True, False]
    assert list(person.sessions.values_list("session_key", flat=True)) == [here.session.session_key]


def test_password_in_a_newer_cipher_ends_nothing(person, settings):
    here = sign_in(person)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    before = Session.objects.count()
    sign_in(person)

    assert User.objects.get(pk=person.pk).password.startswith("pbkdf2")
    assert Session.objects.count() == before + 1
    assert here.session.session_key in set(Session.objects.values_list("session_key", flat=True))


@pytest.mark.parametrize("where", ["page", "admin"])
def test_closing_an_account_ends_its_sessions_for_good(person, make_user, where):
    root, client = make_user("root@a.example", is_staff=True, is_superuser=True), sign_in(person)
    by = Client()
    by.force_login(root)
    if where == "page":
        by.post(f"/people/{person.pk}/close/")
    else:
        by.post(f"/admin/plans/user/{person.pk}/change/", {"email": person.email, "name": person.name})
    assert not User.objects.get(pk=person.pk).is_active
    actions.open_account(person=person, by=root)

    assert not use(client)
    assert person.sessions.count() == 0


def test_programme_admin_signs_somebody_out_everywhere(person, programme_admin, reader):
    clients = [sign_in(person), sign_in(person)]
    answer = programme_admin.post(f"/people/{person.pk}/sessions/end/", follow=True)

    assert "Police updater is signed out everywhere." in answer.content.decode()
    assert [use(client) for client in clients] == [False, False]
    assert Session.objects.filter(user=reader.user).exists()
    event = AuditEvent.objects.get(kind="sessions_ended")
    assert (event.about, event.by, event.detail) == (person, programme_admin.user, "2 sessions")
    assert sign_in(person).session[SESSION_KEY] == str(person.pk)


def test_clearing_sessions_deletes_those_that_have_ended(person, at):
    sign_in(person)
    at(hours=9)
    sign_in(person)

    call_command("clearsessions")

    assert Session.objects.count() == 1


def test_sessions_of_an_earlier_version_go_on_for_a_day_at_most(person, at):
    def earlier(**data):
        store = EarlierStore()
        store.update(data)
        store.save()
        return store.session_key

    signed_in = sign_in(person)
    data = dict(signed_in.session.items())
    del data["signed_in"]
    keys = [earlier(**data), earlier(kept="typed"), earlier(**{SESSION_KEY: "999999"})]
    Session.objects.all().delete()

    module = import_module("plans.migrations.0011_sessions_of_people")
    module.take_over_sessions(MigrationExecutor(connection).loader.project_state().apps, connection.schema_editor())

    assert {session.session_key: session.user for session in Session.objects.all()} == {keys[0]: person, keys[1]: None}
    assert EarlierSession.objects.count() == 0
    signed_in.cookies["sessionid"] = keys[0]
    at(hours=7)
    assert use(signed_in)
    at(hours=13)
    assert use(signed_in)
    at(hours=19)
    assert not use(signed_in)
