"""The pages for what goes wrong: each says what to do next, none tells a stranger what is here."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from plans.models import Plan
from plans.views import browse
from tests.views.page import Page

SECRET = "Secret Plan of Year Nine"
HEADINGS = {
    400: "We could not understand this request",
    403: "You do not have permission to do this",
    404: "Page not found",
    500: "Sorry, there is a problem with the tracker",
}


@pytest.fixture
def secret_plan(db):
    """A published, current plan, whose name strangers must not see."""
    return Plan.objects.create(slug="year-nine", name=SECRET, short_name=SECRET, is_published=True, is_current=True)


@pytest.fixture
def careless():
    """A client that gets the page that a broken view gives, not the exception."""
    return Client(raise_request_exception=False)


@pytest.fixture
def break_overview(monkeypatch):
    """Makes the overview raise an error."""

    def broken(error):
        def summarise_plan(plan, on):
            raise error

        monkeypatch.setattr(browse, "summarise_plan", summarise_plan)

    return broken


@pytest.fixture
def ask(client, careless, break_overview):
    """Asks for something that ends in that status, as a person on an open site does."""

    def asking(status):
        if status == 400:
            return client.get("/plans/", headers={"host": "elsewhere.example"})
        if status == 404:
            return client.get("/nowhere/")
        break_overview(PermissionDenied("why") if status == 403 else RuntimeError("inner workings"))
        return careless.get("/plans/year-nine/")

    return asking


@pytest.mark.parametrize("status", HEADINGS)
def test_error_page_is_designed_and_leads_on(secret_plan, open_reading, ask, status):
    page = Page(ask(status), status)

    assert page.h1 == HEADINGS[status]
    assert page.root.get("lang") == "en-NZ"
    assert "/" in [href for _, href in page.links()]


@pytest.mark.parametrize("status", [400, 404])
def test_error_page_of_a_closed_site_names_no_plan(secret_plan, closed_reading, ask, status):
    answer = ask(status)

    assert SECRET not in answer.text


@pytest.mark.parametrize("status", HEADINGS)
def test_error_page_names_no_cause(secret_plan, open_reading, ask, status):
    page = Page(ask(status), status)

    assert "inner workings" not in page.html
    assert "Traceback" not in page.html


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/plans/year-ten/", "/plans/Year_Nine/", "/plans/year-nine/activities/1/", "/%00", "/plans/%FF/"],
)
def test_address_that_leads_nowhere_is_not_found(secret_plan, open_reading, client, address):
    assert Page(client.get(address), 404).h1 == HEADINGS[404]


@pytest.mark.parametrize("address", ["/plans/draft/", "/plans/draft/activities/", "/plans/draft/activities.csv"])
def test_plan_that_is_not_published_looks_like_no_plan(secret_plan, open_reading, client, reader, address):
    missing = client.get(address).content
    Plan.objects.create(slug="draft", name=f"{SECRET} draft", short_name=f"{SECRET} draft")

    assert client.get(address).status_code == 404
    assert client.get(address).content == missing
    assert f"{SECRET} draft" not in Page(reader.get(address), 404).html


def test_refused_form_gets_a_page_of_ours(secret_plan):
    careful = Client(enforce_csrf_checks=True)

    page = Page(careful.post("/accounts/logout/"), 403)

    assert page.root.get("lang") == "en-NZ"
    assert list(page.root.iter("style")) == []
    assert "Go back" in page.text
    assert SECRET not in page.html


def test_address_without_its_last_slash_leads_to_the_page(secret_plan, open_reading, client):
    response = client.get("/plans/year-nine/activities?q=x")

    assert (response.status_code, response["Location"]) == (301, "/plans/year-nine/activities/?q=x")
