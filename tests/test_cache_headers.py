"""Nothing that is not public is kept by a browser or by anything between: every answer says so, whoever made it."""

from contextlib import closing

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory

from rocc.requests import private_by_default
from tests.test_addresses import READERS, ROLES, as_role, plans  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.walking import addresses_of_the_admin, addresses_of_the_site, routes_without


def directives(response):
    return {one.strip().lower() for one in response.headers.get("Cache-Control", "").split(",")}


def is_private(response):
    """Whether an answer may be kept by nobody, or by the person's browser if that asks before each use."""
    said = directives(response)
    return "no-store" in said or {"private", "no-cache"} <= said


def shared(client, addresses, verbs=("get", "post")):
    """The addresses whose answers somebody might keep and show to others."""
    return [
        (verb, address, response.headers.get("Cache-Control"))
        for address in addresses
        for verb in verbs
        for response in [getattr(client, verb)(address)]
        if not is_private(response)
    ]


def test_every_address_is_looked_at(plans):  # noqa: F811
    assert routes_without([*addresses_of_the_site(), *addresses_of_the_admin()]) == set()


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_of_the_site_is_private(plans, as_role, role):  # noqa: F811
    client = as_role(role)
    # Signing out comes last.
    addresses = sorted(addresses_of_the_site(), key=lambda address: "logout" in address)

    assert shared(client, addresses) == []


@pytest.mark.parametrize("role", ["closed visitor", *READERS[-2:]])
def test_every_answer_of_the_admin_is_private(plans, as_role, role):  # noqa: F811
    client = as_role(role)

    assert shared(client, addresses_of_the_admin(), ["get"]) == []


def test_pages_for_reading_may_be_kept_by_the_browser_that_asks_each_time(plans, as_role):  # noqa: F811
    said = directives(as_role("reader").get("/plans/year-two/"))

    assert said == {"private", "no-cache"}


@pytest.mark.parametrize("address", ["/people/", "/people/audit/", "/plans/year-two/activities.csv", "/people/invite/"])
def test_pages_about_people_and_files_are_not_kept_at_all(plans, as_role, address):  # noqa: F811
    assert "no-store" in directives(as_role("programme_admin").get(address))


def _error(name, monkeypatch):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    if name == "400":
        return client.get("/plans/", headers={"host": "evil.example"})
    if name == "403":
        return client.post("/accounts/login/")
    if name == "404":
        return client.get("/no-such-page/")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", _fail)
        return client.get("/plans/")


def _fail(*args, **kwargs):
    raise RuntimeError


@pytest.mark.parametrize("name", ["400", "403", "404", "500"])
def test_error_pages_are_private(plans, monkeypatch, name):  # noqa: F811
    response = _error(name, monkeypatch)

    assert str(response.status_code) == name
    assert is_private(response)


def test_redirect_to_https_is_private(plans, settings):  # noqa: F811
    settings.SECURE_SSL_REDIRECT = True

    response = Client().get("/plans/")

    assert (response.status_code, is_private(response)) == (301, True)


def test_static_files_may_be_kept_by_all(db):
    assert finders.find("tracker.css")

    with closing(Client().get("/static/tracker.css")) as response:
        assert response.status_code == 200
        assert "public" in directives(response)


def test_what_a_view_says_of_caches_stays():
    def view(request):
        return HttpResponse(headers={"Cache-Control": "private, no-cache"})

    response = private_by_default(view)(RequestFactory().get("/"))

    assert directives(response) == {"private", "no-cache"}


def test_it_is_said_above_all_that_answers():
    names = django_settings.MIDDLEWARE

    assert names.index("rocc.requests.private_by_default") < names.index(
        "django.middleware.security.SecurityMiddleware"
    )
