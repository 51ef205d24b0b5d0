"""A program that checks mail opens every link and presses every button: 0 updates, and the links still work."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from plans.actions.daily_mail import plan_day
from plans.actions.outbox import send_due
from plans.actions.update_links import link_for, not_me_token, report_by_link, update_token, updates_by
from plans.models import (
    Activity,
    Agency,
    AuditEvent,
    Barrier,
    Membership,
    OutgoingMessage,
    ReportingRound,
    StatusUpdate,
    UpdateLink,
    User,
)
from tests.hostile_scanner.scanner import links_in, scan
from tests.views.page import Page
from tests.views.test_cards import fields_of

pytestmark = pytest.mark.browser


@pytest.fixture
def december(year_two):
    today = timezone.localdate()
    days = {"opened_on": today, "due_on": today + timedelta(days=9)}
    return ReportingRound.objects.create(plan=year_two, name="December quarter", **days)


@pytest.fixture
def link(december, police_updater):
    """A link by which one activity was reported on, to be reversed; and a status of before to be repeated."""
    link = link_for(police_updater.user, december)
    said = {"agency": Agency.objects.get(code="police"), "author": link.person, "status": "on_track"}
    StatusUpdate.objects.create(activity=Activity.objects.get(number=1), round=december, by_link=link, **said)
    before = timezone.now() - timedelta(days=90)
    StatusUpdate.objects.create(activity=Activity.objects.get(number=5), made_at=before, **said)
    return link


@pytest.fixture
def emails(link, settings):
    """A reminder, and the receipt of an update by its link."""
    settings.SITE_URL = "https://tracker.example.govt.nz"
    with time_machine.travel(f"{timezone.localdate():%Y-%m-%d} 09:00 +13:00", tick=False):
        plan_day()
        send_due()
    activity, police = Activity.objects.get(number=8), Agency.objects.get(code="police")
    report_by_link(link=link, reports={activity: {"status": "on_track", "agency": police}})
    send_due()
    assert [one.subject for one in mail.outbox] == [mail.outbox[0].subject, "December quarter: updates saved"]
    return list(mail.outbox)


def state():
    """All that a link could change."""
    models = (StatusUpdate, UpdateLink, AuditEvent, Barrier, Activity, User, OutgoingMessage, Membership)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_scanner_changes_nothing_and_the_links_still_work(open_page, link, emails):
    page, before = open_page(), state()
    found = [address for one in emails for address in links_in(one)]

    opened = scan(page, found)

    assert state() == before
    update, not_me = f"/u/{update_token(link)}/", f"/not-me/{not_me_token(link)}/"
    assert {update, not_me} < set(opened)
    assert [address for address in opened if address.startswith("/unsubscribe/")]
    data = fields_of(Page(Client().get(update)))
    card = next(name.removesuffix("-seen") for name in data if name.endswith("-seen"))
    Client().post(update, data | {f"{card}-status": "on_track"})
    assert len(updates_by(link)) == 3
    Client().post(not_me, {"update": [one.pk for one in updates_by(link)]})
    assert updates_by(link) == []


@pytest.mark.parametrize(("width", "java_script_enabled"), [(1280, True), (390, False)])
def test_person_reports_by_the_link_and_reverses_it_in_a_browser(open_page, link, width, java_script_enabled):
    page = open_page(width=width, java_script_enabled=java_script_enabled)
    page.goto(f"/u/{update_token(link)}/")
    card = page.locator("section.update-card").first
    card.get_by_role("radio", name="On track").check()
    card.get_by_label("What has happened").fill("Trained 40 staff")
    page.get_by_role("button", name="Send updates").click()
    page.get_by_text("1 update saved.").wait_for()

    page.goto(f"/not-me/{not_me_token(link)}/")
    page.get_by_role("button", name="Reverse and end the link").click()
    page.get_by_text("Choose at least one.").wait_for()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Reverse and end the link").click()
    page.get_by_text("1 update reversed.").wait_for()

    assert [one.activity.number for one in updates_by(link)] == [1]
    assert not any(request.headers.get("referer") for request in page.watch.requests)
