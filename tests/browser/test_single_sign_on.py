"""Signing in with a provider in a browser, under the site's Content-Security-Policy and without any script."""

import pytest
from playwright.sync_api import expect

from plans.actions.people import give_invitation_link
from plans.actions.sign_in_links import link
from plans.ways_to_sign_in import provider_called
from tests.browser.test_every_page import SCRIPTS, barriers
from tests.single_sign_on.conftest import provider, running_provider  # noqa: F401


@pytest.fixture
def linked(provider, make_user, site):  # noqa: F811
    """Somebody whose account is linked to Police, which knows the site by its address."""
    provider.police.site = site
    person = make_user("updater@police.example", name="Police updater")
    link(person=person, provider=provider_called("police"), subject="subject-1", by=person)
    return person


def test_sign_in_and_out_with_a_provider_needs_no_script(open_page, linked):
    page = open_page(java_script_enabled=False)
    page.watch.allow("another host: .*/police/authorize")
    page.goto("/accounts/login/?next=/account/")
    page.get_by_label("Email address").fill("updater@police.example")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue with Police").click()

    expect(page).to_have_url("/account/")
    expect(page.get_by_role("heading", name="Single sign-on")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign out of Police")).to_be_visible()


def test_pages_on_the_way_have_no_barrier(open_page, linked, programme_admin, make_user):
    new = make_user("new@police.example", name="New updater")
    token, found, page = give_invitation_link(person=new, by=programme_admin.user), [], open_page()

    def look():
        for script in SCRIPTS:
            page.evaluate(script.read_text())
        found.extend(barriers(page))

    page.watch.allow("another host: .*/police/authorize")
    page.goto(f"/people/welcome/?link={token}")
    look()
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill("updater@police.example")
    page.get_by_role("button", name="Continue").click()
    look()
    page.get_by_role("button", name="Continue with Police").click()
    page.get_by_role("link", name="Police updater: your account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    look()

    assert found == []
