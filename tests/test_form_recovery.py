"""What was typed and not saved: it is in its form again until it is saved, and for its author only."""

import re
import secrets
from datetime import timedelta

import pytest
from django.core import signing
from django.db import OperationalError, connection
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from plans.models import Session
from plans.views import form_recovery
from plans.views.form_input import read_form_input
from rocc import urls

pytestmark = pytest.mark.django_db
TYPED = {"text": "Kāinga Ora “met” <whānau>", "done": ["2", "3"]}


@require_http_methods(["GET", "POST"])
@form_recovery.signed_in
def form(request):
    if request.method == "POST":
        return HttpResponse("nothing is saved") if request.POST["text"] == "wrong" else HttpResponseRedirect("/other/")
    kept = form_recovery.kept(request)
    return HttpResponse("nothing" if kept is None else repr(sorted(kept.lists())))


urlpatterns = [path("form/", form), path("other/", form), *urls.urlpatterns]
handler429 = urls.handler429


@pytest.fixture(autouse=True, params=[True, False], ids=["open", "closed"])
def reading(request, settings):
    settings.ROOT_URLCONF = __name__
    settings.ROCC_OPEN_READING = request.param


@pytest.fixture
def person(make_user):
    return make_user("updater@police.example", password="correct horse battery")


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def hidden(response):
    """The hidden fields of the form in the page, but for those in the masthead."""
    page = response.content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page[page.index("<main") :]))


def sign_in(client, page, password="correct horse battery"):
    return client.post("/accounts/login/", {**hidden(page), "login": "updater@police.example", "password": password})


def test_visitor_who_asks_for_the_page_signs_in_first(visitor):
    answer = visitor.get("/form/?a=1")

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/form/%3Fa%3D1")


def test_text_of_a_visitor_is_in_the_form_after_signing_in_until_it_is_saved(browser, person):
    browser.get("/accounts/login/")
    page = browser.post("/form/?a=1", {**TYPED, "csrfmiddlewaretoken": browser.cookies["csrftoken"].value})
    signed_in = sign_in(browser, page)

    assert page.status_code == 403
    assert page["Cache-Control"] == "no-store"
    assert (signed_in.status_code, signed_in["Location"]) == (302, "/form/?a=1")
    assert browser.get("/form/?a=1").content.decode() == repr(
        [("done", ["2", "3"]), ("text", ["Kāinga Ora “met” <whānau>"])]
    )
    assert browser.get("/form/?a=1").content != b"nothing"
    browser.post("/form/", {**TYPED, "csrfmiddlewaretoken": browser.cookies["csrftoken"].value})
    assert browser.get("/form/?a=1").content == b"nothing"


def test_form_in_which_nothing_was_written_is_filled_again_once(visitor, person):
    sign_in(visitor, visitor.post("/form/", {"status": "on_track"}))

    assert visitor.get("/form/").content.decode() == repr([("status", ["on_track"])])
    assert visitor.get("/form/").content == b"nothing"


def test_text_survives_a_wrong_password(visitor, person):
    page = visitor.post("/form/", TYPED)
    again = sign_in(visitor, page, password="wrong")

    assert again.status_code == 200
    assert sign_in(visitor, again)["Location"] == "/form/"
    assert visitor.get("/form/").content != b"nothing"


