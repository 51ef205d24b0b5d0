"""What each person may do to the account of each other: one table, which pages, the admin and commands hold to."""

import re
from copy import deepcopy
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import URLPattern, get_resolver

from plans.actions import people as actions
from plans.admin.people import ROLES, PersonAdmin
from plans.management.cli_user import find_cli_user, keep_cli_user
from plans.models import Agency, AuditEvent, Membership, User
from plans.permissions import PersonAction, actions_on, can_act_on
from tests.conftest import make_programme_admin

pytestmark = pytest.mark.django_db
PASSWORDS = {"password1": "four words make it long", "password2": "four words make it long"}
ALL = frozenset(PersonAction)
NONE = frozenset()
OF_PEOPLE = ALL - {
    PersonAction.EDIT,
    PersonAction.SET_PASSWORD,
    PersonAction.CHANGE_ROLE,
    PersonAction.CHANGE_SUPERUSER,
}
TO_ONESELF = frozenset({PersonAction.EDIT, PersonAction.ADD_AGENCY, PersonAction.END_AGENCY})
ACTORS = ["visitor", "reader", "updater", "staff", "programme admin", "superuser", "closed superuser", "command line"]
# Who has no rights of an admin, and who has some, by whichever way.
PLAIN = ["reader", "updater", "other updater", "invited", "closed"]
ADMINS = ["staff", "programme admin", "other admin", "in a group", "with a permission", "superuser", "other superuser"]
ADMINS += ["closed admin", "closed superuser", "invited admin"]
TARGETS = [None, *PLAIN, *ADMINS, "command line"]


def expected(actor, target):
    """What `actor` may do to `target` (None: an account that there is not yet)."""
    if target == "command line" or actor in ("visitor", "reader", "updater", "staff", "closed superuser"):
        return NONE
    if actor == target:
        return TO_ONESELF if actor == "superuser" else NONE
    if actor in ("superuser", "command line"):
        return ALL
    return NONE if target in ADMINS else OF_PEOPLE


@pytest.fixture(scope="module")
def cast_of_module(rows_of_module):
    make_user = User.objects.create_user
    programme_admin = make_programme_admin()
    group = Group.objects.get(name="Programme admins")
    found = {
        "visitor": AnonymousUser(),
        "reader": make_user("reader@a.example", password="x"),
        "updater": make_user("updater@a.example", password="x"),
        "other updater": make_user("other@a.example", password="x"),
        "invited": make_user("invited@a.example"),
        "closed": make_user("closed@a.example", is_active=False),
        "staff": make_user("staff@a.example", is_staff=True),
        "programme admin": programme_admin,
        "other admin": make_user("colleague@a.example", is_staff=True),
        "in a group": make_user("group@a.example"),
        "with a permission": make_user("permission@a.example"),
        "superuser": make_user("root@a.example", is_staff=True, is_superuser=True),
        "other superuser": make_user("boss@a.example", is_superuser=True),
        "closed admin": make_user("former@a.example", is_active=False),
        "closed superuser": make_user("former-root@a.example", is_active=False, is_superuser=True),
        "invited admin": make_user("soon@a.example", is_staff=True),
        "command line": keep_cli_user(find_cli_user()),
    }
    for role in ("other admin", "closed admin", "invited admin"):
        found[role].groups.add(group)
    found["in a group"].groups.add(Group.objects.create(name="Others"))
    found["with a permission"].user_permissions.add(Permission.objects.get(codename="add_plan"))
    police, _ = Agency.objects.get_or_create(code="police", defaults={"name": "Police"})
    for role in found.keys() - {"visitor", "reader", "command line"}:
        Membership.objects.create(user=found[role], agency=police)
    return found


@pytest.fixture
def cast(db, cast_of_module):
    """{role: person}, each with an agency."""
    return deepcopy(cast_of_module)


@pytest.mark.parametrize("actor", ACTORS)
def test_each_may_do_to_each_what_the_table_says(cast, actor):
    person = cast[actor]

    found = {
        target: {action for action in PersonAction if can_act_on(person, target and cast[target], action)}
        for target in TARGETS
    }

    assert found == {target: expected(actor, target) for target in TARGETS}


def test_table_names_every_action():
    assert (
        OF_PEOPLE
        | {
            PersonAction.EDIT,
            PersonAction.SET_PASSWORD,
            PersonAction.CHANGE_ROLE,
            PersonAction.CHANGE_SUPERUSER,
        }
        == ALL
    )
    by_functions = {action for one in CALLS for action in one.actions}
    by_pages = {page.action for page in PAGES.values()} | {action for done in ROLES.values() for action in done}
    assert by_functions | by_pages == ALL


