"""What no browser sends is refused before it breaks anything."""

import pytest

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
