"""The list of activities as it stands in a browser."""

import re

from playwright.sync_api import expect

PLAN = "/plans/year-two/"
LIST = f"{PLAN}activities/"


def shows(page, numbers, of=15):
    """Wait for the list to count these activities and be settled, and see that it is these, in this order."""
    said = f"{len(numbers)} of {of} activities"
    expect(page.locator("#count")).to_have_text(said)
    # A page still being read in, or an answer still being put in its place, may count and not yet list.
    page.wait_for_load_state()
    expect(page.locator("#browse[aria-busy]")).to_have_count(0)
    links = page.locator("#results a[href*='/activities/']").evaluate_all("all => all.map(one => one.pathname)")
    assert [int(found[1]) for path in links if (found := re.search(r"/activities/(\d+)/$", path))] == numbers


def box(page, name):
    """The checkbox or radio button of a filter, by its label without the count; the lists that it is in are opened."""
    found = page.get_by_label(re.compile(rf"^\s*([^\w\s] )?{re.escape(name)}\s+[0-9]+ activities\s*$"))
    found.evaluate("one => { while (one = one.parentElement.closest('details')) one.open = true; }")
    return found