@dataclass(frozen=True)
class Call:
    """A function that does something to a person: what it does, and how to call it."""

    name: str
    actions: tuple
    call: callable


def _membership(person):
    return Membership.objects.filter(user=person).first()


CALLS = [
    Call("invite", (PersonAction.INVITE,), lambda person, by: actions.invite(email=person.email, by=by)),
    Call(
        "invite",
        (PersonAction.INVITE, PersonAction.CHANGE_ROLE),
        lambda person, by: actions.invite(email=person.email, by=by, is_programme_admin=True),
    ),
    Call(
        "add_agencies",
        (PersonAction.ADD_AGENCY,),
        lambda person, by: actions.add_agencies(person=person, agencies=[Agency.objects.get(code="police")], by=by),
    ),
    Call(
        "give_invitation_link",
        (PersonAction.GIVE_LINK,),
        lambda person, by: actions.give_invitation_link(person=person, by=by),
    ),
    Call(
        "end_membership",
        (PersonAction.END_AGENCY,),
        lambda person, by: actions.end_membership(membership=_membership(person), by=by),
    ),
    Call("close_account", (PersonAction.CLOSE,), lambda person, by: actions.close_account(person=person, by=by)),
    Call("open_account", (PersonAction.REOPEN,), lambda person, by: actions.open_account(person=person, by=by)),
    Call("end_sessions", (PersonAction.END_SESSIONS,), lambda person, by: actions.end_sessions(person=person, by=by)),
]
# What is no deed of one person to another: notes, and what people do to themselves by a link or on their own page.
NOT_TO_OTHERS = {
    "note_link_mailed",
    "note_new_account",
    "note_password_link",
    "person_invited_by",
    "accept_invitation",
    "end_own_sessions",
}


def test_table_names_every_function():
    own = {name for name, one in vars(actions).items() if getattr(one, "__module__", "") == actions.__name__}

    assert {name for name in own if not name.startswith("_")} == {one.name for one in CALLS} | NOT_TO_OTHERS


@pytest.mark.parametrize("target", [target for target in TARGETS if target not in (None, "reader", "command line")])
@pytest.mark.parametrize("actor", ["updater", "programme admin", "superuser"])
@pytest.mark.parametrize("one", CALLS, ids=lambda one: f"{one.name}-{len(one.actions)}")
def test_each_function_refuses_what_the_table_does_not_allow(cast, one, actor, target):
    before = _state(cast[target])
    try:
        one.call(cast[target], cast[actor])
        is_allowed = True
    except PermissionDenied:
        is_allowed = False
        assert _state(cast[target]) == before
    except ValidationError:
        # Allowed, and yet impossible: a link for one who has a password.
        is_allowed = True

    assert is_allowed == expected(actor, target).issuperset(one.actions)


def _state(person):
    person = User.objects.get(pk=person.pk)
    return (
        *(person.password, person.is_active, person.is_staff, person.is_superuser),
        *(set(person.groups.values_list("pk", flat=True)), set(person.memberships.values_list("pk", "ended_at"))),
        AuditEvent.objects.count(),
    )


@dataclass(frozen=True)
class Page:
    """An address at which something is done to a person: what, and what is sent. `asks` is answered by GET alone."""

    address: str
    action: PersonAction
    sent: callable = lambda person: {}
    where_refused: int = 403
    where_done: int = 302


def _form(person, **changed):
    known = {"email": person.email, "name": person.name, "groups": [group.pk for group in person.groups.all()]}
    switches = {name: "on" for name in ("is_active", "is_staff", "is_superuser") if getattr(person, name)}
    return {name: value for name, value in {**known, **switches, **changed}.items() if value is not None}


def _invited(person):
    return {"email": person.email, "name": "New name"}


