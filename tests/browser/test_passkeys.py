"""Passkeys, with an authenticator that Chromium makes up: set up, as a second step, alone, and asked for again."""

import re

import pytest
from playwright.sync_api import expect

from tests.second_steps import signed_in_ago

PASSWORD = "correct horse battery"


@pytest.fixture
def site(live_server, year_two):
    """The site by a name: a passkey belongs to a host, which an IP address is not."""
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def person(reader):
    reader.user.set_password(PASSWORD)
    reader.user.save()
    reader.force_login(reader.user)
    return reader


def with_authenticator(page, *, verifies=True):
    """Have the browser of `page` answer as a device with a fingerprint reader does, which is touched at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": verifies, "isUserVerified": verifies, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_passkey_is_set_up_and_signs_in_after_the_password_and_alone(open_page, person):
    page = with_authenticator(open_page(by=person))
    page.goto("/account/")
    page.get_by_role("link", name="Passkeys, authenticator app and recovery codes").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as text").click()
    assert len(re.findall(r"^\d{8}\r?$", download.value.path().read_text(), re.MULTILINE)) == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("link", name="Rename Work laptop")).to_be_visible()

    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.get_by_label("Email address").fill(person.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Reader: your account")).to_be_visible()

    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/?next=/account/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_passkey_is_asked_for_again_before_a_token_is_made(open_page, person):
    page = with_authenticator(open_page(by=person))
    page.goto("/accounts/second-step/passkeys/add/")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    signed_in_ago(person, 11 * 60)

    page.goto("/account/tokens/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Access tokens")


def test_device_that_asks_for_no_finger_face_or_pin_is_refused_in_words(open_page, person):
    page = with_authenticator(open_page(by=person), verifies=False)
    page.goto("/accounts/second-step/passkeys/add/")
    page.get_by_role("button", name="Add passkey").click()

    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again.")
