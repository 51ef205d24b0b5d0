"""A real Chromium on the Year Two plan, with the answers and the policies of the real site.

`page` is a desktop's page; `open_page(width=390, java_script_enabled=False)` makes another. Both fail their test when
anything goes wrong in the browser that the test did not allow.
"""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.live_server import serve_one_at_a_time
from tests.browser.watch import Watch
from tests.views.conftest import make_plan, open_reading, report  # noqa: F401
from tests.year_two import load_year_two

HERE = Path(__file__).parent
# Milliseconds; machines that test are often busy.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)
serve_one_at_a_time()


def pytest_collection_modifyitems(items):
    """Mark the tests of this folder as the browser's."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser(launch):
    """One Chromium for all tests of a run."""
    chromium = launch()
    yield chromium
    chromium.close()


@pytest.fixture
def year_two(db, open_reading):  # noqa: F811
    """The Year Two plan as published, saved for the server to find."""
    return load_year_two()


@pytest.fixture
def site(live_server, year_two):
    """The address of the site, on which the Year Two plan can be read by everybody."""
    return live_server.url


@pytest.fixture
def open_page(browser, site):
    """Opens a page of its own context: `open_page(width=390, **options)`; its `.watch` notes what goes wrong."""
    contexts, watches = [], []

    def open_one(width=1280, height=900, by=None, **options):
        context = browser.new_context(
            base_url=site, viewport={"width": width, "height": height}, locale="en-NZ", **options
        )
        context.set_default_timeout(PATIENCE)
        if by:
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": by.cookies[name].value, "url": site}])
        page = context.new_page()
        page.watch = Watch(context, site)
        contexts.append(context)
        watches.append(page.watch)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert [trouble for watch in watches for trouble in watch.troubles] == []


@pytest.fixture
def page(open_page):
    """A page on a desktop."""
    return open_page()