PAGES = {
    # An invitation that is refused says so in its form.
    "people/invite/": Page("/people/invite/", PersonAction.INVITE, _invited, where_refused=200),
    "people/<int:pk>/link/": Page("/people/{pk}/link/", PersonAction.GIVE_LINK),
    "people/<int:pk>/agencies/": Page("/people/{pk}/agencies/", PersonAction.ADD_AGENCY),
    "people/<int:pk>/close/": Page("/people/{pk}/close/", PersonAction.CLOSE),
    "people/<int:pk>/open/": Page("/people/{pk}/open/", PersonAction.REOPEN),
    "people/<int:pk>/sessions/end/": Page("/people/{pk}/sessions/end/", PersonAction.END_SESSIONS),
    "people/<int:pk>/second-step/remove/": Page("/people/{pk}/second-step/remove/", PersonAction.REMOVE_SECOND_STEP),
    "people/<int:pk>/tokens/end/": Page("/people/{pk}/tokens/end/", PersonAction.END_TOKENS),
    "people/<int:pk>/sign-in/end/": Page("/people/{pk}/sign-in/end/", PersonAction.END_SIGN_IN),
    "people/<int:pk>/feeds/end/": Page("/people/{pk}/feeds/end/", PersonAction.END_FEEDS),
    "people/<int:pk>/update-links/end/": Page("/people/{pk}/update-links/end/", PersonAction.END_LINKS),
    "people/memberships/<int:pk>/end/": Page("/people/memberships/{membership}/end/", PersonAction.END_AGENCY),
    "admin/<path:object_id>/change/": Page(
        "/admin/plans/user/{pk}/change/", PersonAction.EDIT, lambda person: _form(person, name="Another name")
    ),
    "admin/<id>/password/": Page(
        "/admin/plans/user/{pk}/password/", PersonAction.SET_PASSWORD, lambda person: {**PASSWORDS, "set-password": "1"}
    ),
}
# Addresses that are for reading, that make somebody new, or that lead to what is in the table.
READ_ONLY = {"people/", "people/audit/", "people/welcome/", "people/<int:pk>/"}
READ_ONLY_IN_ADMIN = {"", "add/", "<path:object_id>/history/", "<path:object_id>/delete/", "<path:object_id>/"}


def test_table_names_every_address():
    tracker = next(one for one in get_resolver().url_patterns if getattr(one, "app_name", "") == "plans")
    people = next(one for one in tracker.url_patterns if str(one.pattern) == "people/")
    own = {f"people/{one.pattern}" for one in people.url_patterns if isinstance(one, URLPattern)}
    person_admin = admin.site.get_model_admin(User)
    assert isinstance(person_admin, PersonAdmin)
    of_admin = {str(one.pattern) for one in person_admin.get_urls()}

    assert own == {route for route in PAGES if route.startswith("people/")} | READ_ONLY
    assert (
        of_admin == {route.removeprefix("admin/") for route in PAGES if route.startswith("admin/")} | READ_ONLY_IN_ADMIN
    )


@pytest.mark.parametrize("actor", ["reader", "updater", "staff", "programme admin", "superuser"])
@pytest.mark.parametrize("route", PAGES)
def test_each_page_refuses_what_the_table_does_not_allow(cast, actor, route):
    page, client = PAGES[route], Client()
    for target in [target for target in TARGETS if target not in (None, "reader")]:
        person = User.objects.get(pk=cast[target].pk)
        membership = _membership(person)
        if "{membership}" in page.address and (membership is None or membership.ended_at):
            continue
        client.force_login(cast[actor])
        before = _state(person)
        address = page.address.format(pk=person.pk, membership=membership and membership.pk)
        answer = client.post(address, page.sent(person))
        is_allowed = page.action in expected(actor, target)
        said = f"{actor} → {target}: {answer.status_code}"
        if is_allowed and target in ("closed", "closed admin", "closed superuser") and "invite" in route:
            # Opened first, by whoever may.
            assert answer.status_code == 200, said
        elif is_allowed:
            assert answer.status_code == page.where_done, said
        elif actor == target and "password" in route and cast[actor].is_staff:
            assert answer["Location"] == "/accounts/password/change/"
        else:
            is_told = actor in ("programme admin", "superuser") and "admin/" not in address
            assert answer.status_code in ([page.where_refused] if is_told else [302, 403, 404]), said
            assert answer.get("Location", "/admin/login/").startswith(("/admin/login/", "/accounts/login/")), said
            assert _state(person) == before, said


@pytest.mark.parametrize("target", ["superuser", "other superuser", "updater"])
@pytest.mark.parametrize("name", ["is_superuser", "is_staff", "is_active", "groups"])
def test_superuser_changes_the_role_of_everybody_but_themselves_in_the_admin(cast, target, name):
    client, person = Client(), cast[target]
    client.force_login(cast["superuser"])
    was = getattr(person, name) if name != "groups" else False
    group = Group.objects.get(name="Programme admins").pk
    changed = {name: ([group] if name == "groups" else None if was else "on")}

    assert client.post(f"/admin/plans/user/{person.pk}/change/", _form(person, **changed)).status_code == 302

    person = User.objects.get(pk=person.pk)
    now = person.groups.exists() if name == "groups" else getattr(person, name)
    assert (now != was) == (target != "superuser")


