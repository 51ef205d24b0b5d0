"""Signing in and out, passwords, and what keeps guessers out without keeping others out."""

import re

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.db import connection
from django.test import Client

from plans.accounts import AccountAdapter, post_room
from plans.models import AuditEvent, User
from tests.year_two import load_year_two

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def person(make_user):
    return make_user("Updater@Police.example", name="Police updater", password=PASSWORD)


def sign_in(client, password=PASSWORD, email="updater@police.example", **where):
    return client.post("/accounts/login/", {"login": email, "password": password}, **where)


def words(response):
    """What the page says between its headings and its end, without its tags."""
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def mailed():
    post_room.submit(int).result()
    return mail.outbox


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_sign_in_leads_on_and_ends_with_the_browser(visitor, person):
    answer = visitor.post("/accounts/login/", {"login": person.email, "password": PASSWORD, "next": "/plans/"})

    assert (answer.status_code, answer["Location"]) == (302, "/plans/")
    assert answer.cookies["sessionid"]["max-age"] == ""


def test_sign_in_does_not_mind_the_case_of_the_address(visitor, person):
    assert person.email == "updater@police.example"
    assert sign_in(visitor, email="UPDATER@police.example").status_code == 302


def test_sign_in_says_the_same_of_a_wrong_password_and_an_unknown_address(visitor, person):
    wrong, unknown = sign_in(visitor, "wrong"), sign_in(visitor, email="nobody@police.example")

    assert wrong.status_code == unknown.status_code == 200
    assert words(wrong) == words(unknown)
    assert "Email address or password is incorrect." in words(wrong)


def test_sign_in_keeps_the_address_but_not_the_password_that_was_typed(visitor, person):
    page = sign_in(visitor, "wrong-password").content.decode()

    assert 'value="updater@police.example"' in page
    assert "wrong-password" not in page


def test_sign_in_to_a_closed_account_says_so_to_its_owner_only(visitor, person):
    person.is_active = False
    person.save()

    assert "Email address or password is incorrect" in words(sign_in(visitor, "wrong"))
    assert "This account is closed" in words(
        visitor.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, follow=True)
    )
    assert not is_signed_in(visitor)


def test_guessing_locks_out_after_five_attempts_and_lets_in_again_after_ten_minutes(visitor, person, time_machine):
    time_machine.move_to("2026-11-03T09:00:00+13:00", tick=False)
    for _ in range(5):
        assert "Email address or password is incorrect" in words(sign_in(visitor, "wrong"))

    assert "Too many attempts." in words(sign_in(visitor))
    time_machine.move_to("2026-11-03T09:10:01+13:00", tick=False)
    assert sign_in(visitor).status_code == 302


def test_lock_out_holds_for_every_process(visitor, person):
    for _ in range(5):
        sign_in(visitor, "wrong")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone()[0] == 3


def test_guesser_locks_out_nobody_but_the_place_where_they_sit(person):
    for _ in range(6):
        sign_in(Client(), "wrong", REMOTE_ADDR="203.0.113.5")

    assert "Too many attempts" in words(sign_in(Client(), REMOTE_ADDR="203.0.113.5"))
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.6").status_code == 302


def test_guessing_at_many_addresses_from_one_place_is_slowed_down(visitor):
    answers = [words(sign_in(visitor, email=f"person{number}@police.example")) for number in range(21)]

    assert ["Too many attempts" in answer for answer in answers] == [False] * 20 + [True]


def test_password_reset_lets_in_somebody_who_is_locked_out(visitor, person):
    for _ in range(6):
        sign_in(visitor, "wrong")
    visitor.post("/accounts/password/reset/", {"email": person.email})
    link = re.search(r"http://testserver(/\S+)", mailed()[0].body)[1]
    form = visitor.get(link)
    answer = visitor.post(form["Location"], {"password1": "a new long password", "password2": "a new long password"})

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(visitor)
    assert "This link no longer works" in words(Client().get(link))


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "10.9.9.9, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "", "127.0.0.1"),
    ],
)
def test_network_address_is_believed_from_our_own_web_server_only(rf, remote, forwarded, address):
    request = rf.get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)

    assert AccountAdapter(request).get_client_ip(request) == address


def test_neighbours_in_a_network_of_ipv6_count_as_one(rf):
    keys = {
        AccountAdapter()._get_login_attempts_cache_key(rf.get("/", REMOTE_ADDR=address), email="A@b.example")
        for address in ("2001:db8:1:2::1", "2001:db8:1:2::9")
    }

    assert keys == {"2001:db8:1:2::/64:a@b.example"}


