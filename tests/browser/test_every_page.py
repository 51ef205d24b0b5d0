"""Every page and state in `PLACES` for everybody: light and dark, wide and narrow, by axe and by measuring."""

import json
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone

from plans.choices import BY_URGENCY, Status
from plans.models import (
    Activity,
    Agency,
    Barrier,
    EvidenceLink,
    Membership,
    Plan,
    Reminder,
    ReportingRound,
    RollOver,
    StatusUpdate,
    UpdateLink,
)
from plans.views import form_recovery
from plans.views.form_input import read_form_input
from rocc.single_sign_on import SignInProvider
from tests.browser.listing import LIST, PLAN
from tests.browser.places import LINK_MADE, MADE, PLACES, Place
from tests.views.imports import make_every_sort

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RULES_OF_ROOM = ["target-size", "scrollable-region-focusable", "meta-viewport"]
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]
SCRIPTS = [AXE_FILE_PATH, Path(__file__).parent / "looking.js"]
# A window of 1280 px at 400 %.
NARROW = 320


@pytest.fixture
def every_status(year_two, report, make_user, settings):
    """The plan with every status in it, an open round, a report, a barrier; a plan without activities beside it."""
    settings.ROCC_SSO = [
        SignInProvider("police", "Police", "https://login.example", "tracker", "secret", ("police.example",))
    ]
    for activity, status in zip(year_two.activities.order_by("number"), [*Status] * 3, strict=False):
        Activity.objects.filter(pk=activity.pk).update(status=status)
    today = timezone.localdate()
    for number, days in ((2, -9), (3, 9), (4, 99)):
        year_two.activities.filter(number=number).update(due_on=today + timedelta(days=days))
    ReportingRound.objects.create(pk=MADE, plan=year_two, name="This quarter", opened_on=today, due_on=today)
    said = {"what_happened": "Two regions wait for a decision.", "barrier": "No decision yet."}
    update = report(year_two.activities.get(number=3), Status.AT_RISK, **said)
    Barrier.objects.create(pk=MADE, activity=update.activity, update=update, text=update.barrier)
    person = make_user("person@agency.example", pk=MADE, name="MSD updater")
    round_ = ReportingRound.objects.get(pk=MADE)
    lead = Agency.objects.get(code="police")
    replaced = {"retracted_at": timezone.now(), "retracted_by": person, "replaced_by_id": MADE + 1}
    # The newer one first, for the older one to name it.
    for pk, number, more in ((MADE, 13, {}), (MADE + 1, 12, {}), (MADE + 2, 12, replaced)):
        fields = {"agency": lead, "author": person, "round": round_, "status": Status.AT_RISK, "what_happened": "Said."}
        StatusUpdate.objects.create(pk=pk, activity=year_two.activities.get(number=number), **fields, **more)
    address = "https://www.police.govt.nz/about-us/publication/report-on-the-first-year"
    for number, label in ((13, "Report on the first year"), (3, "")):
        link = {"activity": year_two.activities.get(number=number), "address": address, "label": label}
        EvidenceLink.objects.create(pk=MADE + 13 - number, author=person, **link)
    Membership.objects.create(user=person, agency=Agency.objects.get(code="msd"))
    by_link = UpdateLink.objects.create(person=person, round=round_, public_id=LINK_MADE)
    fields = {"agency": lead, "author": person, "round": round_, "status": Status.AT_RISK, "by_link": by_link}
    StatusUpdate.objects.create(activity=year_two.activities.get(number=8), **fields)
    results = ({"state": "failed", "problem": "No answer."}, {"state": "sent", "sent_at": timezone.now()})
    for day, result in enumerate(results, 1):
        told = {"person": person, "day": today - timedelta(days=day), "activity_count": 2, "by": person}
        Reminder.objects.create(round=round_, **told, **result).agencies.add(Agency.objects.get(code="msd"))
    make_every_sort(year_two, person, MADE)
    draft = Plan.objects.create(slug="next", name="Next plan", short_name="Next")
    made = {"old_plan": year_two, "new_plan": draft, "made_at": timezone.now(), "made_by": person}
    RollOver.objects.create(**made).choices.create(activity=year_two.activities.get(number=1), outcome="continue")
    Plan.objects.create(slug="bare", name="Bare plan", short_name="Bare", is_published=True)


@pytest.fixture
def go(open_page, every_status, request, monkeypatch):
    """Goes to a place, as a page with the measures of `looking.js` in it: `go(place, **options of open_page)`."""

    def look(place, **options):
        page = open_page(by=place.by and request.getfixturevalue(place.by), **options)
        if place.status >= 400:
            page.watch.allow(f"answered {place.status}: ", f"console: .*status of {place.status} ")
        if place.wrote:
            keep(request.getfixturevalue(place.by), place)
        replace(place, monkeypatch)
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


