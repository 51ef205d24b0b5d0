"""Nothing typed is lost where agencies report: two open cards, no change beside words, leaving, pressing twice."""

import pytest
from playwright.sync_api import expect

from plans.actions import record_update
from plans.choices import Status
from plans.models import Activity, Agency, Barrier, StatusUpdate, SubActivity
from tests.browser.listing import PLAN
from tests.browser.test_reporting import MINE, card, december, said, told_before  # noqa: F401

UPDATE = f"{PLAN}activities/5/update/"


@pytest.fixture
def mine(open_page, police_updater, december):  # noqa: F811
    """Opens My updates as the Police updater: `mine(java_script_enabled=False)`."""

    def open_it(**options):
        page = open_page(by=police_updater, **options)
        page.goto(MINE)
        return page

    return open_it


@pytest.fixture
def asked():
    """Notes what a page asks before it is left, and stays: `asked(page)` is the list of what was asked so far."""

    def note(page):
        found = []

        def stay(dialog):
            found.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        return found

    return note


def open_card(page, number):
    one = card(page, number)
    if one.locator("details.update-box:not([open])").count():
        one.get_by_text("Add update").click()
    return one


@pytest.mark.parametrize("with_scripts", [True, False])
def test_saving_one_card_leaves_what_is_typed_in_another(mine, told_before, with_scripts):  # noqa: F811
    told_before(13)
    page = mine(java_script_enabled=with_scripts)
    open_card(page, 8).get_by_label("What has happened?").fill("Typed at length of 8.")
    card(page, 8).get_by_label("At risk").check()
    open_card(page, 5).get_by_label("On track").check()
    card(page, 5).get_by_label("What has happened?").fill("Said of 5.")
    card(page, 5).get_by_role("button", name="Save update").click()

    expect(page.get_by_text("What you entered earlier is in the form below.")).to_be_visible()
    expect(card(page, 8).get_by_label("What has happened?")).to_have_value("Typed at length of 8.")
    expect(card(page, 8).get_by_label("At risk")).to_be_checked()
    card(page, 13).get_by_role("button", name="No change since").click()
    expect(card(page, 8).get_by_label("What has happened?")).to_have_value("Typed at length of 8.")
    card(page, 8).get_by_role("button", name="Save update").click()

    expect(card(page, 8)).to_have_count(0)
    assert said()[1:] == [
        (5, "on_track", "Said of 5.", False),
        (13, "on_track", "", True),
        (8, "at_risk", "Typed at length of 8.", False),
    ]


@pytest.mark.parametrize("with_scripts", [True, False])
@pytest.mark.parametrize("address", [MINE, UPDATE])
def test_no_change_beside_words_is_refused_and_the_words_stay(mine, told_before, address, with_scripts):  # noqa: F811
    told_before(5)
    page = mine(java_script_enabled=with_scripts)
    page.goto(address)
    one = open_card(page, 5) if address == MINE else page.get_by_role("main")
    one.get_by_label("What has happened").fill("Something did happen.")
    one.get_by_role("button", name="No change since").click()

    expect(page.get_by_role("alert")).to_contain_text(
        "You have written something below. Save it as an update, or clear it"
    )
    expect(page.get_by_label("What has happened")).to_have_value("Something did happen.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("status")).to_contain_text("Update saved: ")
    assert said()[1:] == [(5, "on_track", "Something did happen.", False)]


def test_enter_in_a_card_saves_no_other(mine):
    SubActivity.objects.create(activity=Activity.objects.get(number=8), text="Step", position=1)
    page = mine()
    # A form that Enter sends says so at once, before anything is on its way.
    page.evaluate("window.sent = 0; document.addEventListener('submit', () => { sent += 1; })")
    open_card(page, 8).get_by_label("Date done").press("Enter")
    assert page.evaluate("sent") == 0
    card(page, 8).get_by_label("At risk").press("Enter")
    assert page.evaluate("sent") == 0
    expect(page.get_by_role("heading", level=1)).to_have_text("December quarter updates")
    assert (page.url.endswith(MINE), StatusUpdate.objects.count()) == (True, 0)


def test_enter_in_a_card_without_scripts_saves_none_and_keeps_what_is_typed(mine, told_before):  # noqa: F811
    told_before(5)
    SubActivity.objects.create(activity=Activity.objects.get(number=8), text="Step", position=1)
    page = mine(java_script_enabled=False)
    open_card(page, 8).get_by_label("What has happened?").fill("Typed of 8.")
    page.get_by_label("Date done").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("No update is saved yet.")
    expect(card(page, 8).get_by_label("What has happened?")).to_have_value("Typed of 8.")
    assert StatusUpdate.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "label"),
    [
        (MINE, "What has happened?"),
        (UPDATE, "What has happened?"),
        (f"{PLAN}activities/2/note/", "Note"),
    ],
)
def test_leaving_a_page_with_words_asks_first_and_keeps_them(mine, asked, address, label):
    page = mine()
    page.goto(address)
    dialogs = asked(page)
    page.get_by_label(label).first.fill("Typed at length.")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Overview").click()
    assert dialogs == ["beforeunload"]
    expect(page.get_by_label(label).first).to_have_value("Typed at length.")


