"""Pages and files of a plan as it was at an earlier moment."""

import re

import pytest
from django.urls import resolve

from plans import urls
from plans.models import Activity, Agency
from plans.views.as_at import SHOWN
from tests.as_at.conftest import moment

pytestmark = pytest.mark.django_db
AT = "2026-07-01"
PLAN = "/plans/year-three/"
TOOLS_OF_TODAY = {
    *("activity_new", "activity_edit", "activity_finalise", "activity_withdraw", "activity_bring_back"),
    *(
        "update",
        "correct_update",
        "agreement",
        "note",
        "evidence_add",
        "evidence_remove",
        "activity_restore",
        "my_updates",
        "plan_edit",
        "make_current",
    ),
    *("activity_rating", "activity_end", "check_accept", "check_withdraw", "agency_contact"),
    *("round_open", "round_change", "round_reminders", "round_close", "barrier_escalate", "barrier_resolve"),
    *("import_list", "import", "import_progress", "import_options", "import_apply", "import_discard", "import_undo"),
    *("import_file", "import_marked", "fill_in", "fill_in_all"),
    *("compare", "compare_csv", "compare_xlsx"),
    *("roll_over", "roll_over_make", "roll_over_undo", "roll_over_end"),
    *("agency_new", "agency_edit", "agency_merges", "agency_merge", "agency_merge_undo"),
    "activity_due",
    *("data", "power_bi"),
    *("pack_list", "pack_make", "pack_draft", "pack_word", "pack_read", "pack_template"),
    *("pack_issue", "pack_share", "pack_discard"),
    *("pack", "pack_docx", "pack_pdf", "pack_decision", "pack_done"),
    "webhook",
}
"""Pages that write, files of work that is still to be done, and what asks for dates of its own."""


@pytest.fixture
def plan(clock, make_plan, open_reading):
    """A plan of four activities, made at hour 0 of 1 July; the title and an agency's name change a day later."""
    plan = make_plan("year-three", 4)
    clock(24)
    activity, police = Activity.objects.get(number=1), Agency.objects.get(code="police")
    activity.title, police.name = "Whakamutunga", "Ngā Pirihimana"
    activity.save()
    police.save()
    clock(48)
    return plan


def test_each_address_of_a_plan_can_be_seen_as_at_a_day_or_is_a_tool_of_today():
    names = {one.name for one in urls.plan}
    assert names == SHOWN | TOOLS_OF_TODAY
    assert not SHOWN & TOOLS_OF_TODAY


def test_a_page_shows_the_plan_as_it_was_and_says_so(see, plan):
    page = see(f"{PLAN}activities/?at={AT}&q=title")
    assert "As at 1 July 2026" in page.text
    assert "Title 1" in page.text
    assert "Police" in page.text
    assert "Whakamutunga" not in page.text
    assert "Pirihimana" not in page.text
    assert "Whakamutunga" in see(f"{PLAN}activities/").text


def links_of(html):
    return re.findall(r'<a\b[^>]*\bhref="([^"]*)"', html)


@pytest.mark.parametrize(
    "path",
    [
        *("", "activities/", "activities/?group=none&view=table", "activities/1/", "activities/1/history/", "about/"),
        *("matrix/", "agencies/", "agencies/police/", "focus-areas/supply/", "priority-areas/p1/", "barriers/"),
        *("dates/", "rounds/"),
    ],
)
@pytest.mark.parametrize("who", ["visitor", "admin"])
def test_links_stay_at_the_day_and_nothing_can_be_edited(client, plan, programme_admin, path, who):
    browser = client if who == "visitor" else programme_admin
    response = browser.get(f"{PLAN}{path}{'&' if '?' in path else '?'}at={AT}")
    assert response.status_code == 200
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    assert 'method="post"' not in main
    for link in links_of(main):
        address = link.partition("?")[0].partition("#")[0]
        if not address.startswith("/"):
            assert not address
            continue
        match = resolve(address)
        assert match.url_name in SHOWN | {"fill_in", "compare", "data", "plan_list", "home", "account_login"}, link
        if match.url_name in SHOWN:
            assert link.count(f"at={AT}") == 1, link
    for form in re.findall(r"<form\b.*?</form>", main, re.DOTALL):
        assert form.count('name="at"') == 1
    assert f'<a data-now href="{PLAN}{path.replace("&", "&amp;")}">' in html


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ("soon", 400, "“soon” is not a day. Enter a day as year-month-day, for example 2026-10-31."),
        ("2026-02-30", 400, "is not a day"),
        ("9999-12-31", 400, "is in the future"),
        ("2026-07-04", 400, "4 July 2026 is in the future. Choose today or an earlier day."),
        ("1999-12-31", 400, "31 December 1999 is too long ago. Choose a day from 2000 on."),
        ("0001-01-01", 400, "is too long ago"),
        ("0001-01-01T00:00", 400, "is not a day"),
        ("2026-06-30", 404, "Year three plan was not there on 30 June 2026. Choose a later day."),
        ("2026-07-01T00:00:00Z", 404, "was not there on 1 July 2026, 12:00 pm"),
        (f"{AT}&at=2026-07-02", 400, "Use “at” only once."),
    ],
)
def test_a_day_that_cannot_be_shown_says_why(see, plan, asked, status, sentence):
    page = see(f"{PLAN}?at={asked}", status)
    assert sentence in page.text
    assert f'href="{PLAN}"' in page.html


@pytest.mark.parametrize("asked", ["", "2026-07-03"])
def test_today_and_no_day_lead_to_the_page_of_now(client, plan, asked):
    response = client.get(f"{PLAN}activities/?q=title&at={asked}")
    assert (response.status_code, response["Location"]) == (302, f"{PLAN}activities/?q=title")


