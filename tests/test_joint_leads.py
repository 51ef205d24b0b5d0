"""An activity that several agencies lead: who writes the status that it shows, and what it then is."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plans.actions import correct_update, edit_activity, record_update
from plans.actions.agency_merges import merge_agencies, undo_merge
from plans.actions.rounds import close_round, open_round
from plans.choices import ImportScope, Role, Status
from plans.models import Activity, Agency, Plan, StatusUpdate
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.outcome import Options
from plans.spreadsheets.row_versions import seal
from plans.summaries.agency_merges import read_merge
from plans.summaries.rounds import freeze_report, summarise_round
from tests.views.page import Page, csv_rows

pytestmark = pytest.mark.django_db
FIVE = ("oranga-tamariki", "police", "manatu-hauora", "moe", "moj")
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def plan(year_two_of_module, db):
    return Plan.objects.get()


@pytest.fixture
def admin(make_user):
    return make_user("admin@programme.example", is_superuser=True)


@pytest.fixture
def tell(admin):
    """Records what an agency says of activity 8, or of another one; without an agency, what the programme sets."""

    def run(code, status, number=8, **parts):
        no_evidence = "It was handed over." if code and status == "complete" else ""
        told = {"what_happened": "Said.", "no_evidence_reason": no_evidence, **parts}
        return record_update(activity=activity(number), by=admin, status=status, agency=agency(code), **told)

    return run


@pytest.fixture
def bring(plan, admin):
    """Imports a file of these lines; answers the import."""

    def run(*lines):
        options = Options(answers={"agencies": "theirs"})
        content = "\n".join(lines).encode()
        source = workflow.keep_file(plan, content, "plan.csv", by=admin, scope=ImportScope.PLAN, options=options)
        workflow.run_check(source)
        workflow.run_apply(source, admin)
        assert (source.state, source.problem) == ("applied", "")
        return source

    return run


def activity(number=8):
    return Activity.objects.get(number=number)


def agency(code):
    return Agency.objects.get(code=code) if code else None


def shown(number=8):
    one = activity(number)
    return one.status, one.leads_differ


def led_by(*codes):
    return {Role.LEAD: [agency(code) for code in codes], Role.SUPPORT: []}


def test_most_serious_of_what_leads_say_is_shown_until_they_say_otherwise(tell):
    seen = []
    for code, status in [("police", "on_track"), ("msd", "at_risk"), ("moe", "complete"), ("msd", "complete")]:
        tell(code, status)
        seen.append(shown())
    tell("police", "complete")
    assert seen == [("on_track", False), ("at_risk", True), ("at_risk", True), ("on_track", True)]
    assert shown() == ("complete", False)


def test_no_change_is_a_position(tell):
    tell("police", "at_risk")
    tell("msd", "on_track", is_no_change=True, what_happened="")
    assert shown() == ("at_risk", True)


def test_history_says_what_the_activity_shows(tell):
    tell("police", "at_risk")
    tell("msd", "on_track")
    told = activity().history.order_by("history_id").values_list("status", "leads_differ", "history_change_reason")
    assert list(told)[-2:] == [("at_risk", False, "Update by Police"), ("at_risk", True, "Update by MSD")]


def test_new_round_changes_nothing_before_a_lead_reports_in_it(plan, tell, admin):
    about = {"plan": plan, "by": admin, "opened_on": TODAY, "due_on": TODAY}
    first = open_round(name="First", **about)
    tell("police", "on_track")
    tell("msd", "off_track")
    close_round(reporting_round=first, by=admin, report=freeze_report)
    open_round(name="Second", **about)
    assert shown() == ("off_track", True)
    tell("police", "on_track")
    assert shown() == ("on_track", False)


def test_reports_after_a_round_was_closed_are_no_longer_of_it(plan, tell, admin):
    first = open_round(plan=plan, by=admin, name="First", opened_on=TODAY, due_on=TODAY)
    tell("msd", "off_track")
    close_round(reporting_round=first, by=admin, report=freeze_report)
    tell("police", "at_risk")
    tell("moe", "on_track")
    assert shown() == ("at_risk", True)


def test_what_the_programme_sets_stays_until_the_next_report(tell):
    tell("police", "on_track")
    tell("msd", "at_risk")
    tell(None, "paused")
    assert shown() == ("paused", True)
    tell("moe", "on_track")
    assert shown() == ("at_risk", True)


def test_correction_takes_the_place_of_what_it_corrects(tell, admin):
    tell("police", "on_track")
    wrong = tell("msd", "off_track")
    correct_update(update=wrong, by=admin, status=Status.ON_TRACK, agency=agency("msd"), what_happened="Said.")
    assert shown() == ("on_track", False)


def test_activities_led_by_a_group_or_a_unit_show_what_was_reported_last(tell):
    for number, codes in [(10, ("police", "msd")), (12, ("msd-rps-policy-office", "msd"))]:
        tell(codes[0], "off_track", number)
        tell(codes[1], "on_track", number)
        assert shown(number) == ("on_track", False)


def test_lead_that_is_removed_no_longer_counts_and_one_that_is_added_has_said_nothing(tell, admin):
    tell("police", "on_track")
    tell("msd", "at_risk")
    edit_activity(activity=activity(), by=admin, reason="Handed over", agencies=led_by(*FIVE, "rocc"))
    assert shown() == ("on_track", False)
    assert activity().history.first().history_change_reason == "Handed over"
    edit_activity(activity=activity(), by=admin, reason="Handed over", agencies=led_by("rocc"))
    assert shown() == ("on_track", False), "nobody who leads has said anything"


def test_merged_lead_and_the_one_it_was_merged_into_have_one_position(tell, admin):
    tell("apa", "off_track", 2)
    tell("msd", "on_track", 2)
    fingerprint = read_merge(agency("apa"), agency("msd")).fingerprint
    told = {"by": admin, "on": TODAY, "reason": "Merged", "expected": fingerprint}
    merge = merge_agencies(merged=agency("apa"), into=agency("msd"), **told)
    assert shown(2) == ("on_track", False)
    undo_merge(merge=merge, by=admin, reason="Not yet")
    assert shown(2) == ("off_track", True)


UPDATES = "Number,Reporting Agency,Update Status,What Happened"


def test_file_and_its_undo_follow_what_leads_say(tell, bring, admin):
    tell("police", "on_track")
    tell("apa", "on_track", 2)
    first = bring(UPDATES, "8,MSD,At risk,From a file", "2,MSD,Not started,From a file", "1,Police,Paused,Alone")
    assert [shown(number) for number in (8, 2, 1)] == [("at_risk", True), ("not_started", True), ("paused", False)]
    second = bring(UPDATES, "8,MSD,On track,From a file")
    assert shown() == ("on_track", False)
    workflow.run_undo(second, admin)
    assert shown() == ("at_risk", True)
    workflow.run_undo(first, admin)
    assert [shown(number) for number in (8, 2, 1)] == [("on_track", False), ("on_track", False), ("no_update", False)]


def test_undo_falls_back_to_what_others_have_said_since(tell, bring, admin):
    tell("police", "on_track")
    source = bring(UPDATES, "8,MSD,Off track,From a file")
    tell("police", "at_risk")
    assert shown() == ("off_track", True)
    workflow.run_undo(source, admin)
    assert shown() == ("at_risk", False)


def test_file_that_gives_other_leads_leaves_the_position_of_the_others(tell, bring, admin):
    tell("apa", "off_track", 2)
    tell("msd", "on_track", 2)
    source = bring("Number,Agency Lead", "2,MSD")
    assert shown(2) == ("on_track", False)
    workflow.run_undo(source, admin)
    assert shown(2) == ("off_track", True)


def test_status_in_a_file_is_set_by_the_programme_and_leaves_the_positions(tell, bring):
    tell("apa", "off_track", 2)
    tell("msd", "on_track", 2)
    bring("Number,Status", "2,Paused")
    assert shown(2) == ("paused", True)


def test_status_then_is_what_the_activity_showed_and_not_what_was_said_last(plan, tell, admin):
    first = open_round(plan=plan, by=admin, name="First", opened_on=TODAY, due_on=TODAY)
    tell("msd", "off_track")
    tell("police", "on_track")
    close_round(reporting_round=first, by=admin, report=freeze_report)
    one = Activity.objects.with_status_at_close(plan).get(number=8)
    assert (one.status, one.status_at_close) == ("off_track", "off_track")


def test_update_of_before_history_was_kept_still_says_the_status_then(plan, admin):
    then = timezone.now() - timedelta(days=9)
    StatusUpdate.objects.create(
        activity=activity(1), agency=agency("police"), author=admin, status="at_risk", made_at=then
    )
    about = {"plan": plan, "name": "First", "opened_on": TODAY, "due_on": TODAY, "closed_by": admin}
    plan.rounds.create(**about, closed_at=timezone.now() - timedelta(days=1))
    assert Activity.objects.with_status_at_close(plan).get(number=1).status_at_close == "at_risk"


def test_migration_keeps_statuses_and_says_where_leads_differ(plan, admin):
    """Of named leads in the round of the latest report; `made_at` is in the order of these lines."""
    one = plan.rounds.create(name="First", opened_on=TODAY, due_on=TODAY, closed_at=timezone.now(), closed_by=admin)
    two = plan.rounds.create(name="Second", opened_on=TODAY, due_on=TODAY)
    said = [
        *((8, "msd", "off_track", one), (8, "police", "on_track", two), (8, "rocc", "paused", two)),
        *((2, "apa", "at_risk", None), (2, "msd", "on_track", None), (3, "rocc", "at_risk", two)),
        *((10, "police", "at_risk", two), (10, "msd", "on_track", two)),
    ]
    for number, code, status, reporting_round in said:
        about = {"activity": activity(number), "agency": agency(code), "round": reporting_round}
        StatusUpdate.objects.create(**about, author=admin, status=status)
    Activity.objects.update(status="complete")
    module = import_module("plans.migrations.0026_joint_leads")
    apps = MigrationExecutor(connection).loader.project_state().apps

    module.mark_where_leads_differ(apps, connection.schema_editor())

    assert list(Activity.objects.filter(leads_differ=True).values_list("number", flat=True)) == [2]
    assert set(Activity.objects.values_list("status", flat=True)) == {"complete"}
    assert not Activity.history.exists()


# What pages, lists and files say of it


@pytest.fixture
def get(client, admin):
    """Answers an address of the plan, for a programme admin."""
    client.force_login(admin)
    return lambda address: client.get(f"/plans/year-two/{address}")


@pytest.fixture
def see(get):
    """Answers a page of the plan as a `Page`."""
    return lambda address: Page(get(address))


def test_activity_page_says_where_each_lead_stands_and_who_is_silent(plan, tell, see):
    plan.rounds.create(name="December quarter", opened_on=TODAY, due_on=TODAY)
    tell("apa", "at_risk", 2, what_happened="Fewer places than planned.")
    page = see("activities/2/")
    assert "Leads differ" not in page.text
    assert page.text.count("No update in December quarter yet") == 1

    tell("msd", "on_track", 2, what_happened="Funding is agreed.")
    page = see("activities/2/")
    said = "Leads differ At risk: APA · On track: MSD. The most serious one is shown."
    assert said in page.text
    assert "No update in December quarter yet" not in page.text
    assert page.text.count("Fewer places than planned.") == 2, "beside its lead, and among the earlier updates"

    tell(None, "paused", 2)
    assert "The programme has set the status since." in see("activities/2/").text


def test_status_of_before_this_rule_says_that_it_is(tell, see):
    tell("apa", "at_risk", 2)
    tell("msd", "on_track", 2)
    Activity.objects.filter(number=2).update(status="on_track")
    assert "The status is older than this comparison." in see("activities/2/").text


@pytest.mark.parametrize(
    "address",
    [
        "activities/?leads_differ=yes",
        "activities/?leads_differ=yes&view=table",
        "agencies/apa/",
        "focus-areas/resilience/",
    ],
)
def test_lists_say_who_says_what(tell, see, address):
    area = activity(2).focus_area.slug
    address = address.replace("resilience", area)
    tell("apa", "at_risk", 2)
    tell("msd", "on_track", 2)
    tell("police", "on_track")
    text = see(address).text
    assert text.count("Leads differ At risk: APA · On track: MSD") == 1


def test_filter_leaves_the_activities_whose_leads_differ(tell, get):
    tell("apa", "at_risk", 2)
    tell("msd", "on_track", 2)
    context = get("activities/?leads_differ=yes").context
    assert context["filters"].counts.by_value["leads_differ", "yes"] == 1
    assert [row.number for group in context["listing"].groups for row in group.rows] == [2]


def test_lists_cost_the_same_however_many_activities_have_leads_that_differ(tell, see):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            see("activities/")
        return len(queries)

    before = cost()
    for number, codes in [(2, ("apa", "msd")), (3, ("rocc", "tnoc"))]:
        for code, status in zip(codes, ("at_risk", "on_track"), strict=True):
            tell(code, status, number)
        assert cost() == before + 2


def test_files_say_where_leads_differ_and_nobody_can_write_it(tell, get, bring):
    tell("apa", "at_risk", 2)
    tell("msd", "on_track", 2)
    rows = csv_rows(get("activities.csv"))
    place = rows[0].index("Leads Differ")
    assert {row[0]: row[place] for row in rows if row[place]} == {"Number": "Leads Differ", "2": "Yes"}
    bring("Number,Leads Differ", "2,", "3,Yes")
    assert list(Activity.objects.filter(leads_differ=True).values_list("number", flat=True)) == [2]


# Rounds


@pytest.fixture
def december(plan):
    return plan.rounds.create(name="December quarter", opened_on=TODAY, due_on=TODAY)


def row_of_round(reporting_round, number=2):
    return next(row for row in summarise_round(reporting_round).rows if row.number == number)


def test_round_is_received_from_one_lead_and_confirmed_by_all(december, tell, see):
    tell("apa", "at_risk", 2)
    row = row_of_round(december)
    assert (row.round_status, row.is_confirmed, [one.code for one in row.silent]) == ("received", False, ["msd"])
    page = see(f"rounds/{december.pk}/")
    assert "Still to confirm: MSD" in page.text
    assert "0 of 3 with joint leads confirmed by all" in page.text

    tell("msd", "on_track", 2)
    assert (row_of_round(december).is_confirmed, summarise_round(december).confirmed_count) == (True, 1)
    page = see(f"rounds/{december.pk}/?receipt=confirmed")
    assert page.text.count("Confirmed by all lead agencies") == 1
    assert "Leads differ At risk: APA · On track: MSD" in page.text


def test_closed_round_keeps_who_has_reported_and_who_has_not(december, tell, admin, see):
    tell("apa", "at_risk", 2)
    closed = close_round(reporting_round=december, by=admin, report=freeze_report)
    edit_activity(activity=activity(2), by=admin, reason="Handed over", agencies=led_by("apa"))
    assert [one.code for one in row_of_round(closed).silent] == ["msd"]
    assert "Still to confirm: MSD" not in see(f"rounds/{closed.pk}/").text
    assert "No update from: MSD" in see(f"rounds/{closed.pk}/").text


def test_round_that_an_earlier_version_closed_knows_no_positions(december, tell, admin):
    tell("apa", "at_risk", 2)
    closed = close_round(reporting_round=december, by=admin, report=freeze_report)
    for row in closed.closing_report["rows"]:
        del row["positions"]
    assert (row_of_round(closed).silent, row_of_round(closed).is_confirmed) == ([], False)


def test_round_of_an_activity_with_one_lead_is_never_to_be_confirmed(december, tell):
    tell("police", "on_track", 1)
    tell("police", "on_track", 10)
    rows = [row_of_round(december, number) for number in (1, 10)]
    assert [(row.round_status, row.is_confirmed, row.silent) for row in rows] == [("received", False, [])] * 2


# Updates, and what each of them did


@pytest.fixture
def msd(make_updater):
    return make_updater("updater@msd.example", "MSD updater", "msd")


UPDATE = "/plans/year-two/activities/2/update/"
MINE = "/plans/year-two/updates/"


def messages_of(response):
    return " ".join(map(str, get_messages(response.wsgi_request)))


def test_no_change_of_a_lead_repeats_its_own_position(december, tell, msd):
    tell("msd", "at_risk", 2)
    latest = tell("apa", "on_track", 2)
    page = msd.get(UPDATE)
    assert page.context["form"].chosen_status == "at_risk"
    assert "No change since" in Page(page).text
    assert msd.post(UPDATE, {"no_change": "on", "seen": latest.pk}).status_code == 302
    newest = activity(2).updates.first()
    assert (newest.agency.code, newest.status, newest.is_no_change) == ("msd", "at_risk", True)
    assert shown(2) == ("at_risk", True)


def test_lead_that_has_said_nothing_starts_from_what_the_other_said(december, tell, msd):
    latest = tell("apa", "on_track", 2)
    assert msd.get(UPDATE).context["form"].chosen_status == "on_track"
    assert msd.post(UPDATE, {"no_change": "on", "seen": latest.pk}).status_code == 302
    assert (shown(2), row_of_round(december).is_confirmed) == (("on_track", False), True)


def test_several_no_changes_at_once_repeat_each_leads_own_position(december, tell, msd):
    tell("msd", "paused", 2)
    tell("apa", "off_track", 2)
    tell("msd", "at_risk", 8)
    tell("police", "on_track", 8)
    latest = {number: activity(number).updates.first().pk for number in (2, 8)}
    data = {"nothing_changed": "on", "same": ["2", "8"]}
    data |= {f"activity-{number}-seen": pk for number, pk in latest.items()}
    answer = msd.post(MINE, data)
    assert answer.status_code == 302
    assert [activity(number).updates.first().status for number in (2, 8)] == ["paused", "at_risk"]
    told = messages_of(answer)
    assert told == "No change saved on 2 activities. Activity 2 shows off track, because APA reported off track."


def test_status_that_another_lead_changed_meanwhile_is_not_taken_over(december, tell, msd):
    first = tell("msd", "on_track", 2)
    tell("apa", "off_track", 2)
    crossed = msd.post(UPDATE, {"status": "on_track", "what_happened": "Ours.", "seen": first.pk})
    assert (crossed.status_code, crossed.context["form"].chosen_status) == (409, "on_track")


@pytest.mark.parametrize(
    ("others", "status", "words"),
    [
        ([], "on_track", "You reported on track. The activity shows on track."),
        (
            [("apa", "at_risk")],
            "on_track",
            "You reported on track. The activity shows at risk, because APA reported at risk.",
        ),
        ([("apa", "on_track")], "paused", "You reported paused. The activity shows paused."),
    ],
)
def test_receipt_says_what_the_update_did(december, tell, msd, others, status, words):
    for code, said in others:
        tell(code, said, 2)
    seen = activity(2).updates.first()
    answer = msd.post(UPDATE, {"status": status, "what_happened": "Ours.", "seen": seen.pk if seen else ""})
    assert words in messages_of(answer)


def test_receipt_of_an_activity_with_one_lead_says_no_more_than_before(december, police_updater):
    answer = police_updater.post("/plans/year-two/activities/1/update/", {"status": "on_track", "seen": ""})
    assert messages_of(answer) == f"Update saved: {activity(1)}."


def test_my_updates_say_where_leads_differ_and_who_is_still_to_confirm(december, tell, msd, make_updater):
    tell("apa", "at_risk", 2)
    page = Page(msd.get(MINE))
    assert "Not yet confirmed by MSD" in page.text
    tell("msd", "on_track", 2)
    page = Page(msd.get(MINE))
    assert "Not yet confirmed by MSD" not in page.text
    assert "Leads differ At risk: APA · On track: MSD" in page.text


# Files of updates, before they are imported


def notes_of(source):
    return [change["note"] for row in source.rows.order_by("row") for change in row.changes if change.get("note")]


def test_check_of_a_file_says_what_the_activity_will_show(tell, bring):
    tell("apa", "at_risk", 2)
    source = bring(UPDATES, "2,MSD,On track,From a file", "1,Police,On track,Alone", "8,MSD,Paused,First of six")
    assert notes_of(source) == [
        "MSD reports on track. The activity will show at risk, because APA reported at risk.",
        "MSD reports paused. The activity will show paused.",
    ]
    assert [shown(number) for number in (2, 8)] == [("at_risk", True), ("paused", False)]


def test_check_of_a_file_names_the_leads_that_reported_otherwise_since_it_was_made(tell, bring, plan):
    tell("apa", "off_track", 8)
    made_from = {"plan_id": plan.pk, "activity_id": activity().pk, "number": 8, "texts": {}}
    sealed = seal(**made_from, latest_update_id=activity().updates.first().pk).replace('"', '""')
    tell("police", "on_track", 8)
    tell("oranga-tamariki", "at_risk", 8)

    source = bring(f"{UPDATES},Row Version", f'8,MSD,At risk,From a file,"{sealed}"')

    assert notes_of(source)[-1] == "Since this file was made, Police reported on track."


def test_status_again_in_a_file_is_no_change_of_the_lead_that_said_it(tell, bring):
    tell("msd", "at_risk", 2)
    tell("apa", "on_track", 2)
    bring("Number,Reporting Agency,Update Status", "2,MSD,At risk")
    newest = activity(2).updates.first()
    assert (newest.agency.code, newest.status, newest.is_no_change, shown(2)) == (
        "msd",
        "at_risk",
        True,
        ("at_risk", True),
    )
