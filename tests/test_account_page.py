"""Your account: who you are here, where you are signed in, and signing out elsewhere."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client, override_settings

from plans.models import AuditEvent, Session
from plans.summaries.sessions import describe_browser
from tests.views.page import Page

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
EDGE = f"{CHROME} Edg/140.0.0.0".replace("Linux; Android 10; K", "Macintosh; Intel Mac OS X 10_15_7")
SECURE = {
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
}


@pytest.fixture
def person(make_user):
    return make_user("updater@police.example", name="Police updater", password=PASSWORD)


def sign_in(person, browser=FIREFOX):
    client = Client(headers={"user-agent": browser})
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def is_signed_in(client):
    return SESSION_KEY in client.session


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (CHROME, "Chrome on Android"),
        (EDGE, "Edge on Mac"),
        ("curl/8.0 (Linux)", "Browser on Linux"),
        ("Firefox/140.0", "Firefox"),
        ("something else", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_device_is_told_in_words(user_agent, words):
    assert describe_browser(user_agent) == words


def test_account_page_shows_who_and_where_and_never_a_key(person, reader):
    here, _ = sign_in(person), sign_in(person, SAFARI)

    answer = here.get("/account/")

    assert [(row.device, row.is_this) for row in answer.context["rows"]] == [
        ("Firefox on Windows", True),
        ("Safari on iPhone", False),
    ]
    page = answer.content.decode()
    assert "updater@police.example" in page
    assert not any(key in page for key in Session.objects.values_list("session_key", flat=True))
    assert ("Change your password", "/accounts/password/change/") in Page(answer).links()


def test_account_page_costs_six_queries(person, django_assert_num_queries):
    here = sign_in(person)
    for _ in range(3):
        sign_in(person, SAFARI)

    with django_assert_num_queries(6):
        here.get("/account/")


def test_account_page_says_when_there_is_nothing_to_sign_out(person):
    page = sign_in(person).get("/account/").content.decode()

    assert "You are not signed in on any other device." in page
    assert "Sign out everywhere else" not in page


def test_signing_out_everywhere_else_keeps_this_one(person, reader):
    here, others = sign_in(person), [sign_in(person, SAFARI), sign_in(person, CHROME)]

    page = here.post("/account/sessions/end/", follow=True).content.decode()

    assert "You are signed out everywhere else." in page
    assert [is_signed_in(client) for client in (here, *others, reader)] == [True, False, False, True]
    event = AuditEvent.objects.get(kind="sessions_ended")
    assert (event.about, event.by, event.detail) == (person, person, "2 sessions")


def test_signing_out_one_device_leaves_the_others(person):
    here, phone, tablet = sign_in(person), sign_in(person, SAFARI), sign_in(person, CHROME)
    name = next(row.name for row in here.get("/account/").context["rows"] if row.device == "Safari on iPhone")

    here.post(f"/account/sessions/{name}/end/")
    here.post(f"/account/sessions/{name}/end/")

    assert [is_signed_in(client) for client in (here, phone, tablet)] == [True, False, True]
    assert AuditEvent.objects.filter(kind="sessions_ended").count() == 1


def test_nobody_signs_out_somebody_else_or_themselves_here(person, make_user):
    here = sign_in(person)
    other = sign_in(make_user("other@police.example", password=PASSWORD))
    names = [client.get("/account/").context["rows"][0].name for client in (here, other)]

    for name in names:
        here.post(f"/account/sessions/{name}/end/")

    assert [is_signed_in(here), is_signed_in(other)] == [True, True]


def test_visiting_what_only_changes_something_leads_to_the_account(person):
    here, _ = sign_in(person), sign_in(person)

    for address in ("/account/sessions/end/", "/account/sessions/abc/end/", "/accounts/"):
        assert here.get(address)["Location"] == "/account/"
    assert Session.objects.count() == 2


def test_name_in_the_masthead_leads_to_the_account(reader):
    page = Page(reader.get("/plans/"))
    links = [href for words, href in page.links(page.root) if words.startswith("Reader")]

    assert links == ["/account/"]


def test_cookies_under_https_are_of_this_host_alone(person):
    with override_settings(**SECURE):
        client = Client()
        client.get("/accounts/login/", secure=True)
        client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, secure=True)
        assert client.get("/account/", secure=True).status_code == 200

    assert {
        name: (bool(cookie["secure"]), cookie["path"], cookie["domain"], bool(cookie["httponly"]))
        for name, cookie in client.cookies.items()
    } == dict.fromkeys(("__Host-sessionid", "__Host-csrftoken"), (True, "/", "", True))


def test_somebody_signed_out_by_the_upgrade_is_told_and_loses_the_earlier_cookies(person):
    client = sign_in(person)
    client.cookies["csrftoken"] = "x" * 32
    with override_settings(**SECURE):
        page = client.get("/account/", secure=True, follow=True)
        told = "The tracker was upgraded, which signed you out. Sign in again." in page.content.decode()
        answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, secure=True)

    assert told
    assert [answer.cookies[name].value for name in ("sessionid", "csrftoken")] == ["", ""]
    assert answer.cookies["__Host-sessionid"].value


def test_nothing_is_said_of_an_upgrade_where_names_stayed(person, visitor):
    sign_in(person)
    visitor.cookies["sessionid"] = "ended"

    assert "upgraded" not in visitor.get("/accounts/login/").content.decode()
