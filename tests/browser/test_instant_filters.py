"""Filters that apply at once: what shows, what the address says, where the focus is, and what is said aloud."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.listing import LIST, box, shows

POLICE = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15]
SLOW = "Still fetching the list…"
LISTEN = """
window.said = [];
new MutationObserver(() => {
  const text = document.getElementById("announce").textContent;
  if (text) window.said.push(text);
}).observe(document.getElementById("announce"), { childList: true, characterData: true, subtree: true });
"""


class Held:
    """Holds back the requests of filters until `go()` or `fail()`; the newest one is the last."""

    def __init__(self, page):
        self.page, self.routes = page, []
        page.route(lambda address: LIST in address, self._hold)

    def _hold(self, route):
        if route.request.headers.get("hx-request") == "true":
            self.routes.append(route)
        else:
            route.continue_()

    def wait(self, count=1):
        """Wait until so many requests were made."""
        for _ in range(500):
            if len(self.routes) >= count:
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{len(self.routes)} of {count} requests were made")

    def go(self):
        """Let the newest request go on, and those after it."""
        self.routes[-1].continue_()
        self.page.unroute_all()


@pytest.fixture
def listed(page):
    """The list of activities, with an ear for what is said aloud: `page.evaluate("said")`."""
    page.goto(LIST)
    page.evaluate(LISTEN)
    return page


def said(page):
    """What was said aloud, but for the notice of slowness: the machine may be busy."""
    return [text for text in page.evaluate("said") if text != SLOW]


def test_choice_changes_list_counts_chips_address_and_title_and_keeps_the_focus(listed):
    box(listed, "Police").focus()
    listed.keyboard.press("Space")

    shows(listed, POLICE)
    expect(listed).to_have_url(re.compile(r"/activities/\?agency=police$"))
    expect(listed).to_have_title("Agency: Police – Activities – Year Two ROCC Action Plan")
    expect(listed.locator("#chosen")).to_have_text("(1 chosen)")
    expect(listed.get_by_role("link", name="Remove filter Agency: Police")).to_be_visible()
    expect(listed.locator("label:has(#focus-supply) .facet__count")).to_have_text(re.compile(r"^\s*3\s"))
    expect(listed.locator("#agency-police")).to_be_focused()
    assert said(listed) == ["13 of 15 activities"]


def test_typing_fast_loses_neither_letters_nor_focus_and_is_said_once(listed):
    # The clock stands still meanwhile: a busy machine may take longer between two letters than the page waits for.
    listed.clock.pause_at(listed.evaluate("Date.now()") + 1000)
    listed.locator("#q").press_sequentially("kainga ora", delay=40)
    listed.clock.resume()

    expect(listed).to_have_url(re.compile(r"\?q=kainga\+ora$"))
    shows(listed, [5, 7])
    # The title changes last, after the count was said.
    expect(listed).to_have_title(re.compile("kainga ora"))
    expect(listed.locator("#q")).to_have_value("kainga ora")
    expect(listed.locator("#q")).to_be_focused()
    assert said(listed) == ["2 of 15 activities"]
    assert {mark.lower() for mark in listed.locator("#results mark").all_inner_texts()} == {"kāinga", "ora"}


def test_letters_typed_while_an_answer_is_on_its_way_stay(listed):
    held = Held(listed)
    listed.locator("#q").press_sequentially("kainga")
    held.wait()
    listed.locator("#q").press_sequentially(" or")
    held.wait(2)
    held.go()

    shows(listed, [5, 7])
    expect(listed.locator("#q")).to_have_value("kainga or")
    expect(listed).to_have_url(re.compile(r"\?q=kainga\+or$"))


def test_back_and_forward_bring_address_boxes_words_and_list_in_step(listed):
    box(listed, "Police").check()
    shows(listed, POLICE)
    box(listed, "Supply").check()
    shows(listed, [1, 2, 3])
    listed.locator("#q").fill("deportee")
    shows(listed, [2, 3])

    def is_at(query, numbers, police, supply, words):
        expect(listed).to_have_url(re.compile(rf"/activities/{re.escape(query)}$"))
        shows(listed, numbers)
        expect(box(listed, "Police")).to_be_checked(checked=police)
        expect(box(listed, "Supply")).to_be_checked(checked=supply)
        expect(listed.locator("#q")).to_have_value(words)

    is_at("?q=deportee&agency=police&focus=supply", [2, 3], True, True, "deportee")
    listed.go_back()
    is_at("?agency=police&focus=supply", [1, 2, 3], True, True, "")
    listed.go_back()
    is_at("?agency=police", POLICE, True, False, "")
    listed.go_back()
    is_at("", list(range(1, 16)), False, False, "")
    listed.go_forward()
    is_at("?agency=police", POLICE, True, False, "")
    listed.get_by_role("link", name="Operation Cobalt").click()
    expect(listed.get_by_role("heading", level=1)).to_have_text("1. Operation Cobalt")
    listed.go_back()
    is_at("?agency=police", POLICE, True, False, "")


def test_filter_taken_off_leaves_the_focus_at_the_count(listed):
    box(listed, "Police").check()
    shows(listed, POLICE)
    listed.get_by_role("link", name="Remove filter Agency: Police").press("Enter")

    shows(listed, list(range(1, 16)))
    expect(listed.locator("#count")).to_be_focused()
    expect(box(listed, "Police")).not_to_be_checked()
    expect(listed.locator("#chosen")).to_have_text("")


def test_words_taken_off_empty_the_search_box(listed):
    listed.locator("#q").fill("kainga")
    shows(listed, [5, 7])
    listed.get_by_role("link", name="Remove filter “kainga”").click()

    shows(listed, list(range(1, 16)))
    expect(listed.locator("#q")).to_have_value("")


def test_slow_answer_is_said_to_be_slow_in_sight_and_aloud(listed):
    held = Held(listed)
    box(listed, "Police").check()
    slow = listed.get_by_text(SLOW)

    expect(slow).to_be_visible()
    assert slow.bounding_box()["width"] > 100
    expect(listed.locator("#browse")).to_have_attribute("aria-busy", "true")
    held.go()
    shows(listed, POLICE)
    assert listed.evaluate("said") == [SLOW, "13 of 15 activities"]
    expect(slow).to_have_count(0)
    expect(listed.locator("#browse")).not_to_have_attribute("aria-busy", re.compile(""))


def refuse(route):
    route.fulfill(status=500, body="<h1>Broken</h1>")


@pytest.mark.parametrize("fail", [refuse, lambda route: route.abort("connectionreset")], ids=["broken", "offline"])
def test_failed_answer_leaves_the_list_and_can_be_tried_again(listed, fail):
    listed.watch.allow("^answered 500: .*/activities/", "^failed: net::ERR_CONNECTION_RESET", "^console: ")
    listed.route(lambda address: "agency=police" in address, fail)
    box(listed, "Police").check()

    expect(listed.get_by_role("alert")).to_contain_text("The list could not be refreshed.")
    shows(listed, list(range(1, 16)))
    expect(listed).to_have_url(re.compile("/activities/$"))
    retry = listed.get_by_role("button", name="Try again")
    retry.press("Enter")
    expect(listed.locator("#announce")).to_have_text("That did not work either.")
    expect(retry).to_be_focused()
    listed.unroute_all()
    retry.press("Enter")
    shows(listed, POLICE)
    expect(listed).to_have_url(re.compile(r"/activities/\?agency=police$"))
    expect(listed.get_by_role("alert")).to_have_count(0)
    expect(listed.locator("#count")).to_be_focused()


def test_ended_session_leads_to_the_sign_in_page_and_back_to_the_chosen_list(open_page, reader, settings, client):
    settings.ROCC_OPEN_READING = False
    page = open_page(by=reader)
    page.goto(LIST)
    page.context.clear_cookies()
    # `check()` would go on to look whether the box is ticked, on a page that may have gone by then.
    box(page, "Police").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    goal = page.locator("form[action='/accounts/login/'] input[name=next]").get_attribute("value")
    assert (urlsplit(goal).path, parse_qs(urlsplit(goal).query)["agency"]) == (LIST, ["police"])


def test_order_grouping_and_view_follow_whatever_changed_them(listed):
    listed.get_by_label("View").focus()
    listed.get_by_label("View").select_option("Table")
    expect(listed.get_by_role("table")).to_be_visible()
    expect(listed).to_have_url(re.compile(r"\?view=table$"))
    expect(listed.locator("#view")).to_be_focused()
    listed.get_by_role("columnheader", name="Title").get_by_role("link").click()
    expect(listed).to_have_url(re.compile(r"\?sort=title&view=table$|\?view=table&sort=title$"))
    expect(listed.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "ascending")
    expect(listed.get_by_label("Sort by")).to_have_value("title")
    expect(listed.get_by_label("Group by")).to_have_value("none")
    expect(listed.locator("#by-title")).to_be_focused()
    listed.get_by_label("Group by").focus()
    listed.get_by_label("Group by").select_option("Lead agency")
    expect(listed.get_by_role("rowheader", name="Kāinga Ora", exact=True)).to_be_visible()
    expect(listed.locator("#group")).to_be_focused()


def test_misspelt_agency_is_offered_as_it_is_spelt(listed):
    listed.locator("#q").fill("kianga ora")
    shows(listed, [])
    listed.get_by_role("link", name="Kāinga Ora").click()

    shows(listed, [5, 7])
    expect(listed.locator("#q")).to_have_value("Kāinga Ora")