@pytest.mark.parametrize("path", ["activities/3/edit/", "rounds/open/"])
def test_leaving_the_forms_of_programme_admins_with_words_asks_first(open_page, programme_admin, asked, path):
    page = open_page(by=programme_admin)
    page.goto(f"{PLAN}{path}")
    dialogs = asked(page)
    page.get_by_role("main").get_by_role("textbox").first.fill("Typed at length.")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Overview").click()
    assert dialogs == ["beforeunload"]


@pytest.mark.parametrize("path", ["agency/add/", "activity/"])
def test_leaving_a_form_of_the_admin_with_words_asks_first(open_page, programme_admin, asked, path):
    page = open_page(by=programme_admin)
    page.goto(f"/admin/plans/{path}")
    if path == "activity/":
        page.locator("#result_list tbody th a").first.click()
    dialogs = asked(page)
    page.locator("#content-main input[type=text]:visible, #content-main textarea:visible").first.fill(
        "Typed at length."
    )
    with page.expect_event("dialog"):
        page.get_by_role("link", name="View site").click()
    assert dialogs == ["beforeunload"]


def test_refused_form_asks_before_it_is_left_though_nothing_more_is_typed(mine, asked):
    page = mine()
    page.goto(UPDATE)
    page.get_by_label("What has happened?").fill("Typed at length.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a status.")
    dialogs = asked(page)
    page.get_by_role("heading", level=1).click()
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Overview").click()
    assert dialogs == ["beforeunload"]


def test_leaving_asks_nothing_when_nothing_is_typed_or_it_is_saved(mine, asked):
    page = mine()
    page.goto(UPDATE)
    dialogs = asked(page)
    page.get_by_label("What has happened?").fill("Typed.")
    page.get_by_label("What has happened?").fill("")
    page.get_by_label("On track").check()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Year Two")
    page.goto(UPDATE)
    page.get_by_label("On track").check()
    page.get_by_label("What has happened?").fill("Saved.")
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("status")).to_contain_text("Update saved: ")
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Year Two")
    assert dialogs == []


def test_searching_with_words_in_another_form_asks_first(mine, asked):
    page = mine()
    page.goto(UPDATE)
    dialogs = asked(page)
    page.get_by_label("What has happened?").fill("Typed at length.")
    page.locator("#find").fill("5")
    with page.expect_event("dialog"):
        page.get_by_role("button", name="Search").click()
    assert dialogs == ["beforeunload"]


def test_double_click_and_back_then_save_make_one_note(mine):
    page = mine()
    page.goto(f"{PLAN}activities/2/note/")
    page.get_by_label("Note").fill("Said once.")
    page.get_by_role("button", name="Save note").dblclick(no_wait_after=True)
    expect(page.get_by_role("status")).to_contain_text("Note saved: ")
    page.go_back()
    page.get_by_label("Note").fill("Said once.")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_role("status")).to_contain_text("Note saved: ")
    assert [words for _, _, words, _ in said()] == ["Said once."]


def test_update_just_sent_is_corrected(mine, police_updater, december):  # noqa: F811
    activity = Activity.objects.get(number=5)
    police = Agency.objects.get(code="police")
    record_update(
        activity=activity, by=police_updater.user, agency=police, status=Status.OFF_TRACK, barrier="No staff."
    )
    page = mine()
    page.get_by_role("complementary").get_by_role("link", name="Correct the update on 5.").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Correct the update of")
    expect(page.get_by_label("Off track")).to_be_checked()
    expect(page.get_by_label("Barriers")).to_have_value("No staff.")
    page.get_by_label("At risk").check()
    page.get_by_role("button", name="Save correction").click()

    expect(page.get_by_role("status")).to_contain_text("Correction saved: 5.")
    page.goto(f"{PLAN}activities/5/")
    expect(page.get_by_text("Replaced by the update of")).to_be_visible()
    assert [status for _, status, _, _ in said()] == ["off_track", "at_risk"]
    assert list(Barrier.objects.open().values_list("text", flat=True)) == ["No staff."]


def test_open_barrier_is_resolved_in_the_update_form(mine, police_updater, december):  # noqa: F811
    activity, police = Activity.objects.get(number=5), Agency.objects.get(code="police")
    record_update(
        activity=activity, by=police_updater.user, agency=police, status=Status.OFF_TRACK, barrier="No staff."
    )
    page = mine()
    page.goto(UPDATE)
    barrier = page.get_by_role("group", name="No staff.")
    expect(barrier.get_by_label("How was it resolved?")).to_be_hidden()
    barrier.get_by_role("radio", name="Resolved").check()
    barrier.get_by_label("How was it resolved?").fill("Two hired.")
    page.get_by_label("On track").check()
    page.get_by_role("button", name="Save update").click()
    expect(page.get_by_role("status")).to_contain_text("Update saved: ")
    assert Barrier.objects.get().resolution_note == "Two hired."