def test_page_offers_what_can_be_done_and_nothing_else(cast):
    Agency.objects.create(code="another", name="Another")
    client = Client()
    client.force_login(cast["programme admin"])
    offered = {}
    for target in ("updater", "invited", "closed", "superuser", "programme admin"):
        page = client.get(f"/people/{cast[target].pk}/").content.decode()
        found = re.findall(rf'"/people/(?:{cast[target].pk}|memberships/\d+)/([^"]+)"', page)
        offered[target] = sorted(set(found))

    assert offered == {
        "updater": ["agencies/", "close/", "end/", "sessions/end/"],
        "invited": ["agencies/", "close/", "end/", "link/", "sessions/end/"],
        "closed": ["end/", "open/"],
        "superuser": [],
        "programme admin": [],
    }
    assert actions_on(cast["programme admin"], cast["superuser"]) == {action.name.lower(): False for action in ALL}


# The way in that was found: a superuser is invited, and a programme admin invites the same address again.
def test_invitation_of_an_admin_gives_a_programme_admin_no_link(cast):
    client, boss = Client(), cast["invited admin"]
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    client.force_login(cast["programme admin"])

    page = client.post("/people/invite/", _invited(boss), follow=True)

    assert "Only a superuser can change it" in page.content.decode()
    assert "/people/welcome/" not in page.content.decode()
    assert not AuditEvent.objects.filter(kind="link_given").exists()
    assert not any(key.startswith("invitation_link") for key in client.session.keys())  # noqa: SIM118 - a session


@pytest.mark.parametrize("promote", ["is_staff", "is_superuser", "groups", "user_permissions"])
def test_link_kept_since_before_a_promotion_stops_working(cast, promote):
    person = cast["invited"]
    token = actions.give_invitation_link(person=person, by=cast["programme admin"])
    assert actions.person_invited_by(token) == person

    if promote == "groups":
        person.groups.add(Group.objects.get(name="Programme admins"))
    elif promote == "user_permissions":
        person.user_permissions.add(Permission.objects.get(codename="administer"))
    else:
        User.objects.filter(pk=person.pk).update(**{promote: True})

    assert actions.person_invited_by(token) is None
    with pytest.raises(ValidationError):
        actions.accept_invitation(token=token, password="four words make it long")


def test_link_ends_with_a_newer_one_and_with_the_address(cast):
    first = actions.give_invitation_link(person=cast["invited"], by=cast["superuser"])
    second = actions.give_invitation_link(person=cast["invited"], by=cast["programme admin"])

    assert [actions.person_invited_by(token) for token in (first, second)] == [None, cast["invited"]]
    User.objects.filter(pk=cast["invited"].pk).update(email="renamed@a.example")
    assert actions.person_invited_by(second) is None


def test_link_ends_for_good_when_the_account_is_closed_in_the_admin(cast):
    token = actions.give_invitation_link(person=cast["invited"], by=cast["superuser"])
    client, person = Client(), cast["invited"]
    client.force_login(cast["superuser"])
    form = {"email": person.email, "name": person.name}

    client.post(f"/admin/plans/user/{person.pk}/change/", form)
    client.post(f"/admin/plans/user/{person.pk}/change/", {**form, "is_active": "on"})

    assert User.objects.get(pk=person.pk).is_active
    assert actions.person_invited_by(token) is None


def test_every_link_is_in_the_audit_trail_with_who_for_whom_and_how(cast):
    client = Client()
    client.force_login(cast["programme admin"])
    client.post("/people/invite/", {"email": "new@a.example", "name": "New updater"})
    client.post("/people/invite/", {"email": "new@a.example", "name": "New updater"})
    client.post(f"/people/{cast['invited'].pk}/link/")

    given = [("Shown once, works for 7 days", 1), ("Emailed to new@a.example", 1)] * 2
    given += [("Shown once, works for 7 days", 0), ("Emailed to invited@a.example", 0)]
    assert [
        (event.detail, int(event.about.email == "new@a.example"), event.by)
        for event in AuditEvent.objects.filter(kind="link_given").order_by("pk")
    ] == [(detail, is_new, cast["programme admin"]) for detail, is_new in given]
    assert "Invitation link given" in client.get("/people/audit/").content.decode()


def test_invitation_of_somebody_known_changes_neither_name_nor_password_nor_role(cast):
    person = cast["updater"]
    before = _state(person)[:5]
    client = Client()
    client.force_login(cast["superuser"])

    page = client.post("/people/invite/", _invited(person), follow=True)

    assert _state(person)[:5] == before
    assert User.objects.get(pk=person.pk).name == person.name
    assert "already has an account" in page.content.decode()


def test_nobody_is_invited_to_the_address_of_the_command_line(cast):
    client = Client()
    client.force_login(cast["superuser"])
    User.objects.filter(email="command-line@localhost").update(email="other@localhost")

    page = client.post("/people/invite/", {"email": "command-line@localhost", "name": "Somebody"})

    assert "belongs to the command line" in page.content.decode()
    with pytest.raises(ValidationError):
        actions.invite(email="Command-Line@localhost", by=cast["superuser"])
