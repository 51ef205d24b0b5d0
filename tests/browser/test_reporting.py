"""How agencies report, from signing in to the update that is saved, and what becomes of a round."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from plans.actions import record_update
from plans.choices import Status
from plans.models import Activity, Agency, Barrier, ReportingRound, Session, StatusUpdate
from tests.browser.listing import PLAN

MINE = f"{PLAN}updates/"
PASSWORD = "nine quiet herons wade"
OWED_BY_POLICE = [1, 5, 8, 10, 13]
LAST_TIME = timedelta(days=90)


class Hand:
    """A person at a page, whose clicks and keys are counted."""

    def __init__(self, page):
        self.page, self.clicks, self.keys = page, 0, 0

    def click(self, role, name, **options):
        """Click the one thing of that role and name."""
        self.clicks += 1
        self.page.get_by_role(role, name=name, **options).click()

    def type(self, text):
        """Type where the focus is."""
        self.keys += len(text)
        self.page.keyboard.type(text)

    def press(self, key):
        """Press one key."""
        self.keys += 1
        self.page.keyboard.press(key)


@pytest.fixture
def december(year_two):
    """The open round, and reports of Police and Oranga Tamariki from before it."""
    today = timezone.localdate()
    return ReportingRound.objects.create(
        plan=year_two, name="December quarter", opened_on=today, due_on=today + timedelta(days=9)
    )


@pytest.fixture
def told_before(december, police_updater):
    """Records what Police said of an activity in an earlier round, which needs no word from anybody else."""

    def record(number, status=Status.ON_TRACK):
        return StatusUpdate.objects.create(
            activity=Activity.objects.get(number=number),
            agency=Agency.objects.get(code="police"),
            author=police_updater.user,
            status=status,
            what_happened=f"Said of {number} before.",
            made_at=timezone.now() - LAST_TIME,
        )

    return record


@pytest.fixture
def sign_in():
    """Signs a person in by the sign-in page: `sign_in(page, client)`."""

    def at(page, client):
        client.user.set_password(PASSWORD)
        client.user.save()
        page.goto("/accounts/login/")
        enter(page, client)

    return at


def enter(page, client):
    page.get_by_label("Email").fill(client.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def card(page, number):
    """The card of an activity on My updates."""
    return page.locator(f"#activity-{number}")


def asks_about(page, numbers):
    """Wait until My updates asks about these activities, in this order."""
    expect(page).to_have_url(re.compile(rf"{MINE}(\?.*)?(#.*)?$"))
    cards = page.locator("section[id^=activity-]")
    expect(cards).to_have_count(len(numbers))
    for place, number in enumerate(numbers):
        expect(cards.nth(place)).to_have_id(f"activity-{number}")


def said():
    """What was reported, oldest first."""
    rows = StatusUpdate.objects.order_by("made_at", "pk")
    return list(rows.values_list("activity__number", "status", "what_happened", "is_no_change"))


@pytest.mark.parametrize("with_scripts", [True, False])
def test_police_updater_reports_all_that_police_owes_in_one_visit(
    open_page, police_updater, sign_in, told_before, with_scripts
):
    for number in (5, 13):
        told_before(number)
    page = open_page(java_script_enabled=with_scripts)
    sign_in(page, police_updater)
    page.get_by_role("link", name="My updates").click()
    asks_about(page, [1, 8, 10, 5, 13])

    card(page, 1).get_by_label("Off track").check()
    card(page, 1).get_by_label("What has happened?").fill("Phase three has not begun.")
    card(page, 1).get_by_text("Next steps and barriers").click()
    card(page, 1).get_by_label("Next steps").fill("Ask for staff.")
    card(page, 1).get_by_label("Barriers").fill("No staff in two districts.")
    card(page, 1).get_by_label("Escalate").check()
    card(page, 1).get_by_role("button", name="Save update").click()
    for place, number in enumerate((8, 10)):
        asks_about(page, [8, 10, 5, 13][place:])
        card(page, number).get_by_label("On track").check()
        card(page, number).get_by_label("What has happened?").fill(f"Said of {number}.")
        card(page, number).get_by_role("button", name="Save update").click()
    for number in (5, 13):
        card(page, number).get_by_role("button", name="No change since").click()

    expect(page.get_by_role("heading", name="All 5 done")).to_be_visible()
    done = page.get_by_role("main").locator(".empty").get_by_role("link").filter(has_not_text="Correct")
    expect(done).to_have_text([re.compile(rf"^\s*{number}\.") for number in OWED_BY_POLICE])
    assert said()[2:] == [
        (1, "off_track", "Phase three has not begun.", False),
        (8, "on_track", "Said of 8.", False),
        (10, "on_track", "Said of 10.", False),
        (5, "on_track", "", True),
        (13, "on_track", "", True),
    ]
    assert list(Barrier.objects.values_list("text", "is_escalated")) == [("No staff in two districts.", True)]


def test_no_change_is_two_clicks_away_from_signing_in(page, police_updater, sign_in, told_before):
    told_before(1)
    sign_in(page, police_updater)
    hand = Hand(page)

    hand.click("link", "My updates")
    hand.click("button", "No change since")

    expect(page.get_by_role("status")).to_contain_text("Update saved: 1. Operation Cobalt.")
    assert said()[1:] == [(1, "on_track", "", True)]
    assert (hand.clicks, hand.keys) == (2, 0)


def test_full_update_is_three_clicks_one_key_and_the_words(page, police_updater, sign_in, told_before):
    told_before(1)
    for number in OWED_BY_POLICE[1:]:
        record_update(
            activity=Activity.objects.get(number=number),
            by=police_updater.user,
            status=Status.ON_TRACK,
            agency=Agency.objects.get(code="police"),
        )
    sign_in(page, police_updater)
    hand = Hand(page)

    hand.click("link", "My updates")
    hand.click("radio", "At risk")
    hand.press("Tab")
    hand.type("Two districts wait for staff.")
    hand.click("button", "Save update")

    expect(page.get_by_role("status")).to_contain_text("Update saved: 1. Operation Cobalt.")
    assert said()[-1] == (1, "at_risk", "Two districts wait for staff.", False)
    assert (hand.clicks, hand.keys) == (3, 1 + len("Two districts wait for staff."))


def test_two_updaters_collide_and_both_texts_survive(open_page, police_updater, make_updater, december):
    other = make_updater("updater@ot.example", "Oranga Tamariki updater", "oranga-tamariki")
    mine, theirs = open_page(by=police_updater), open_page(by=other)
    mine.watch.allow("409")
    for page in (mine, theirs):
        page.goto(f"{PLAN}activities/8/update/")
    theirs.get_by_label("At risk").check()
    theirs.get_by_label("What has happened?").fill("Theirs: the plan is late.")
    theirs.get_by_role("button", name="Save update").click()
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Oranga Tamariki Action Plan")

    mine.get_by_label("On track").check()
    mine.get_by_label("What has happened?").fill("Ours: our part is done.")
    mine.get_by_role("button", name="Save update").click()
    expect(mine.get_by_role("alert")).to_contain_text("Someone else updated this activity while you were writing.")
    crossed = mine.get_by_role("region", name="The earlier update, theirs and yours")
    happened = crossed.get_by_role("row", name="What happened").get_by_role("cell")
    expect(happened).to_have_text(["", "Theirs: the plan is late.", "Ours: our part is done."])
    expect(mine.get_by_label("What has happened")).to_have_value("Ours: our part is done.")
    assert [words for _, _, words, _ in said()] == ["Theirs: the plan is late."]
    mine.get_by_role("button", name="Save update").click()

    expect(mine.get_by_role("heading", level=1)).to_contain_text("Oranga Tamariki Action Plan")
    assert [(status, words) for _, status, words, _ in said()] == [
        ("at_risk", "Theirs: the plan is late."),
        ("on_track", "Ours: our part is done."),
    ]
    # As what that lead agency last said, and among the updates.
    expect(mine.get_by_text("Theirs: the plan is late.")).to_have_count(2)


def test_what_was_typed_when_the_session_ended_is_there_after_signing_in(page, police_updater, sign_in, december):
    page.watch.allow("403")
    sign_in(page, police_updater)
    page.goto(MINE)
    card(page, 1).get_by_label("At risk").check()
    card(page, 1).get_by_label("What has happened?").fill("Typed at length.")
    Session.objects.all().delete()
    card(page, 1).get_by_role("button", name="Save update").click()
    expect(page.get_by_role("heading", name="Sign in to continue")).to_be_visible()
    assert said() == []

    enter(page, police_updater)
    expect(page.get_by_label("At risk")).to_be_checked()
    expect(page.get_by_label("What has happened?")).to_have_value("Typed at length.")
    page.get_by_role("button", name="Save update").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("December quarter updates")
    assert said() == [(1, "at_risk", "Typed at length.", False)]


def test_programme_admin_opens_a_round_reminds_and_closes_it(open_page, programme_admin, make_updater, year_two):
    make_updater("updater@police.example", "Police updater", "police")
    page = open_page(by=programme_admin)
    page.goto(f"{PLAN}rounds/")
    page.get_by_role("link", name="Open a round").click()
    page.get_by_label("Name").fill("December quarter")
    page.get_by_label("Due date").fill((timezone.localdate() + timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Open the round").click()
    expect(page.get_by_role("main")).to_contain_text("0 of 15 received")

    hand = Hand(page)
    hand.click("button", "Send reminders")
    expect(page.get_by_role("main")).to_contain_text("To Police updater (updater@police.example)")
    expect(page.get_by_role("main")).to_contain_text("Email with 5 activities: 1, 5, 8, 10, 13")
    assert mail.outbox == []
    hand.click("button", "Send 1 email")
    expect(page.get_by_role("status")).to_contain_text("1 reminder sent.")
    expect(page.get_by_role("row", name="Police", exact=False).first).to_contain_text("Reminded")
    assert [one.to for one in mail.outbox] == [["updater@police.example"]]
    assert (hand.clicks, hand.keys) == (2, 0)
    page.get_by_role("link", name="Close the round").click()
    expect(page.get_by_role("main")).to_contain_text("A closed round cannot be opened again.")
    page.get_by_role("button", name="Close the round").click()

    expect(page.get_by_role("main")).to_contain_text("Results at closing.")
    assert ReportingRound.objects.get().closed_by == programme_admin.user