def replace(place, monkeypatch):
    """Have the functions that the place names fail, or say no."""
    for function, answer in ((place.breaks, lambda *args: 1 / 0), (place.denies, lambda *args: False)):
        if function:
            monkeypatch.setattr(function, answer)


def keep(client, place):
    """Have what was written be kept at the address, as after it was refused."""
    refused = RequestFactory().post(place.address, dict(place.wrote))
    refused.user, refused.session = client.user, client.session
    assert form_recovery.keep(refused, read_form_input(refused)).is_kept


def barriers(page, rules=RULES, without=(), part="document"):
    """What axe finds wrong in a `part` of the page, all of it by default: [(rule, the element, what it says of it)]."""
    left_out = {rule: {"enabled": False} for rule in without}
    options = json.dumps({"runOnly": rules, "rules": left_out, "resultTypes": ["violations"]})
    found = page.evaluate(f"axe.run({part}, {options})")["violations"]
    return [(one["id"], node["html"][:200], node["failureSummary"]) for one in found for node in one["nodes"]]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page_has_no_barrier_in_any_light_at_any_width(go, place):
    page, found = go(place, color_scheme="light"), []

    # In the dark only colours are others, and on a narrow page what there is room for.
    for width, rules_in_light in ((1280, RULES), (NARROW, RULES_OF_ROOM)):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in (("light", rules_in_light), ("dark", RULES_OF_COLOUR)):
            page.emulate_media(color_scheme=scheme)
            found += [(width, scheme, *barrier) for barrier in barriers(page, rules)]
        found += [(width, "reaches beyond the window", one) for one in page.evaluate("looking.overflowing()")]
        found += [(width, "smaller than 24 px", one) for one in page.evaluate("looking.smallTargets()")]
    assert found == [], "\n".join(map(str, found))
    levels = page.evaluate("looking.headings()")
    assert levels.count(1) == 1
    assert [(one, following) for one, following in pairwise(levels) if following > one + 1] == []


@pytest.mark.parametrize("name", ["Reporting", "Manage"])
def test_open_menu_has_no_barrier_at_any_width(go, name):
    page, found = go(Place("", PLAN, by="programme_admin"), color_scheme="light"), []

    for width in (1280, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in (("light", RULES), ("dark", RULES_OF_COLOUR)):
            page.emulate_media(color_scheme=scheme)
            page.evaluate("document.querySelectorAll('.submenu').forEach((one) => { one.open = false; })")
            page.locator(".submenu summary", has_text=name).click()
            found += [(width, scheme, *barrier) for barrier in barriers(page, rules, part="'.masthead'")]
    assert found == [], "\n".join(map(str, found))


def test_every_page_has_a_title_of_its_own(
    client, every_status, programme_admin, police_updater, other_updater, reader
):
    by = {"": client, "programme_admin": programme_admin, "police_updater": police_updater, "reader": reader}
    by["other_updater"] = other_updater
    titles = {}
    for place in PLACES:
        if place.status == 200:
            response = by[place.by].get(place.address, follow=True)
            title = " ".join(re.search("<title>(.*?)</title>", response.text, re.DOTALL)[1].split())
            titles.setdefault(title, set()).add(response.request["PATH_INFO"])

    assert [(title, where) for title, where in titles.items() if len(where) > 1] == []


@pytest.mark.parametrize("address", [PLAN, LIST, f"{LIST}3/", f"{PLAN}matrix/"])
def test_page_has_no_barrier_in_forced_colours(go, address):
    page = go(Place("", address), forced_colors="active")

    # The colours are the reader's then; axe still measures ours, which the browser does not paint.
    assert barriers(page, without=["color-contrast"]) == []
    assert page.evaluate("looking.colours()") == page.evaluate("looking.systemColours()")


@pytest.mark.parametrize("address", [PLAN, LIST, f"{LIST}3/"])
def test_nothing_moves_where_people_ask_for_less_motion(go, address):
    page = go(Place("", address), reduced_motion="reduce")
    page.evaluate("document.getElementById('browse')?.setAttribute('aria-busy', 'true')")

    assert page.evaluate("looking.moving()") == []


def test_each_status_has_a_shape_and_a_word_of_its_own(go):
    page = go(Place("", PLAN), color_scheme="light")

    pills = page.locator(".legend .pill").all_inner_texts()
    assert [pill.split() for pill in pills] == [[status.shape, *status.label.split()] for status in BY_URGENCY]
    assert len({status.shape for status in Status}) == len(Status)
