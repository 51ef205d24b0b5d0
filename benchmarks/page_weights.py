"""`python -m benchmarks.page_weights`: what each page costs over the wire, with nothing in the browser's cache.

Loads every page in a Chromium of its own cache and prints bytes (headers included, as compressed), requests, and how
much of the page moved while it loaded (cumulative layout shift; 0 is none). Ends with 1 when a page weighs more than
`BUDGET_BYTES`, moves, asks another host, or gets a static file that may not be kept for ever.
"""

import os
import shutil
import sys
from dataclasses import dataclass, field

from playwright.sync_api import sync_playwright

from benchmarks.serving import serving

BUDGET_BYTES = 40_000
PLAN = "/plans/year-two/"
NOT_FOUND = "/nothing/"
PAGES = {
    "Plans": "/plans/",
    "Overview": PLAN,
    "Activities": f"{PLAN}activities/",
    "Activities as a table": f"{PLAN}activities/?view=table",
    "Activities that Police leads": f"{PLAN}activities/?agency=police&role=lead",
    "Activity 3": f"{PLAN}activities/3/",
    "History of activity 3": f"{PLAN}activities/3/history/",
    "Focus area": f"{PLAN}focus-areas/supply/",
    "Priority area": f"{PLAN}priority-areas/p3/",
    "Agencies": f"{PLAN}agencies/",
    "Agency": f"{PLAN}agencies/police/",
    "Summary tables": f"{PLAN}matrix/",
    "About this plan": f"{PLAN}about/",
    "Sign in": "/accounts/login/",
    "Not found": NOT_FOUND,
}
SHIFT = """() => new Promise((answer) => {
    let sum = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { sum += one.value; }))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => answer(sum), 300);
})"""


@dataclass
class Weight:
    """What one page cost: its HTML and everything in bytes, the number of requests, and what is wrong with it."""

    html_bytes: int = 0
    all_bytes: int = 0
    requests: int = 0
    shift: float = 0.0
    problems: list = field(default_factory=list)


def weigh(browser, site, path):
    """Answer the `Weight` of the page at `path`, loaded in a new browser context."""
    weight = Weight()
    context = browser.new_context()
    page = context.new_page()
    _watch(context.new_cdp_session(page), weight, site, path)
    status = page.goto(site + path, wait_until="networkidle").status
    weight.shift = page.evaluate(SHIFT)
    context.close()
    if status != (404 if path == NOT_FOUND else 200):
        weight.problems.append(f"is answered with {status}")
    if weight.all_bytes > BUDGET_BYTES:
        weight.problems.append(f"weighs more than {BUDGET_BYTES} bytes")
    if weight.shift:
        weight.problems.append("moves while it loads")
    return weight


def _watch(network, weight, site, path):
    addresses = {}

    def received(event):
        addresses[event["requestId"]] = event["response"]["url"]
        weight.problems += _response_problems(event["response"], site)

    def finished(event):
        weight.requests += 1
        weight.all_bytes += event["encodedDataLength"]
        if addresses[event["requestId"]] == site + path:
            weight.html_bytes = event["encodedDataLength"]

    network.send("Network.enable")
    network.on("Network.responseReceived", received)
    network.on("Network.loadingFinished", finished)


def _response_problems(response, site):
    if not response["url"].startswith(f"{site}/"):
        return [f"asks {response['url']}"]
    headers = {name.lower(): value for name, value in response["headers"].items()}
    if "/static/" in response["url"] and "immutable" not in headers.get("cache-control", ""):
        return [f"{response['url']} may not be kept for ever"]
    return []


def main():
    """Print a line a page; answer 1 when something is wrong with one of them, else 0."""
    chromium = os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    failed = 0
    with serving() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        print(f"{'Page':30}{'HTML':>8}{'All bytes':>11}{'Requests':>10}{'Shift':>7}")
        for name, path in PAGES.items():
            weight = weigh(browser, site, path)
            problems = "; ".join(weight.problems)
            failed |= bool(problems)
            numbers = f"{weight.html_bytes:8.0f}{weight.all_bytes:11.0f}{weight.requests:10}{weight.shift:7.3f}"
            print(f"{name:30}{numbers}  {problems}".rstrip())
        browser.close()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
