"""A second step at sign-in: set up, asked for, required, asked again before what is dangerous, removed by an admin."""

import re

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse

from plans.accounts import PasswordLinkTokens
from plans.actions.outbox import KINDS
from plans.models import AuditEvent, Membership, OutgoingMessage, User
from plans.views.second_step import ASKED_AGAIN
from tests.second_steps import App, code_of, kinds_of, signed_in_ago
from tests.views.page import Page

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
CHECK, CONFIRM, PASSWORD_AGAIN = "/accounts/second-step/check/", "/accounts/second-step/confirm/", "/accounts/confirm/"
INVITE = "/people/invite/"


@pytest.fixture
def person(make_user):
    return make_user("updater@police.example", name="Police updater", password=PASSWORD)


@pytest.fixture
def app(person):
    return App(person)


@pytest.fixture
def half_signed_in(app):
    return half_sign_in()


def half_sign_in(email="updater@police.example", **more):
    client = Client()
    client.sign_in = client.post("/accounts/login/", {"login": email, "password": PASSWORD, **more})
    return client


def is_signed_in(client):
    return "_auth_user_id" in client.session


def noted(person):
    return [(one.kind, one.detail) for one in AuditEvent.objects.filter(about=person).order_by("pk")]


def errors(response):
    return re.findall(r'<p class="error">(.*?)</p>', response.content.decode())


def told(person):
    """What the emails about the second step of a person say, oldest first."""
    messages = list(OutgoingMessage.objects.filter(kind="second_step", person=person).order_by("pk"))
    emails = KINDS["second_step"].write(messages)
    return [emails[one.pk].text for one in messages]


def test_app_is_set_up_with_recovery_codes_that_are_shown_where_they_were_made(reader):
    page = Page(reader.get("/accounts/second-step/app/"))
    key = page.root.find(".//code").text

    answer = reader.post("/accounts/second-step/app/", {"code": code_of(key.replace(" ", ""))})

    assert page.root.find(".//svg/path") is not None
    assert answer["Location"] == "/accounts/second-step/codes/"
    codes = [one.text for one in Page(reader.get(answer["Location"])).root.iterfind(".//li/code")]
    assert len(codes) == 10
    assert all(code in reader.get("/accounts/second-step/codes/recovery-codes.txt").content.decode() for code in codes)
    other = Client()
    other.force_login(reader.user)
    assert codes[0] not in other.get("/accounts/second-step/codes/").content.decode()
    assert other.get("/accounts/second-step/codes/recovery-codes.txt").status_code == 404
    assert {("second_step_set_up", "Authenticator app"), ("recovery_codes_made", "")} <= set(noted(reader.user))
    assert "was set up for your account: Authenticator app." in told(reader.user)[0]
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert key.replace(" ", "") not in kept
    assert not any(code in kept for code in codes)


def test_code_that_set_the_app_up_does_not_sign_in(person, client):
    client.force_login(person)
    key = Page(client.get("/accounts/second-step/app/")).root.find(".//code").text.replace(" ", "")
    code = code_of(key)
    client.post("/accounts/second-step/app/", {"code": code})

    answer = half_sign_in().post(CHECK, {"code": code})

    assert kinds_of(person) == ["recovery_codes", "totp"]
    assert errors(answer) == [
        "That did not work. Enter the newest code of your app, or a recovery code you have not used."
    ]


def test_password_alone_opens_nothing(half_signed_in):
    assert half_signed_in.sign_in["Location"] == CHECK
    assert not is_signed_in(half_signed_in)
    assert half_signed_in.get("/account/")["Location"] == "/accounts/login/?next=/account/"
    assert half_signed_in.get("/accounts/login/")["Location"] == CHECK


def test_code_completes_the_sign_in_in_a_new_session_and_leads_on(app):
    client = half_sign_in(next="/plans/")
    before = client.session.session_key

    answer = client.post(CHECK, {"code": app.code()})

    assert answer["Location"] == "/plans/"
    assert is_signed_in(client)
    assert client.session.session_key != before


def test_code_of_a_clock_that_differs_by_half_a_minute_is_taken(half_signed_in, app):
    assert half_signed_in.post(CHECK, {"code": app.code(later=1)}).status_code == 302
    assert half_sign_in().post(CHECK, {"code": app.code(later=-1)}).status_code == 302
    assert half_sign_in().post(CHECK, {"code": app.code(later=3)}).status_code == 200


def test_code_works_once_also_after_the_library_has_forgotten_it(half_signed_in, app, person):
    code = app.code()
    half_signed_in.post(CHECK, {"code": code})
    cache.delete(f"allauth.mfa.totp.used?user={person.pk}&code={code}")

    again = half_sign_in()

    assert len(errors(again.post(CHECK, {"code": f"{code[:3]} {code[3:]}"}))) == 1
    assert not is_signed_in(again)