def test_a_moment_is_taken_too(see, plan):
    page = see(f"{PLAN}?at={moment(1).isoformat()}")
    assert "As at 1 July 2026, 2:00 pm" in page.text


@pytest.mark.parametrize("path", ["activities/1/edit/", "updates/", "import/", "activities/1/update/"])
def test_nothing_can_be_written_in_the_past(plan, programme_admin, path):
    assert programme_admin.get(f"{PLAN}{path}?at={AT}").status_code == 403
    assert programme_admin.post(f"{PLAN}{path}?at={AT}", {"title": "New"}).status_code == 403
    assert programme_admin.post(f"{PLAN}activities/?at={AT}").status_code == 403


@pytest.mark.parametrize("name", ["activities", "barriers", "dates"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_files_carry_the_day_in_their_name(client, plan, name, ending):
    response = client.get(f"{PLAN}{name}.{ending}?at={AT}")
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code == 200
    assert "-as-at-2026-07-01" in response["Content-Disposition"]
    assert body


def test_a_csv_is_read_to_its_end_while_the_tables_are_there(client, plan):
    response = client.get(f"{PLAN}activities.csv?at={AT}")
    text = b"".join(response.streaming_content).decode()
    assert "Title 1" in text
    assert "Police" in text


def test_search_and_redirects_stay_at_the_day(client, plan):
    assert client.get(f"{PLAN}find/?q=1&at={AT}")["Location"] == f"{PLAN}activities/1/?at={AT}"
    assert client.get(f"{PLAN}find/?q=title&at={AT}")["Location"] == f"{PLAN}activities/?q=title&at={AT}"


def test_the_filters_of_a_browser_with_script_stay_at_the_day(client, plan):
    response = client.get(
        f"{PLAN}activities/?q=title&at={AT}",
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{PLAN}activities/?at={AT}"},
    )
    assert response["HX-Push-Url"] == f"{PLAN}activities/?q=title&at={AT}"
    assert "As at" not in response.content.decode()


def test_what_was_not_there_then_is_not_found_and_the_page_says_which_day(client, clock, plan):
    activity = Activity.objects.get(number=1)
    Activity.objects.create(
        plan=plan, number=9, title="Later", focus_area=activity.focus_area, priority_area=activity.priority_area
    )
    clock(72)
    response = client.get(f"{PLAN}activities/9/?at={AT}")
    assert response.status_code == 404
    assert "As at 1 July 2026" in response.content.decode()
    assert client.get(f"{PLAN}activities/9/").status_code == 200


def test_a_browser_is_told_that_the_page_is_as_it_was(client, plan, tricks_on):
    first = client.get(f"{PLAN}?at={AT}")
    assert client.get(f"{PLAN}?at={AT}", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.get(f"{PLAN}?at=2026-07-02", headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert client.get(PLAN, headers={"If-None-Match": first["ETag"]}).status_code == 200


def publish(plan, *, is_published):
    plan.is_published = is_published
    plan.save()


def test_a_draft_of_then_is_seen_by_programme_admins_alone(client, plan, clock, programme_admin):
    publish(plan, is_published=False)
    clock(50)
    publish(plan, is_published=True)
    clock(52)
    address = f"{PLAN}activities.csv?at={moment(49).isoformat().replace('+00:00', 'Z')}"
    assert client.get(address).status_code == 404
    assert "was not published on 3 July 2026" in client.get(address).content.decode()
    response = programme_admin.get(address)
    assert response.status_code == 200
    assert b"Title 1" not in b"".join(response.streaming_content)


def test_what_is_a_draft_now_shows_nothing_of_when_it_was_published(client, reader, plan, programme_admin):
    publish(plan, is_published=False)
    for path in ("", "activities/", "activities.xlsx", "activities/1/history/"):
        assert client.get(f"{PLAN}{path}?at={AT}").status_code == 404
        assert reader.get(f"{PLAN}{path}?at={AT}").status_code == 404
        assert programme_admin.get(f"{PLAN}{path}?at={AT}").status_code == 200


def test_a_site_that_is_closed_is_closed_for_the_past_too(client, plan, settings):
    settings.ROCC_OPEN_READING = False
    response = client.get(f"{PLAN}?at={AT}")
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/accounts/login/")


def test_an_unknown_plan_is_not_found_whatever_the_day(client, plan):
    assert client.get(f"/plans/year-nine/?at={AT}").status_code == 404


def test_checks_are_those_of_then(client, plan, clock, make_updater):
    activity = Activity.objects.get(number=1)
    activity.due_on = "2026-12-31"
    activity.save()
    clock(72)
    reader = make_updater("updater@police.example", "Police updater", "police")

    for path in ("activities/1/", "checks/?agency=police", "activities/?checks=no_due_date"):
        then = reader.get(f"{PLAN}{path}{'&' if '?' in path else '?'}at={AT}").text
        assert "No due date" in then, path
        assert "Title 1" in then, path
    assert "No due date" not in reader.get(f"{PLAN}activities/1/").text
    assert "Title 1" not in reader.get(f"{PLAN}activities/?checks=no_due_date").text
    # Whoever is not signed in sees no checks, then or now.
    assert client.get(f"{PLAN}activities.csv?checks=no_due_date&at={AT}").status_code == 400


def test_whoever_may_report_finds_no_form_in_the_past(plan, make_updater):
    updater = make_updater("updater@police.example", "Police updater", "police")
    assert "Add update" in updater.get(f"{PLAN}activities/1/").content.decode()
    assert "Add update" not in updater.get(f"{PLAN}activities/1/?at={AT}").content.decode()
