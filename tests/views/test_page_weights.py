"""What a page costs over the wire; `make weights` measures the same in a browser."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

BUDGET_BYTES = 40_000
OWN_SCRIPT_BYTES = 6_000
PLAN = "/plans/year-two/"
PAGES = [
    "/plans/",
    PLAN,
    f"{PLAN}activities/",
    f"{PLAN}activities/?view=table",
    f"{PLAN}activities/3/",
    f"{PLAN}focus-areas/supply/",
    f"{PLAN}priority-areas/p3/",
    f"{PLAN}agencies/",
    f"{PLAN}agencies/police/",
    f"{PLAN}matrix/",
    f"{PLAN}about/",
    "/accounts/login/",
]


def loads(html):
    """The addresses of what a page loads: styles, scripts, pictures."""
    tags = re.findall(r"<(?:link|script|img|iframe|source|video)\b[^>]*>", html)
    return [found[1] for tag in tags if (found := re.search(r'(?:href|src)="([^"]+)"', tag))]


def static_file(address):
    """The content of a static file, by its address."""
    assert address.startswith("/static/")
    return Path(finders.find(address.removeprefix("/static/"))).read_bytes()


@pytest.mark.parametrize("address", PAGES)
def test_page_weighs_at_most_40_kilobytes_with_all_that_it_loads(year_two, visitor, address):
    answer = visitor.get(address, headers={"accept-encoding": "gzip"})

    assert answer["Content-Encoding"] == "gzip"
    parts = [static_file(part) for part in loads(gzip.decompress(answer.content).decode())]
    assert len(parts) >= 3
    assert len(answer.content) + sum(len(gzip.compress(part)) for part in parts) <= BUDGET_BYTES


def test_scripts_of_every_page_and_those_to_choose_agencies_are_at_most_six_kilobytes_together():
    assert (
        sum(len(static_file(f"/static/{name}.js")) for name in ("tracker", "signed_in", "choose")) <= OWN_SCRIPT_BYTES
    )


def test_styles_load_nothing_else():
    assert re.findall(rb"url\(|@import", static_file("/static/tracker.css")) == []
