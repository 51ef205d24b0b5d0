"""The command that makes people to try each role with."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from plans.models import Membership, Plan, User
from plans.permissions import can_administer
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
EMAILS = [
    "police-updater@example.govt.nz",
    "programme-admin@example.govt.nz",
    "reader@example.govt.nz",
    "te-whatu-ora-updater@example.govt.nz",
]


@pytest.fixture
def year_two():
    load_year_two()


def run(*arguments):
    said = StringIO()
    call_command("demo_cast", *arguments, stdout=said)
    return said.getvalue()


def passwords(said):
    return dict(re.findall(r"(\S+@\S+) with the password (\S+)", said))


def test_demo_cast_refuses_a_site_without_a_plan():
    with pytest.raises(CommandError, match=r"^There is no plan to try\."):
        run()

    assert User.objects.count() == 0


def test_demo_cast_refuses_a_plan_without_its_agencies():
    Plan.objects.create(slug="other", name="Other", short_name="Other")

    with pytest.raises(CommandError, match="no agency with the code police"):
        run()

    assert User.objects.count() == 0


def test_demo_cast_makes_one_person_for_each_role_who_can_sign_in(year_two):
    made = passwords(run())

    assert sorted(made) == EMAILS
    for email, password in made.items():
        assert Client().post("/accounts/login/", {"login": email, "password": password}).status_code == 302
    assert sorted(Membership.objects.values_list("user__email", "agency__code")) == [
        ("police-updater@example.govt.nz", "police"),
        ("te-whatu-ora-updater@example.govt.nz", "te-whatu-ora"),
    ]
    assert [user.email for user in User.objects.order_by("email") if can_administer(user)] == [EMAILS[1]]
    assert not User.objects.filter(is_superuser=True).exists()


def test_demo_cast_leaves_those_alone_who_exist(year_two):
    run()
    before = list(User.objects.order_by("pk").values_list("password", flat=True))

    assert passwords(run()) == {}
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == before


def test_demo_cast_gives_new_passwords_when_asked(year_two):
    first = passwords(run())
    second = passwords(run("--new-passwords"))

    assert sorted(second) == EMAILS
    assert not set(first.values()) & set(second.values())
    assert User.objects.get(email=EMAILS[0]).check_password(second[EMAILS[0]])
    assert Membership.objects.count() == 2


def test_demo_cast_gives_no_password_to_somebody_who_is_more_than_their_role(year_two, make_user):
    make_user("reader@example.govt.nz", password="x", is_superuser=True)
    make_user("police-updater@example.govt.nz", password="x", is_active=False)
    said = StringIO()

    call_command("demo_cast", "--new-passwords", stdout=said)

    assert [line for line in said.getvalue().splitlines() if "left alone" in line] == [
        "Police updater: the account of police-updater@example.govt.nz is closed, and was left alone",
        "Reader: reader@example.govt.nz has the rights of an admin, and was left alone",
    ]
    assert User.objects.get(email="reader@example.govt.nz").check_password("x")
