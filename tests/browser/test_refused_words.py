"""Somebody types, something stops the form, and their words are on the answer and there after going back."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import expect

from plans.models import Activity, Agency, Plan, ReportingRound, Session, StatusUpdate
from plans.views import updates
from tests.browser.listing import LIST, PLAN

WORDS = "Two regions wait for staff; “Kāinga Ora” <met> & agreed."
UPDATE = f"{LIST}5/update/"
PASSWORD = "nine quiet herons wade"
HAPPENED = re.compile("What has happened")


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def open_form(open_page, police_updater, request):
    """Opens the form for an update, writes into it, and answers the page: `open_form(answered=403)`."""

    def opening(*answered):
        page = open_page(by=police_updater, java_script_enabled=request.param)
        for status in answered:
            page.watch.allow(f"answered {status}: ", f"console: .*status of {status} ")
        page.goto(UPDATE)
        page.get_by_label("On track").check()
        page.get_by_label(HAPPENED).fill(WORDS)
        return page

    return opening


def save(page):
    page.get_by_role("button", name="Save update").click()


def see_words(page, heading, label=HAPPENED):
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_label(label)).to_have_value(WORDS)


def lose_right():
    Activity.objects.get(number=5).agency_links.filter(role="lead").update(agency=Agency.objects.get(code="swa"))


def withdraw():
    Activity.objects.filter(number=5).update(withdrawn_on=timezone.localdate())


def unpublish():
    Plan.objects.update(is_published=False, is_current=False)


NO_PERMISSION = "You do not have permission to do this"


@pytest.mark.parametrize(
    ("happens", "status", "heading"),
    [(lose_right, 403, NO_PERMISSION), (withdraw, 403, NO_PERMISSION), (unpublish, 404, "Page not found")],
    ids=["lead changed", "activity withdrawn", "plan unpublished"],
)
def test_words_are_there_when_the_form_may_not_be_sent_any_more(open_form, happens, status, heading):
    page = open_form(status)
    happens()
    save(page)

    see_words(page, heading)
    page.go_back()
    see_words(page, heading)
    assert StatusUpdate.objects.count() == 0


def test_words_are_saved_by_trying_again_once_the_right_is_back(open_form):
    page = open_form(403)
    links = Activity.objects.get(number=5).agency_links.filter(role="lead")
    before = links.get().agency
    lose_right()
    save(page)
    see_words(page, NO_PERMISSION)
    links.update(agency=before)
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("status")).to_contain_text("Update saved")
    assert StatusUpdate.objects.get().what_happened == WORDS
    page.goto(UPDATE)
    expect(page.get_by_label(HAPPENED)).to_have_value("")


def test_words_survive_the_end_of_the_session_and_going_back(open_form, police_updater):
    police_updater.user.set_password(PASSWORD)
    police_updater.user.save()
    police_updater.force_login(police_updater.user)
    page = open_form(403)
    Session.objects.update(expire_date=timezone.now())
    save(page)

    see_words(page, "Sign in to continue")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to continue")
    page.get_by_label("Email").fill(police_updater.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label(HAPPENED)).to_have_value(WORDS)
    expect(page.get_by_text("What you entered earlier is in the form below.")).to_be_visible()
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Update saved")
    page.go_back()
    expect(page.get_by_label(HAPPENED)).to_have_value("")
    expect(page.get_by_text("What you entered earlier")).to_have_count(0)


def test_words_survive_a_token_that_is_out_of_date(open_form):
    page = open_form()
    page.context.clear_cookies(name="csrftoken")
    save(page)

    expect(page.get_by_label(HAPPENED)).to_have_value(WORDS)
    page.goto(LIST)
    page.go_back()
    expect(page.get_by_label(HAPPENED)).to_have_value(WORDS)


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (OperationalError("database is locked"), 503, "The tracker is busy"),
        (RuntimeError("odd"), 500, "Sorry, there is a problem with the tracker"),
        (PermissionDenied("lost while saving"), 403, NO_PERMISSION),
    ],
    ids=["busy", "broken", "refused"],
)
def test_words_survive_what_goes_wrong_while_they_are_saved(open_form, monkeypatch, error, status, heading):
    def fail(**told):
        raise error

    page = open_form(status)
    with monkeypatch.context() as patched:
        patched.setattr(updates, "record_update", fail)
        save(page)
        see_words(page, heading)
        page.go_back()
        expect(page.get_by_label(HAPPENED)).to_have_value(WORDS)
        save(page)
        see_words(page, heading)
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("status")).to_contain_text("Update saved")
    assert StatusUpdate.objects.get().what_happened == WORDS


def test_words_beside_a_day_that_cannot_be_are_in_the_form_after_going_back(open_page, programme_admin, year_two):
    page = open_page(by=programme_admin, java_script_enabled=False)
    page.goto(f"{PLAN}rounds/open/")
    page.get_by_label("Name").fill(WORDS)
    page.get_by_label("Due date").fill("2020-01-01")
    page.get_by_role("button", name="Open the round").click()

    expect(page.get_by_label("Name")).to_have_value(WORDS)
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value(WORDS)
    page.get_by_role("button", name="Discard what I wrote").click()
    expect(page.get_by_label("Name")).to_have_value("")
    expect(page).to_have_url(f"{PLAN}rounds/open/")


def test_words_for_a_round_that_was_closed_meanwhile_are_shown(open_page, programme_admin, year_two):
    today = timezone.localdate()
    made = ReportingRound.objects.create(plan=year_two, name="Quarter", opened_on=today, due_on=today)
    page = open_page(by=programme_admin)
    page.goto(f"{PLAN}rounds/{made.pk}/change/")
    page.get_by_label("Name").fill(WORDS)
    ReportingRound.objects.update(closed_at=timezone.now(), closed_by=programme_admin.user)
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_label("Name")).to_have_value(WORDS)
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value(WORDS)


def test_words_in_a_form_of_the_admin_survive_losing_the_right(open_page, programme_admin, year_two):
    page = open_page(by=programme_admin)
    page.watch.allow("answered 403: ", "console: .*status of 403 ")
    page.goto("/admin/plans/agency/add/")
    page.get_by_label("Name:", exact=True).fill(WORDS)
    groups = list(programme_admin.user.groups.all())
    programme_admin.user.groups.clear()
    page.get_by_role("button", name="Save", exact=True).click()

    see_words(page, NO_PERMISSION, "Name")
    page.go_back()
    see_words(page, NO_PERMISSION, "Name")
    programme_admin.user.groups.set(groups)
    page.reload()
    expect(page.get_by_role("region", name="What you wrote").get_by_label("Name")).to_have_value(WORDS)


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (OperationalError("database is locked"), 503, "The tracker is busy"),
        (PermissionDenied("lost while saving"), 403, NO_PERMISSION),
    ],
    ids=["busy", "refused"],
)
@pytest.mark.parametrize("with_scripts", [True, False])
def test_words_of_every_card_are_there_after_one_was_refused(
    open_page, police_updater, year_two, monkeypatch, error, status, heading, with_scripts
):
    def fail(**told):
        raise error

    page = open_page(by=police_updater, java_script_enabled=with_scripts)
    page.watch.allow(f"answered {status}: ", f"console: .*status of {status} ")
    today = timezone.localdate()
    ReportingRound.objects.create(plan=year_two, name="Quarter", opened_on=today, due_on=today)
    page.goto(f"{PLAN}updates/")
    for number, words in ((5, WORDS), (8, "Said of another.")):
        card = page.locator(f"#activity-{number}")
        if not card.get_by_label(HAPPENED).is_visible():
            card.get_by_text("Add update").click()
        card.get_by_label("On track").check()
        card.get_by_label(HAPPENED).fill(words)
    with monkeypatch.context() as patched:
        patched.setattr(updates, "record_update", fail)
        page.locator("#activity-5").get_by_role("button", name="Save update").click()
        see_words(page, heading)
        page.go_back()
        expect(page.locator("#activity-5").get_by_label(HAPPENED)).to_have_value(WORDS)
        expect(page.locator("#activity-8").get_by_label(HAPPENED)).to_have_value("Said of another.")
    page.locator("#activity-5").get_by_role("button", name="Save update").click()

    expect(page.get_by_text("Update saved")).to_be_visible()
    expect(page.locator("#activity-8").get_by_label(HAPPENED)).to_have_value("Said of another.")
    assert StatusUpdate.objects.get().what_happened == WORDS
