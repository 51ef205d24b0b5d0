"""What no browser sends is refused before it breaks anything, and what others add to links is dropped."""

import pytest

from plans.filters.activities import ActivityFilter
from rocc.requests import TRACKING
from tests.views.page import Page

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "charset", ["hex", "utf-7", "unicode_escape", "idna", "rot13", "utf-16", "latin-1", '"hex"', "UTF_7"]
)
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/login/?next=/plans/"])
def test_form_in_an_odd_charset_is_refused(db, client, address, charset):
    response = client.generic("POST", address, b"login=a", content_type=f"{FORM}; charset={charset}")

    assert Page(response, 400).h1 == "We could not understand this request"


def test_address_is_not_read_in_an_odd_charset(db, open_reading, client):
    assert client.get("/plans/?q=1", CONTENT_TYPE="text/plain; Charset=hex").status_code == 400


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "nonsense"])
def test_form_in_a_usual_charset_is_taken(db, client, charset):
    response = client.generic("POST", "/accounts/login/", b"login=a", content_type=f"{FORM}; charset={charset}")

    assert response.status_code == 200


@pytest.mark.parametrize("address", ["http://[evil", "http://a]b", "http://%5Bevil", "http://\u2100.example/"])
@pytest.mark.parametrize("encoded", ["true", "false"])
def test_current_address_that_is_none_is_refused(year_two, client, address, encoded):
    headers = {"hx-request": "true", "hx-current-url": address, "hx-current-url-uri-autoencoded": encoded}

    response = client.get("/plans/year-two/activities/", headers=headers)

    assert Page(response, 400).h1 == "We could not understand this request"


@pytest.mark.parametrize("address", ["http://testserver/plans/?q=[a]", "http://[::1]:8000/plans/?q=%5Ba", "nonsense"])
def test_current_address_is_taken(year_two, client, address):
    headers = {"hx-request": "true", "hx-current-url": address, "hx-current-url-uri-autoencoded": "true"}

    assert client.get("/plans/year-two/activities/", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("agency=police&utm_source=newsletter", "?agency=police"),
        ("utm_source=a&utm_medium=b&UTM_campaign=c&q=k%C4%81inga+ora&utm_x", "?q=k%C4%81inga+ora"),
        ("fbclid=IwAR0&status=on_track&gclid=1&mc_cid=2&mc_eid=3", "?status=on_track"),
        ("_ga=2.1&_gl=1*a&msclkid=x&igshid=y&_hsenc=p2&_hsmi=1&mkt_tok=z", ""),
        ("%75tm_source=a&status=on_track&status=off_track", "?status=on_track&status=off_track"),
    ],
)
def test_tracking_parameters_are_dropped_from_the_address(client, query, kept):
    response = client.get(f"/plans/year-two/activities.csv?{query}")

    assert (response.status_code, response["Location"]) == (302, f"/plans/year-two/activities.csv{kept}")


def test_link_with_tracking_parameters_opens_the_list_that_it_names(year_two, visitor):
    page = Page(visitor.get("/plans/year-two/activities/?agency=police&fbclid=1", follow=True))

    assert page.h1 == "Activities"
    assert "fbclid" not in page.html
    assert visitor.get("/plans/year-two/activities.csv?fbclid=1", follow=True).status_code == 200


def test_parameters_that_only_look_like_tracking_are_refused_as_before(year_two, visitor):
    assert visitor.get("/plans/year-two/activities.csv?utm=1").status_code == 400
    assert visitor.get("/plans/year-two/activities.csv?source=1").status_code == 400


def test_tracking_parameters_lead_to_no_other_site(client):
    answer = client.get("/", {"utm_source": "a"}, PATH_INFO="//evil.example/")

    assert answer["Location"] == "/%2Fevil.example/"


def test_form_is_taken_at_an_address_with_tracking_parameters(db, client):
    assert client.post("/accounts/login/?utm_source=a", {"login": "a"}).status_code == 200


def test_no_filter_is_taken_for_tracking():
    assert [name for name in [*ActivityFilter.base_filters, "state", "next", "link"] if TRACKING.fullmatch(name)] == []
