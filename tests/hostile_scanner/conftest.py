"""A real Chromium, as the tests of the browser have it."""

from tests.browser.conftest import browser, open_page, site, year_two
from tests.views.conftest import open_reading

__all__ = ["browser", "open_page", "open_reading", "site", "year_two"]
