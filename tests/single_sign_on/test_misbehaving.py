"""Providers that are down or send what they should not: nobody is let in, and a page of ours says the way on."""

import base64
import time

import jwt
import pytest
import requests
from allauth.socialaccount.models import SocialAccount

from plans.actions.sign_in_links import link
from plans.ways_to_sign_in import provider_called
from tests.single_sign_on.conftest import said

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
NOT_TRUSTED = "The answer from Police could not be trusted, so you are not signed in."
WRONG_CLOCK = "The clocks of Police and of this tracker differ"
IS_DOWN = "Police does not respond right now."
PASSWORD = "correct horse battery"
HOUR = 60 * 60


@pytest.fixture(autouse=True)
def linked(provider, person):
    """The person, linked to subject 1 of Police, whom a good token would sign in; and who has a password."""
    person.set_password(PASSWORD)
    person.save()
    link(person=person, provider=provider_called("police"), subject="subject-1", by=person)
    return person


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another-nonce-than-the-one-we-sent"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["tracker-at-police", "another-client"]},
        {"azp": "another-client"},
        {"iss": "https://login.example.govt.nz"},
        {"exp": -HOUR},
        {"exp": None},
        {"iat": HOUR},
        {"sub": None},
        {"sub": ""},
        {"sub": "s" * 192},
        {"sub": 1},
    ],
    ids=lambda claims: " ".join(f"{name} {value}" for name, value in claims.items())[:40],
)
def test_id_token_with_wrong_claims_lets_nobody_in(browser, provider, claims):
    moments = {name: int(time.time()) + claims[name] for name in ("exp", "iat") if claims.get(name)}
    provider.police.claims = claims | moments
    answer = browser.sign_in()

    assert (answer.status_code, browser.person_id) == (403, None)
    assert (WRONG_CLOCK if moments else NOT_TRUSTED) in said(answer)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_id_token_that_the_provider_did_not_sign_lets_nobody_in(browser, provider, algorithm):
    provider.police.algorithm = algorithm

    assert NOT_TRUSTED in said(browser.sign_in())


def test_id_token_signed_with_another_key_lets_nobody_in(browser, provider):
    published = provider.police.keys()
    provider.police.new_key()
    published["keys"][0]["kid"] = provider.police.kid
    provider.police.keys = lambda: published

    assert NOT_TRUSTED in said(browser.sign_in())
    del provider.police.keys


def test_key_that_is_no_secret_signs_nothing(browser, provider):
    """A token signed with a symmetric key, which the provider publishes for all to see."""
    provider.police.algorithm = "HS256"
    secret = base64.urlsafe_b64encode(provider.police.client_secret.ljust(32, "-").encode()).rstrip(b"=").decode()
    key = {"kty": "oct", "k": secret, "alg": "HS256", "kid": provider.police.kid}
    provider.police.keys = lambda: {"keys": [key]}

    assert NOT_TRUSTED in said(browser.sign_in())
    del provider.police.keys


def test_new_key_of_the_provider_is_taken_at_once(browser, provider, linked):
    provider.police.new_key()
    browser.sign_in()

    assert browser.person_id == str(linked.pk)


def test_token_of_the_other_tenant_lets_nobody_in(browser, provider):
    provider.police.id_token = provider.corrections.id_token

    assert NOT_TRUSTED in said(browser.sign_in())
    del provider.police.id_token


@pytest.mark.parametrize(
    "faults",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
def test_provider_that_describes_another_one_is_not_gone_to(browser, provider, faults):
    provider.police.discovery = faults
    answer = browser.go()

    assert answer.status_code == 403
    assert NOT_TRUSTED in said(answer)


@pytest.mark.parametrize("changed", [{"state": "forged"}, {"state": ""}])
def test_state_that_is_not_ours_is_refused_with_a_way_on(browser, changed):
    answer = browser.come_back(browser.go(), **changed)

    assert (answer.status_code, browser.person_id) == (400, None)
    assert "began in another browser. Start again." in said(answer)
    assert 'href="/accounts/login/"' in answer.content.decode()


def test_answer_works_once_and_for_ten_minutes(browser, provider, linked, time_machine):
    page = browser.go()
    browser.come_back(page)
    browser.post("/accounts/logout/")
    assert browser.come_back(page).status_code == 400

    late = browser.go()
    time_machine.move_to(time.time() + 601)
    assert browser.come_back(late).status_code == 400


def test_answer_in_the_name_of_another_issuer_is_refused(browser):
    assert NOT_TRUSTED in said(browser.come_back(browser.go(), iss="https://evil.example"))


def test_code_of_somebody_else_is_refused_by_pkce(browser, provider):
    stolen = browser.go()
    with requests.get(stolen.context["address"], allow_redirects=False, timeout=5) as answer:
        code = answer.headers["Location"].partition("code=")[2].partition("&")[0]

    assert NOT_TRUSTED in said(browser.come_back(browser.go(), code=code))


def test_being_refused_there_says_so(browser, provider):
    provider.police.error = "access_denied"
    answer = browser.sign_in()

    assert answer.status_code == 403
    assert "Police did not let you in, or you cancelled." in said(answer)


def test_subject_that_comes_with_the_email_of_somebody_else_is_who_it_was(browser, provider, linked, make_user):
    make_user("minister@corrections.example")
    provider.police.claims = {"email": "minister@corrections.example", "email_verified": True}
    browser.sign_in()

    assert browser.person_id == str(linked.pk)
    assert SocialAccount.objects.count() == 1


def test_provider_that_is_down_leaves_passwords(browser, provider, linked):
    page = browser.go()
    provider.police.is_down = True
    back, again = browser.get("/accounts/sso/police/callback/"), browser.go()

    assert (back.status_code, again.status_code) == (400, 503)
    assert IS_DOWN in said(again)
    assert browser.post("/accounts/login/", {"login": linked.email, "password": PASSWORD}).status_code == 302
    assert page.status_code == 200


def test_provider_that_never_answers_is_waited_for_five_seconds(browser, monkeypatch):
    waited = []

    def wait(self, method, url, timeout=None, **options):
        waited.append(timeout)
        raise requests.Timeout

    monkeypatch.setattr(requests.Session, "request", wait)

    assert IS_DOWN in said(browser.go())
    assert waited == [5]


def test_why_it_failed_is_in_the_log_without_the_token(browser, provider, caplog):
    provider.police.claims = {"aud": "another-client"}
    browser.sign_in()

    assert "Single sign-on with police failed: OAuth2Error: The ID token is refused: InvalidAudience" in caplog.text
    assert "eyJ" not in caplog.text


def test_starting_too_often_is_slowed_down(browser, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "single_sign_on": "2/m/ip"}

    assert [browser.go().status_code for _ in range(3)] == [200, 200, 429]


def test_header_of_a_token_cannot_choose_the_key(browser, provider, linked):
    """A token signed by a stranger, who puts their own key into its header."""
    good = provider.police.id_token

    def forged(nonce):
        claims = jwt.decode(good(nonce), options={"verify_signature": False})
        own = provider.corrections.keys()["keys"][0]
        headers = {"kid": own["kid"], "jwk": own, "jku": f"{provider.corrections.issuer}/jwks"}
        return jwt.encode(claims, provider.corrections.key, algorithm="ES256", headers=headers)

    provider.police.id_token = forged

    assert NOT_TRUSTED in said(browser.sign_in())
    del provider.police.id_token