def test_sixth_wrong_code_in_ten_minutes_keeps_out_the_right_one(half_signed_in, app, person):
    for _ in range(5):
        half_signed_in.post(CHECK, {"code": "000000"})

    answer = half_signed_in.post(CHECK, {"code": app.code()})

    assert errors(answer) == ["Too many attempts. Wait 10 minutes, then try again."]
    assert noted(person)[-1] == ("sign_in_failed", "With a wrong code, at the second step")


def test_recovery_code_works_once(half_signed_in, app, person):
    code = app.recovery_codes[0]
    half_signed_in.post(CHECK, {"code": code})

    assert is_signed_in(half_signed_in)
    assert ("recovery_code_used", "9 left") in noted(person)
    assert "One of your recovery codes was used" in told(person)[-1]
    assert half_sign_in().post(CHECK, {"code": code}).status_code == 200


def test_sign_in_can_begin_again_as_somebody_else(half_signed_in):
    assert half_signed_in.post(CHECK, {"again": "1"})["Location"] == "/accounts/login/"
    assert half_signed_in.get("/accounts/login/").status_code == 200


@pytest.mark.parametrize("address", [CHECK, "/accounts/second-step/passkeys/sign-in/"])
@pytest.mark.parametrize("credential", ["", "3", "[]", '{"id": 1}', '{"response": {"userHandle": "MQ"}}', "x" * 30_000])
def test_what_is_no_passkey_is_refused_in_words(half_signed_in, address, credential):
    answer = half_signed_in.post(address, {"credential": credential}, follow=True)

    assert answer.status_code in (200, 403)
    assert not is_signed_in(half_signed_in)


def test_link_that_sets_a_password_asks_for_the_second_step(app, person, client):
    link = f"/accounts/password/reset/key/{user_pk_to_url_str(person)}-{PasswordLinkTokens().make_token(person)}/"
    form = client.get(link)["Location"]

    answer = client.post(form, {"password1": "three random words", "password2": "three random words"}, follow=True)

    assert answer.redirect_chain[-1][0] == CHECK
    assert not is_signed_in(client)


def test_no_second_step_is_offered_or_asked_for_where_it_is_off(app, settings, client):
    settings.ROCC_MFA = "off"

    assert is_signed_in(half_sign_in())
    assert client.get("/accounts/second-step/passkeys/sign-in/").status_code == 404
    assert b"passkey" not in client.get("/accounts/login/").content


def test_key_of_the_site_that_was_changed_is_said_and_opens_nothing(half_signed_in, app, settings):
    settings.SECRET_KEY = "another-key-for-tests-only-which-protects-nothing-0123456789"

    client = half_sign_in()
    answer = client.post(CHECK, {"code": app.code()})

    assert errors(answer)[0].startswith("The key of this site was changed, so codes no longer work. Use a passkey, or")


# Required


@pytest.fixture
def required(settings):
    settings.ROCC_MFA = "required"


def test_admin_without_one_is_led_to_set_one_up_and_gets_nowhere_else(required, programme_admin):
    addresses = ["/", "/plans/", "/manage/", "/account/", "/admin/", "/api/v1/plans.json", INVITE]

    assert {programme_admin.get(address)["Location"] for address in addresses} == {"/accounts/second-step/"}
    assert b"Programme admins need a second step here" in programme_admin.get("/accounts/second-step/").content
    assert programme_admin.get("/accounts/logout/").status_code == 200
    App(programme_admin.user)
    assert programme_admin.get("/manage/").status_code == 200


def test_admin_who_has_one_costs_a_query_once_a_session(required, programme_admin, django_assert_num_queries):
    App(programme_admin.user)
    programme_admin.get("/account/")
    programme_admin.get("/account/")

    with django_assert_num_queries(6):
        programme_admin.get("/account/")


def test_others_are_not_led(required, reader):
    assert reader.get("/account/").status_code == 200


def test_words_of_an_admin_who_is_led_away_are_kept(required, programme_admin):
    answer = programme_admin.post("/plans/new/", {"name": "Year Three"})
    App(programme_admin.user)

    assert answer["Location"] == "/accounts/second-step/"
    assert b'value="Year Three"' in programme_admin.get("/plans/new/").content


# Asked again


def with_password(client, seconds):
    client.user.set_password(PASSWORD)
    User.objects.filter(pk=client.user.pk).update(password=client.user.password)
    client.force_login(client.user)
    signed_in_ago(client, seconds)
    return client


def test_password_is_asked_for_again_ten_minutes_after_signing_in(programme_admin):
    client = with_password(programme_admin, 9 * 60)
    assert client.get(INVITE).status_code == 200
    signed_in_ago(client, 11 * 60)

    asked = client.get(INVITE)
    wrong = client.post(asked["Location"], {"password": "wrong"})
    right = client.post(asked["Location"], {"password": PASSWORD})

    assert asked["Location"] == f"{PASSWORD_AGAIN}?next=%2Fpeople%2Finvite%2F"
    assert len(errors(wrong)) == 1
    assert right["Location"] == INVITE
    assert client.get(INVITE).status_code == 200


