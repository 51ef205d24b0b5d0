"""The column of the table of addresses that is about words: a refused form shows them again, and keeps them.

For each address that takes words and each role, what was written is on the answer, unless it was saved; and it is there
when somebody goes back, which asks for the address again.
"""

from html import escape

import pytest
from django.contrib import admin
from django.http import Http404
from django.test import Client
from django.urls import resolve, reverse

from plans.models import ImportWord
from tests.test_addresses import CASES, ROLES, TABLE, as_role, plans, walked_by  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.page import Page

WORDS = "Kapua words, “quoted” & <b>bold</b>"
PLAN = "plans/<slug:plan_slug>/"
# {route: what is sent to it}; where that can be saved by somebody, it is.
WRITTEN = {
    PLAN + "activities/<number:number>/update/": {"what_happened": WORDS},
    PLAN + "activities/<number:number>/updates/<int:pk>/correct/": {"what_happened": WORDS},
    PLAN + "activities/<number:number>/updates/<int:pk>/agreement/": {"words": WORDS},
    PLAN + "activities/<number:number>/note/": {"text": WORDS},
    PLAN + "activities/<number:number>/edit/": {"description": WORDS, "items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0},
    PLAN + "add-agency/": {"note": WORDS},
    PLAN + "agencies/<slug:code>/edit/": {"note": WORDS},
    PLAN + "merge-agencies/<slug:merged>/into/<slug:into>/": {"reason": WORDS},
    PLAN + "merge-agencies/<int:pk>/undo/": {"reason": WORDS},
    "plans/new/": {"name": WORDS},
    PLAN + "packs/make/": {"title": WORDS, "at": "31 February"},
    PLAN + "packs/drafts/<int:pk>/word/": {"covering_note": WORDS},
    PLAN + "packs/<int:number>/asks/<int:pk>/decision/": {"words": WORDS},
    PLAN + "packs/<int:number>/asks/<int:pk>/done/": {"note": WORDS},
    PLAN + "roll-over/": {"activity-5-seen": "", "activity-5-sentence": WORDS},
    PLAN + "roll-over/undo/": {"reason": WORDS},
    PLAN + "edit/": {"programme": WORDS},
    PLAN + "agencies/<slug:code>/contact/": {"role": WORDS},
    PLAN + "activities/new/": {"description": WORDS, "items-TOTAL_FORMS": 0, "items-INITIAL_FORMS": 0},
    PLAN + "activities/<number:number>/finalise/": {"description": WORDS},
    PLAN + "activities/<number:number>/rating/": {"programme_rating_reason": WORDS},
    PLAN + "activities/<number:number>/end/": {"ending_note": WORDS},
    PLAN + "activities/<number:number>/withdraw/": {"reason": WORDS},
    PLAN + "activities/<number:number>/bring-back/": {"reason": WORDS},
    PLAN + "activities/<number:number>/history/<int:key>/restore/": {"reason": WORDS},
    PLAN + "rounds/open/": {"name": WORDS, "due_on": "31 February"},
    PLAN + "rounds/<int:pk>/change/": {"name": WORDS, "due_on": "31 February"},
    PLAN + "activities/<number:number>/evidence/add/": {"label": WORDS},
    PLAN + "checks/<number:number>/<slug:check>/accept/": {"reason": WORDS},
    PLAN + "barriers/<int:pk>/escalate/": {"note": WORDS},
    PLAN + "barriers/<int:pk>/resolve/": {"note": WORDS},
    PLAN + "import/": {"what": "text", "text": WORDS},
    "people/invite/": {"name": WORDS},
    PLAN + "updates/": {"activity-5-seen": "", "activity-5-what_happened": WORDS},
}
BY_LINK = "u/<str:token>/"
WRITTEN[BY_LINK] = {"activity-8-seen": "", "activity-8-what_happened": WORDS}
WRITTEN["account/tokens/"] = {"name": WORDS}
WRITTEN["account/feeds/"] = {"name": WORDS}
# What is written there is a secret, which is kept nowhere.
NEVER_KEPT = {PLAN + "webhook/"}
# Saves nothing: goes to its own page, which has the words again.
ONLY_KEEPS = {PLAN + "updates/"}
# Routes that take a form in which nothing can be written but addresses of e-mail and passwords, or nothing at all.
CHOSEN = {
    "kept/discard/",
    "account/sessions/end/",
    "account/sessions/<slug:name>/end/",
    "account/emails/",
    "account/feeds/<int:pk>/revoke/",
    "account/tokens/<int:pk>/end/",
    "people/<int:pk>/tokens/end/",
    "account/sign-in-links/<int:pk>/end/",
    "people/<int:pk>/sign-in/end/",
    "people/<int:pk>/feeds/end/",
    "people/<int:pk>/second-step/remove/",
    "account/update-links/<int:pk>/end/",
    "manage/email/<int:pk>/try-again/",
    "unsubscribe/<str:token>/",
    "not-me/<str:token>/",
    "people/<int:pk>/update-links/end/",
    "people/<int:pk>/sessions/end/",
    "people/welcome/",
    "people/<int:pk>/link/",
    "people/<int:pk>/agencies/",
    "people/<int:pk>/close/",
    "people/<int:pk>/open/",
    "people/memberships/<int:pk>/end/",
    PLAN + "import/<int:pk>/options/",
    PLAN + "import/<int:pk>/apply/",
    PLAN + "import/<int:pk>/discard/",
    PLAN + "import/<int:pk>/undo/",
    PLAN + "rounds/<int:pk>/chase/",
    PLAN + "rounds/<int:pk>/close/",
    PLAN + "make-current/",
    PLAN + "packs/template/",
    *(PLAN + f"packs/drafts/<int:pk>/{name}/" for name in ("read", "issue", "share", "discard")),
    PLAN + "roll-over/make/",
    PLAN + "roll-over/end/",
    PLAN + "checks/<number:number>/<slug:check>/withdraw/",
    PLAN + "activities/<number:number>/evidence/<int:pk>/remove/",
}
CANNOT_BE_WRITTEN = {"checkbox", "radio", "hidden", "submit", "file", "password", "date", "number", "search"}
WRITERS = ["police_updater", "other_updater", "programme_admin", "superuser"]
VISITORS = ["open visitor", "closed visitor"]
SENDERS = ["programme_admin", "superuser", "staff", "reader", "police_updater", *VISITORS]


def route_of(address):
    return resolve(address).route


def shows(response):
    """Whether an answer has the words, as text and not as markup."""
    page = response.content.decode()
    assert "<b>bold" not in page
    return escape(WORDS) in page


def offers(response):
    """Whether an answer offers words as not saved."""
    page = response.content.decode()
    return "What you entered earlier" in page or "What you wrote" in page or 'name="kept"' in page


def written_forms(page):
    """The addresses to which forms of a page send something that was written; blank for that of the page itself."""
    for one in page.main.iter("form"):
        boxes = [
            *one.iter("textarea"),
            *(box for box in one.iter("input") if box.get("type", "text") not in CANNOT_BE_WRITTEN),
        ]
        if one.get("method", "get").lower() == "post" and any(box.get("readonly") is None for box in boxes):
            buttons = [button for button in one.iter("button") if button.get("disabled") is None]
            yield from (button.get("formaction", one.get("action", "")) for button in buttons)


def test_every_form_of_the_table_is_named_here():
    with_forms = {route for route, (_, (_, writing)) in TABLE.items() if writing["superuser"] != 405}

    assert with_forms == set(WRITTEN) | CHOSEN | NEVER_KEPT


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", walked_by("police_updater", "programme_admin", roles=WRITERS))
def test_every_form_in_which_something_is_written_is_named_here(plans, as_role, role):  # noqa: F811
    client, found = as_role(role), {}
    for address, *_ in CASES:
        response = client.get(address, follow=True)
        is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
        if is_page and b"<main" in response.content:
            for action in written_forms(Page(response)):
                found[route_of(action or address)] = address

    assert found
    assert {route: address for route, address in found.items() if route not in {*WRITTEN, *NEVER_KEPT}} == {}


@pytest.mark.parametrize("role", walked_by("open visitor", "police_updater", "programme_admin"))
def test_every_form_that_is_refused_shows_and_keeps_the_words(plans, as_role, role):  # noqa: F811
    client = as_role(role)
    cases = [(address, writing[role]) for address, _, writing in CASES if route_of_case(address) in WRITTEN]
    told = {}
    for address, refused in cases:
        answer = client.post(address, WRITTEN[route_of(address)])
        again = client.get(address)
        if answer.status_code == 302 and route_of(address) in ONLY_KEEPS:
            told[address] = (answer.status_code == refused, shows(again), offers(again))
        elif answer.status_code == 302:
            told[address] = ("saved", offers(again))
        elif role in VISITORS and route_of(address) != BY_LINK:
            told[address] = (answer.status_code == refused, shows(answer), b'name="kept"' in again.content)
        else:
            # Words without the stamp of a form may cross what colleagues saved, though an empty form does not.
            is_refused = answer.status_code in {refused, 409}
            told[address] = (is_refused, shows(answer), shows(again) and offers(again))

    assert len(told) > 10
    assert {address: was for address, was in told.items() if was not in (("saved", False), (True, True, True))} == {}


def route_of_case(address):
    try:
        return route_of(address)
    except Http404:
        return None


@pytest.fixture
def staff(make_user):
    """A client of one who may enter the admin, and do nothing there."""
    client = Client()
    client.force_login(make_user("staff@programme.example", is_staff=True))
    return client


def admin_forms():
    """The addresses of the admin's forms of each kind of record, to add one and to change one: [(model, address)]."""
    for model, page in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield model, page, reverse(f"{name}_add")
        if (row := model._default_manager.order_by("pk").first()) is not None:
            yield model, page, reverse(f"{name}_change", args=[row.pk])


@pytest.mark.parametrize("role", walked_by("programme_admin", "reader", roles=SENDERS))
def test_every_form_of_the_admin_shows_and_keeps_the_words(plans, as_role, request, role):  # noqa: F811
    client = request.getfixturevalue(role) if role == "staff" else as_role(role)
    told = {}
    for model, _, address in admin_forms():
        if model is ImportWord and address.endswith("/change/"):
            # A meaning is chosen there, and nothing is written.
            continue
        answer = client.post(address, dict.fromkeys(("title", "name", "role", "statement", "word"), WORDS))
        again = client.get(address)
        if role in VISITORS:
            told[address] = (answer.status_code == 403, shows(answer), b'name="kept"' in again.content)
        elif answer.status_code == 302 and role == "superuser":
            told[address] = ("saved", offers(again))
        else:
            told[address] = (answer.status_code in (200, 403), shows(answer), shows(again) and offers(again))

    assert len(told) > 15
    assert {address: was for address, was in told.items() if was not in (("saved", False), (True, True, True))} == {}