def test_password_reset_says_the_same_to_everybody_and_mails_only_those_with_an_account(visitor, person, make_user):
    make_user("gone@police.example", password=PASSWORD, is_active=False)
    answers = {
        words(visitor.post("/accounts/password/reset/", {"email": email}, follow=True))
        for email in (person.email, "nobody@police.example", "gone@police.example")
    }

    assert len(answers) == 1
    assert [message.to for message in mailed()] == [["updater@police.example"]]
    assert mail.outbox[0].subject == "Set a new password for the action plan tracker"


def test_password_reset_can_flood_nobodys_mail(person):
    for number in range(8):
        Client().post("/accounts/password/reset/", {"email": person.email}, REMOTE_ADDR=f"203.0.113.{number}")

    assert len(mailed()) == 5


def test_password_reset_link_ends_after_a_day(visitor, person, time_machine):
    time_machine.move_to("2026-11-03T09:00:00+13:00", tick=False)
    visitor.post("/accounts/password/reset/", {"email": person.email})
    link = re.search(r"http://testserver(/\S+)", mailed()[0].body)[1]
    time_machine.move_to("2026-11-04T09:00:02+13:00", tick=False)

    assert "This link no longer works" in words(visitor.get(link))


def ask_for_link(person):
    Client().post("/accounts/password/reset/", {"email": person.email})
    return re.search(r"http://testserver(/\S+)", mailed()[-1].body)[1]


def is_good(link):
    return Client().get(link).status_code == 302


def test_password_reset_link_ends_when_another_one_is_asked_for(person):
    first = ask_for_link(person)
    assert is_good(first)
    second = ask_for_link(person)

    assert [is_good(first), is_good(second)] == [False, True]


@pytest.mark.parametrize(
    "changed", [{"email": "renamed@police.example"}, {"password": "md5$x$y"}, {"is_active": False}]
)
def test_password_reset_link_ends_with_the_address_and_the_password(person, changed):
    link = ask_for_link(person)
    User.objects.filter(pk=person.pk).update(**changed)

    assert not is_good(link)


def test_password_reset_link_of_an_earlier_version_works_until_another_one_is_asked_for(person):
    token = PasswordResetTokenGenerator().make_token(person)
    link = f"/accounts/password/reset/key/{user_pk_to_url_str(person)}-{token}/"

    assert is_good(link)
    ask_for_link(person)
    assert not is_good(link)


def test_password_reset_link_is_noted_with_whom_it_went_to(person, make_user):
    make_user("gone@police.example", is_active=False)
    for email in (person.email, "Nobody@police.example", "gone@police.example"):
        Client().post("/accounts/password/reset/", {"email": email})

    assert [
        (event.about and event.about.email, event.by, event.detail)
        for event in AuditEvent.objects.filter(kind="password_link").order_by("pk")
    ] == [
        ("updater@police.example", None, "Emailed to updater@police.example"),
        (None, None, "No account has this address. No email was sent."),
        ("gone@police.example", None, "The account is closed. No email was sent."),
    ]


def test_changing_the_password_signs_out_everywhere_else(person):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client)
    answer = here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "a new long password", "password2": "a new long password"},
    )

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert here.get("/accounts/password/change/").status_code == 200
    assert elsewhere.get("/accounts/password/change/").status_code == 302


def test_changing_the_password_says_what_is_wrong_beside_the_field_and_above(visitor, person):
    sign_in(visitor)
    page = visitor.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": "short", "password2": "x"})

    assert page.content.decode().count("Your current password is incorrect.") == 2
    assert '<a href="#id_oldpassword">' in page.content.decode()
    assert "at least 12 characters" in words(page)


def test_sign_out_needs_a_post(visitor, person):
    sign_in(visitor)

    assert "Sign out?" in words(visitor.get("/accounts/logout/"))
    assert is_signed_in(visitor)
    assert visitor.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert not is_signed_in(visitor)


@pytest.mark.parametrize(
    "address", ["signup/", "email/", "confirm-email/", "confirm-email/abc/", "reauthenticate/", "login/code/"]
)
def test_pages_of_the_library_that_nobody_needs_do_not_exist(reader, address):
    assert reader.get(f"/accounts/{address}").status_code == 404


def test_admin_sign_in_is_ours(visitor):
    assert visitor.get("/admin/login/?next=/admin/plans/")["Location"] == "/accounts/login/?next=%2Fadmin%2Fplans%2F"


def test_admin_refuses_people_who_are_signed_in_and_no_admins(reader):
    assert reader.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/accounts/password/reset/", "/no-such-page/", "/plans/year-two/", "/people/"]
)
def test_closed_site_shows_visitors_nothing_of_a_plan(visitor, year_two_plan, settings, address):
    settings.ROCC_OPEN_READING = False
    answer = visitor.get(address, follow=True)

    assert "Gang Harm" not in answer.content.decode()
    assert "Year Two" not in answer.content.decode()


@pytest.fixture
def year_two_plan(db):
    load_year_two()