def test_form_that_is_sent_too_late_is_filled_in_again(programme_admin):
    client = with_password(programme_admin, 14 * 60)
    sent = {"email": "new@police.example", "name": "New updater"}
    assert client.post(INVITE, sent).status_code == 302
    assert User.objects.filter(email="new@police.example").exists()
    signed_in_ago(client, 16 * 60)

    asked = client.post(INVITE, {"email": "late@police.example", "name": "Late updater"})
    client.post(asked["Location"], {"password": PASSWORD})

    assert asked["Location"].startswith(PASSWORD_AGAIN)
    assert not User.objects.filter(email="late@police.example").exists()
    assert b'value="Late updater"' in client.get(INVITE).content


def test_second_step_and_not_the_password_is_asked_for_again(programme_admin):
    client = with_password(programme_admin, 11 * 60)
    app = App(client.user)

    asked = client.get(INVITE)
    by_password = client.post(f"{PASSWORD_AGAIN}?next={INVITE}", {"password": PASSWORD})
    client.post(asked["Location"], {"code": app.code()})

    assert asked["Location"] == by_password["Location"].replace("/people/invite/", "%2Fpeople%2Finvite%2F")
    assert asked["Location"].startswith(CONFIRM)
    assert client.get(INVITE).status_code == 200


def test_who_has_neither_is_told_to_sign_in_again(programme_admin):
    signed_in_ago(programme_admin, 11 * 60)

    answer = programme_admin.get(INVITE, follow=True)

    assert b"<h1>Sign in again</h1>" in answer.content


def test_every_place_that_is_dangerous_asks_again(programme_admin):
    client = with_password(programme_admin, 11 * 60)
    User.objects.filter(pk=client.user.pk).update(is_superuser=True)
    numbers = {"pk": 1, "plan_slug": "year-two", "object_id": "1", "id": "1", "name": "police"}
    asked = set()
    for name in ASKED_AGAIN:
        pattern = next(
            reverse(name, kwargs={one: numbers[one] for one in some})
            for some in ([], ["pk"], ["plan_slug", "pk"], ["object_id"], ["id"], ["name"])
            if _is_address(name, {one: numbers[one] for one in some})
        )
        asked.add(client.get(pattern)["Location"].partition("?")[0])
        signed_in_ago(client, 16 * 60)
        asked.add(client.post(pattern)["Location"].partition("?")[0])

    assert asked == {PASSWORD_AGAIN}


def _is_address(name, kwargs):
    try:
        return bool(reverse(name, kwargs=kwargs))
    except NoReverseMatch:
        return False


# Removed


def test_own_app_is_removed_with_its_recovery_codes(programme_admin):
    App(programme_admin.user)

    programme_admin.post("/accounts/second-step/app/remove/")

    assert kinds_of(programme_admin.user) == []
    assert noted(programme_admin.user)[-1] == ("second_step_removed", "Authenticator app")


def test_admin_removes_what_somebody_lost_who_is_told_and_signed_out(programme_admin, app, person):
    address = f"/people/{person.pk}/second-step/remove/"
    there = half_sign_in()
    there.post(CHECK, {"code": app.code()})
    assert address.encode() in programme_admin.get(f"/people/{person.pk}/").content
    assert programme_admin.get(address).status_code == 200

    programme_admin.post(address)

    assert kinds_of(person) == []
    assert not is_signed_in(there)
    assert ("second_step_removed", "Authenticator app") in noted(person)
    assert "Programme admin removed the second step of your account: Authenticator app." in told(person)[-1]
    assert is_signed_in(half_sign_in())


def test_nobody_removes_their_own_there_nor_that_of_an_admin(programme_admin, make_user):
    other = make_user("root@programme.example", is_superuser=True)
    App(other)
    App(programme_admin.user)

    answers = [programme_admin.post(f"/people/{one.pk}/second-step/remove/") for one in (other, programme_admin.user)]

    assert [one.status_code for one in answers] == [403, 403]
    assert Authenticator.objects.count() == 4


def test_command_removes_that_of_the_only_superuser(app, person, capsys):
    User.objects.filter(pk=person.pk).update(is_superuser=True)

    call_command("remove_second_step", "UPDATER@police.example")

    assert kinds_of(person) == []
    assert "is removed" in capsys.readouterr().out
    assert noted(person)[-1] == ("second_step_removed", "Authenticator app")
    for email, sentence in {"updater@police.example": "has no second step", "nobody@police.example": "No one"}.items():
        with pytest.raises(CommandError, match=sentence):
            call_command("remove_second_step", email)


def test_what_others_have_is_not_there(app, reader):
    pk = app.row.pk

    for done in ("rename", "remove"):
        assert reader.post(f"/accounts/second-step/passkeys/{pk}/{done}/", {"name": "Mine"}).status_code == 404
    assert Membership.objects.count() == 0
