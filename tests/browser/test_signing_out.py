"""After signing out, nobody who comes to the machine sees by going back what the person before saw."""

import pytest
from playwright.sync_api import expect

from tests.browser.listing import PLAN


@pytest.fixture
def browser(launch):
    """A Chromium that keeps pages for going back to, as people's do and Playwright's does not."""
    chromium = launch(ignore_default_args=["--disable-back-forward-cache"])
    yield chromium
    chromium.close()


def test_going_back_after_signing_out_shows_what_a_visitor_sees(open_page, reader):
    page = open_page(by=reader)
    page.goto(PLAN)
    page.get_by_role("link", name="Reader: your account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()

    page.go_back(wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.go_back(wait_until="commit")

    expect(page).to_have_url(PLAN)
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Reader: your account")).to_have_count(0)
