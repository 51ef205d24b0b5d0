"""Every page and state in `PLACES` for everybody: light and dark, wide and narrow, by axe and by measuring."""

import json
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.template.loader import render_to_string

from plans.choices import Status
from plans.models import Activity, Plan
from tests.browser.places import PLACES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
SCRIPTS = [AXE_FILE_PATH, Path(__file__).parent / "looking.js"]
# A window of 1280 px at 400 %.
NARROW = 320


@pytest.fixture
def every_status(year_two, report):
    """The plan with every status in it, one report, and a plan without activities beside it."""
    for activity, status in zip(year_two.activities.order_by("number"), [*Status] * 3, strict=False):
        Activity.objects.filter(pk=activity.pk).update(status=status)
    report(year_two.activities.get(number=3), Status.AT_RISK, what_happened="Two regions wait for a decision.")
    Plan.objects.create(slug="bare", name="Bare plan", short_name="Bare", is_published=True)


@pytest.fixture
def go(open_page, every_status, request, monkeypatch):
    """Goes to a place, as a page with the measures of `looking.js` in it: `go(place, **options of open_page)`."""

    def look(place, **options):
        page = open_page(by=place.by and request.getfixturevalue(place.by), **options)
        if place.status >= 400:
            page.watch.allow(f"answered {place.status}: ", f"console: .*status of {place.status} ")
        if place.breaks:
            monkeypatch.setattr(place.breaks, lambda *args: 1 / 0)
        if place.template:
            body = render_to_string(place.template)
            page.route(f"**{place.address}", lambda route: route.fulfill(status=place.status, body=body))
        assert page.goto(place.address).status == place.status
        for script in SCRIPTS:
            page.evaluate(script.read_text())
        if place.opens:
            page.evaluate("looking.openAll()")
        return page

    return look


def barriers(page, rules=RULES):
    """What axe finds wrong: [(rule, the element, what it says of it)]."""
    options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run(document, {options})")["violations"]
    return [(one["id"], node["html"][:200], node["failureSummary"]) for one in found for node in one["nodes"]]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page_has_no_barrier_in_any_light_at_any_width(go, place):
    page, found = go(place, color_scheme="light"), []

    for width in (1280, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        # In the dark only colours are others.
        for scheme, rules in (("light", RULES), ("dark", RULES_OF_COLOUR)):
            page.emulate_media(color_scheme=scheme)
            found += [(width, scheme, *barrier) for barrier in barriers(page, rules)]
        found += [(width, "reaches beyond the window", one) for one in page.evaluate("looking.overflowing()")]
        found += [(width, "smaller than 24 px", one) for one in page.evaluate("looking.smallTargets()")]
    assert found == [], "\n".join(map(str, found))
    levels = page.evaluate("looking.headings()")
    assert levels.count(1) == 1
    assert [(a, b) for a, b in zip(levels, levels[1:], strict=False) if b > a + 1] == []
