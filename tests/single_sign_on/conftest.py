"""A provider with two tenants, the site set up for both, and the way of a browser through it."""

from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from rocc.single_sign_on import SignInProvider
from tests.single_sign_on.provider import TestProvider
from tests.views.page import Page

POLICE = "Police"


def configured(tenant, name, *domains):
    """Return the setting for a tenant."""
    return SignInProvider(tenant.name, name, tenant.issuer, tenant.client_id, tenant.client_secret, domains)


@pytest.fixture(scope="module")
def running_provider():
    """The server, for all tests of a module."""
    with TestProvider() as provider:
        yield provider


@pytest.fixture
def provider(running_provider, settings):
    """Both tenants, as they are before anybody tells them to misbehave."""
    for tenant in (running_provider.police, running_provider.corrections):
        tenant.__init__(tenant.name, running_provider.address)
    settings.ROCC_SSO = [
        configured(running_provider.police, POLICE, "police.example", "police.govt.nz"),
        configured(running_provider.corrections, "Corrections", "corrections.example"),
    ]
    return running_provider


@pytest.fixture
def person(make_user):
    """Somebody of Police, without a password."""
    return make_user("updater@police.example", name="Police updater")


class Browser(Client):
    """A visitor's browser, which follows the way to a provider and back."""

    def go(self, tenant="police", address="", **sent):
        """Return the answer to starting with `tenant`: the page that leads there."""
        return self.post(address or f"/accounts/sso/{tenant}/", sent)

    def come_back(self, to_provider, **changed):
        """Return the answer of the site once the provider has sent the browser back; its query may be `changed`."""
        assert to_provider.status_code == 200, to_provider.content
        there = to_provider.context["address"]
        with requests.get(there, allow_redirects=False, timeout=5) as answer:
            assert answer.status_code == 302, answer.text
            back = urlsplit(answer.headers["Location"])
        query = dict(pair.split("=", 1) for pair in back.query.split("&")) | changed
        return self.get(f"{back.path}?{'&'.join(f'{name}={value}' for name, value in query.items())}")

    def sign_in(self, tenant="police", **sent):
        """Return the answer after going there and back."""
        return self.come_back(self.go(tenant, **sent))

    @property
    def person_id(self):
        """Who is signed in, as text; None for nobody."""
        return self.session.get("_auth_user_id")


@pytest.fixture
def browser():
    """A browser of nobody yet."""
    return Browser()


def said(response):
    """Return the text of the main part of a page, on one line."""
    main = next(Page(response, response.status_code).root.iter("main"))
    return " ".join(" ".join(main.itertext()).split())
