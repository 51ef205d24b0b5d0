"""A program that checks mail, at its worst: opens every link, runs the scripts of its page, presses every button."""

import re

from django.test import Client

LINK = re.compile(r"https?://[^\s<>\"')\]]+")
PRESSED = "button, input[type=submit], input[type=button], [role=button]"


def links_in(message):
    """Return the links of an email (`django.core.mail`), in its text and its HTML, each once."""
    texts = [message.body, *(body for body, kind in getattr(message, "alternatives", ()) if kind == "text/html")]
    headers = message.extra_headers.get("List-Unsubscribe", "")
    return list(dict.fromkeys(LINK.findall(" ".join([*texts, headers]).replace("&amp;", "&"))))


def scan(page, addresses):
    """Do to each of `addresses` all that is known of such programs; `page` is one of Chromium. Returns what was opened.

    Each is asked for without a browser, by GET and HEAD. In the browser every button of the page is pressed, one after
    the other on the page as it was opened, and on the page that it led to all of them once more.
    """
    opened = []
    # "Leave this page?" is no question for it.
    page.on("dialog", lambda dialog: dialog.accept())
    for address in addresses:
        path = re.sub(r"^https?://[^/]+", "", address)
        for ask in (Client().get, Client().head):
            ask(path)
        opened.append(path)
        _press_each(page, path)
    return opened


def _press_each(page, path):
    page.goto(path)
    for number in range(page.locator(PRESSED).count()):
        page.goto(path)
        _press(page, page.locator(PRESSED).nth(number))
        # What is there now, whether it is the same page or the next one.
        for further in range(page.locator(f"main :is({PRESSED})").count()):
            _press(page, page.locator(f"main :is({PRESSED})").nth(further))


def _press(page, one):
    """Press as these programs do: what is covered, folded away or hidden is pressed as well."""
    if one.is_visible():
        # Waits for the page that it leads to.
        one.click(force=True)
    else:
        one.dispatch_event("click")
    page.wait_for_load_state("load")