def test_text_survives_a_lock_out(visitor, person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip", "login_failed": "9/m/key"}
    page = visitor.post("/form/", TYPED)
    sign_in(visitor, page, password="wrong")
    locked = sign_in(visitor, page, password="wrong")

    assert locked.status_code == 429
    assert hidden(locked)["kept"] == hidden(page)["kept"]
    assert hidden(locked)["next"] == "/form/"


def test_text_goes_to_its_own_address_only(visitor, person):
    sign_in(visitor, visitor.post("/form/", TYPED))

    assert visitor.get("/other/").content == b"nothing"
    assert visitor.get("/form/").content != b"nothing"


def test_texts_of_two_windows_both_survive(browser, person):
    browser.get("/accounts/login/")
    token = browser.cookies["csrftoken"].value
    first, second = (browser.post(at, {**TYPED, "csrfmiddlewaretoken": token}) for at in ("/form/", "/other/"))
    sign_in(browser, first)
    # Signing in changed the token, so the second window comes with an old one.
    late = sign_in(browser, second)

    assert (late.status_code, late["Location"]) == (302, "/other/")
    assert browser.get("/form/").content != b"nothing"
    assert browser.get("/other/").content != b"nothing"


def test_form_with_an_old_token_of_a_person_signed_in_is_filled_again(browser, person):
    browser.force_login(person)
    answer = browser.post("/form/?a=1", {**TYPED, "csrfmiddlewaretoken": "x" * 64})

    assert (answer.status_code, answer["Location"]) == (302, "/form/?a=1")
    assert browser.get("/form/").content.decode() == repr(
        [("done", ["2", "3"]), ("text", ["Kāinga Ora “met” <whānau>"])]
    )


def test_form_without_a_token_of_a_visitor_travels_through_sign_in(browser, person):
    page = browser.post("/form/", TYPED)

    assert page.status_code == 403
    assert sign_in(browser, page)["Location"] == "/form/"
    assert browser.get("/form/").content != b"nothing"


def test_form_from_another_site_is_refused_and_not_kept(browser, person):
    browser.force_login(person)
    answer = browser.post("/form/", TYPED, headers={"origin": "https://evil.example"})

    assert answer.status_code == 403
    assert b"Nothing was saved" in answer.content
    assert browser.get("/form/").content == b"nothing"


def test_sign_in_page_with_an_old_token_shows_again_with_the_text(browser, person):
    page = browser.post("/form/", TYPED)
    again = browser.post("/accounts/login/", {**hidden(page), "csrfmiddlewaretoken": "x" * 64, "login": "a@b.example"})

    assert again.status_code == 403
    assert (hidden(again)["kept"], hidden(again)["next"]) == (hidden(page)["kept"], "/form/")
    assert b'value="a@b.example"' in again.content


def test_other_form_with_an_old_token_is_refused_in_words(browser):
    answer = browser.post("/accounts/logout/")

    assert (answer.status_code, b"Nothing was saved" in answer.content) == (403, True)


def test_text_older_than_a_working_day_is_gone(visitor, person, time_machine):
    time_machine.move_to("2026-11-03T09:00:00+13:00", tick=False)
    page = visitor.post("/form/", TYPED)
    time_machine.move_to("2026-11-03T17:00:02+13:00", tick=False)
    sign_in(visitor, page)

    assert visitor.get("/form/").content == b"nothing"


def test_text_sealed_by_the_version_before_is_still_filled_in(visitor, person):
    sealed = signing.dumps({"path": "/form/", "typed": "text=a+b"}, salt="plans.views.keeping", compress=True)
    login = {"login": person.email, "password": "correct horse battery", "next": "/form/", "kept": sealed}
    visitor.post("/accounts/login/", login)

    assert visitor.get("/form/").content.decode() == repr([("text", ["a b"])])


def test_text_of_a_session_that_ran_out_is_for_its_author_only(person, make_user):
    for email, is_shown in (("other@police.example", False), (person.email, True)):
        make_user("other@police.example", password="correct horse battery") if not is_shown else None
        client = Client()
        client.force_login(person)
        Session.objects.update(expire_date=timezone.now() - timedelta(hours=1))
        page = client.post("/form/", TYPED)
        client.post("/accounts/login/", {**hidden(page), "login": email, "password": "correct horse battery"})

        assert (client.get("/form/").content != b"nothing") == is_shown


def test_text_in_a_cookie_is_not_for_the_next_person(person, make_user):
    client = Client()
    client.force_login(person)
    with refused_session():
        client.post("/form/", {"text": "wrong"})

    assert client.cookies["kept"]["path"] == "/form/"
    assert client.get("/form/").content.decode() == repr([("text", ["wrong"])])
    client.post("/accounts/logout/")
    client.force_login(make_user("other@police.example"))
    assert client.get("/form/").content == b"nothing"
    client.force_login(person)
    assert client.get("/form/").content != b"nothing"
    client.post("/form/", TYPED)
    assert client.get("/form/").content == b"nothing"


def test_text_of_an_unknown_visitor_is_not_for_the_next_person_who_signs_in_elsewhere(visitor, person):
    page = visitor.post("/form/", TYPED)
    visitor.force_login(person)

    assert visitor.cookies["kept"].value
    assert visitor.get("/form/").content == b"nothing"
    visitor.logout()
    sign_in(visitor, page)
    assert visitor.get("/form/").content != b"nothing"


def refused_session():
    """Have nothing be written to sessions."""

    def refuse(execute, sql, params, many, context):
        if sql.startswith('UPDATE "plans_session"'):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    return connection.execute_wrapper(refuse)


@pytest.mark.parametrize("answer", ["/form/", "https://evil.example/", "//evil.example/", "form/", ""])
def test_text_is_discarded_on_request_and_leads_nowhere_else(visitor, person, answer):
    visitor.force_login(person)
    visitor.post("/form/", {"text": "wrong"})
    is_known = answer == "/form/"
    discarded = visitor.post("/kept/discard/", {"path": answer})

    assert discarded["Location"] == ("/form/" if is_known else "/")
    assert (visitor.get("/form/").content == b"nothing") == is_known


def test_form_that_was_shown_with_its_errors_is_filled_in_again(visitor, person):
    visitor.force_login(person)

    assert visitor.post("/form/", {"text": "wrong"}).content == b"nothing is saved"
    assert visitor.get("/form/").content.decode() == repr([("text", ["wrong"])])


@pytest.mark.parametrize("forged", ["", "x", "eyJwYXRoIjoiL2Zvcm0vIn0:1abcde:signature"])
def test_forged_text_is_ignored(visitor, person, forged):
    page = visitor.post("/form/", TYPED)
    del visitor.cookies["kept"]
    answer = visitor.post(
        "/accounts/login/",
        {"login": person.email, "password": "correct horse battery", "next": hidden(page)["next"], "kept": forged},
    )

    assert answer["Location"] == "/form/"
    assert visitor.get("/form/").content == b"nothing"


def test_passwords_and_tokens_are_not_kept(visitor, person):
    sign_in(visitor, visitor.post("/form/", {"text": "a", "password1": "secret", "csrfmiddlewaretoken": "b"}))

    assert visitor.get("/form/").content.decode() == repr([("text", ["a"])])


def test_text_too_long_to_be_kept_is_said_so(visitor):
    page = visitor.post("/form/", {"text": "a" * 500_001})

    assert b"too long for us to keep" in page.content
    assert "kept" not in hidden(page)


def test_session_keeps_the_last_eight_forms(rf, person, visitor):
    visitor.force_login(person)
    for number in range(10):
        request = rf.post(f"/form/{number}/", TYPED)
        request.user, request.session = person, visitor.session
        assert form_recovery.keep(request, read_form_input(request)).is_kept

    assert list(visitor.session["kept"]) == [f"/form/{number}/" for number in range(2, 10)]


def test_session_stays_small_enough_to_be_read_for_every_page(rf, person, visitor):
    visitor.force_login(person)
    for number in range(4):
        request = rf.post(f"/form/{number}/", {"text": secrets.token_urlsafe(200_000)})
        request.user, request.session = person, visitor.session
        assert form_recovery.keep(request, read_form_input(request)).is_kept

    assert list(visitor.session["kept"]) == ["/form/2/", "/form/3/"]
    assert sum(map(len, visitor.session["kept"].values())) < 600_000


def test_sign_in_goes_to_no_other_site(visitor, person):
    answer = visitor.post(
        "/accounts/login/",
        {"login": person.email, "password": "correct horse battery", "next": "https://evil.example/"},
    )

    assert answer["Location"] == "/"
