import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.actions import record_update
from plans.choices import ImportScope, Status
from plans.models import Activity, ActivityAgency, Agency, Membership, Plan, ReportingRound, StatusUpdate
from plans.permissions import reporting_agencies, reporting_agencies_by_activity, updatable_activities
from plans.spreadsheets.columns import UPDATE_HEADINGS
from plans.spreadsheets.importing.outcome import ReportDraft
from tests.spreadsheets.checking.conftest import ON
from tests.spreadsheets.checking.tables import changes, conflicts, errors, kinds, returned

COLUMNS = "Number,Reporting Agency,Update Status,What Happened,What Is Next,Barrier"


@pytest.fixture
def updater(small_plan, make_user):
    """Makes a person who belongs to the agencies of these codes."""

    def make(*codes):
        person = make_user(f"updater@{'-'.join(codes)}.example")
        for agency in Agency.objects.filter(code__in=codes):
            Membership.objects.create(user=person, agency=agency)
        return person

    return make


def report(number, person, agency, status="on_track", **words):
    agency = Agency.objects.get(code=agency)
    if status == "complete":
        words = {"no_evidence_reason": "Handed over in person.", **words}
    return record_update(activity=Activity.objects.get(number=number), by=person, agency=agency, status=status, **words)


def close_round(reporting_round, person):
    ReportingRound.objects.filter(pk=reporting_round.pk).update(closed_at="2024-07-02T00:00Z", closed_by=person)


def drafts(checked):
    """{number: (code, status, is_no_change, words)} of what would be reported."""
    reports = {one.number: one.draft.report for one in checked.rows if one.draft and one.draft.report}
    return {
        number: (one.agency.code, one.status.value, one.is_no_change, one.what_happened, one.whats_next, one.barrier)
        for number, one in reports.items()
    }


@pytest.mark.parametrize("codes", [["police"], ["msd"], ["apa", "msd"], ["kainga-ora"], []])
@pytest.mark.parametrize("is_admin", [False, True])
def test_who_may_report_for_whom_is_what_the_form_says(small_plan, updater, codes, is_admin):
    person = updater(*codes)
    person.is_superuser = is_admin
    person.save()
    Activity.objects.filter(number=4).update(withdrawn_on=ON)
    found = reporting_agencies_by_activity(person, small_plan)
    expected = {one.pk: set(reporting_agencies(person, one)) for one in Activity.objects.filter(withdrawn_on=None)}
    assert {pk: set(agencies) for pk, agencies in found.items()} == {pk: one for pk, one in expected.items() if one}
    may_report = set(updatable_activities(person).values_list("pk", flat=True))
    assert set(found) <= may_report
    assert is_admin or set(found) == may_report


def test_filled_cells_are_a_report_of_the_persons_agency(check, updater):
    row = ("1", "", "at risk", "It rained.", "Wait.", "Rain")
    checked = check(COLUMNS, row, by=updater("police"), scope=ImportScope.UPDATES)
    assert drafts(checked) == {1: ("police", "at_risk", False, "It rained.", "Wait.", "Rain")}
    assert isinstance(checked.rows[0].draft.report, ReportDraft)
    assert changes(checked) == [
        (
            *(2, 1),
            {
                "Reporting Agency": ("", "Police"),
                "Update Status": ("", "At risk"),
                "What Happened": ("", "It rained."),
                "What Is Next": ("", "Wait."),
                "Barrier": ("", "Rain"),
            },
        )
    ]
    assert (kinds(checked), checked.counts()["missing"]) == ([(2, 1, "updated")], 0)


def test_missing_from_an_updaters_file_are_only_activities_of_their_own(check, updater):
    checked = check(COLUMNS, ("1", "", "On track"), by=updater("police", "msd"), scope=ImportScope.UPDATES)
    assert [one.number for one in checked.rows if one.row is None] == [2, 3]


def test_row_with_nothing_but_an_agency_reports_nothing(check, importing_admin):
    checked = check(COLUMNS, ("1", "Police", "", ""))
    assert (kinds(checked), errors(checked)) == ([(2, 1, "unchanged")], [])


@pytest.mark.parametrize(
    ("codes", "row", "heading", "sentence"),
    [
        (["police"], ("1", "", "", "It rained."), "Update Status", "choose a status."),
        (
            *(["police"], ("1", "", "No update yet"), "Update Status"),
            "choose a status. “No update yet” is only for activities with no updates.",
        ),
        (["police"], ("1", "", "Fine"), "Update Status", "no status is called 'Fine'. Choose from: {statuses}."),
        (["police"], ("1", "", "Off track"), "What Happened", "explain in a sentence why it is off track."),
        (
            *(["police"], ("2", "", "On track"), "Update Status"),
            "your agency does not lead activity 2. Clear its update.",
        ),
        (
            *(["apa", "msd"], ("2", "", "On track"), "Reporting Agency"),
            "enter the reporting agency. Choose from: APA; MSD.",
        ),
        (
            *(["apa"], ("2", "MSD", "On track"), "Reporting Agency"),
            "you cannot update activity 2 for MSD. Choose from: APA.",
        ),
        (
            *(["apa"], ("2", "Appa", "On track"), "Reporting Agency"),
            "no agency is called 'Appa'. Did you mean APA?",
        ),
    ],
)
def test_report_that_the_form_would_refuse_is_an_error_in_its_cell(check, updater, codes, row, heading, sentence):
    checked = check(COLUMNS, row, by=updater(*codes), scope=ImportScope.UPDATES)
    sentence = sentence.replace("{statuses}", "; ".join(Status.labels))
    assert errors(checked) == [(2, heading, sentence)]


def test_unit_and_agency_above_it_report_as_in_the_form(check, updater):
    rows = (("3", "", "On track"),)
    checked = check(COLUMNS, *rows, by=updater("msd"), scope=ImportScope.UPDATES)
    assert drafts(checked) == {3: ("msd", "on_track", False, "", "", "")}


def test_admin_reports_for_any_lead_that_is_named(check, importing_admin):
    checked = check(COLUMNS, ("2", "MSD", "On track"), ("4", "", "Paused", "Why"), ("2", "", "On track"))
    assert checked.counts()["errors"] == 3
    checked = check(COLUMNS, ("2", "MSD", "On track"), ("1", "", "On track"), ("4", "", "Paused", "Why"))
    assert drafts(checked) == {2: ("msd", "on_track", False, "", "", ""), 1: ("police", "on_track", False, "", "", "")}
    sentence = "no agency leads activity 4. Add its lead agency first."
    assert errors(checked) == [(4, "Update Status", sentence)]


def test_admin_who_imports_a_workbook_leaves_the_report_to_the_agency_it_was_made_for(check, small_plan):
    table = returned(small_plan, {3: {"Update Status": "On track"}}, agency="msd", extra=UPDATE_HEADINGS)

    assert drafts(check(table))[3][:2] == ("msd", "on_track")


def test_agency_that_the_workbook_was_made_for_reports(check, small_plan, updater):
    table = returned(small_plan, {2: {"Update Status": "On track"}}, agency="msd", extra=UPDATE_HEADINGS)
    checked = check(table, by=updater("apa", "msd"), scope=ImportScope.UPDATES)
    assert drafts(checked) == {2: ("msd", "on_track", False, "", "", "")}


def test_same_status_and_no_words_say_no_change(check, updater):
    person = updater("police")
    report(1, person, "police", "at_risk", what_happened="It rained.")
    checked = check(COLUMNS, ("1", "", "At risk"), by=person, scope=ImportScope.UPDATES)
    assert drafts(checked) == {1: ("police", "at_risk", True, "", "", "")}
    assert errors(check(COLUMNS, ("1", "", "Paused"), by=person, scope=ImportScope.UPDATES)) == [
        (2, "What Happened", "explain in a sentence why it is paused.")
    ]


def test_report_that_was_sent_already_is_not_sent_again(check, small_plan, updater):
    person = updater("police")
    edits = {1: {"Update Status": "On track", "What Happened": "It went well."}}
    table = returned(small_plan, edits, extra=UPDATE_HEADINGS)
    report(1, person, "police", what_happened="It went well.")
    report(1, person, "police", "complete")
    checked = check(table)
    assert (kinds(checked)[0], changes(checked)) == ((2, 1, "unchanged"), [])
    assert conflicts(check(returned(small_plan, edits, extra=UPDATE_HEADINGS))) == []
    assert drafts(check(returned(small_plan, edits, extra=UPDATE_HEADINGS))) == {
        1: ("police", "on_track", False, "It went well.", "", "")
    }


def test_report_without_a_version_is_sent_once_in_a_round(check, small_plan, updater):
    person = updater("police")
    reporting_round = ReportingRound.objects.create(plan=small_plan, name="June", opened_on=ON, due_on=ON)
    row = ("1", "", "On track", "It went well.")
    report(1, person, "police", what_happened="It went well.")
    assert kinds(check(COLUMNS, row)) == [(2, 1, "unchanged")]
    close_round(reporting_round, person)
    ReportingRound.objects.create(plan=small_plan, name="September", opened_on=ON, due_on=ON)
    assert kinds(check(COLUMNS, row)) == [(2, 1, "updated")]


def test_report_that_meets_a_newer_one_is_a_conflict_to_choose_in(check, small_plan, updater):
    person = updater("apa", "msd")
    Activity.objects.filter(number=2).update(status="on_track")
    edits = {2: {"Reporting Agency": "MSD", "Update Status": "At risk", "What Happened": "It rained."}}
    table = returned(small_plan, edits, extra=UPDATE_HEADINGS)
    report(2, person, "apa", "complete", what_happened="Done.")
    checked = check(table)
    theirs, ours = (
        "At risk (MSD)\nIt rained.",
        "Complete (APA)\nDone.\nNo evidence available because Handed over in person.",
    )
    assert conflicts(checked) == [(3, "Update Status", "On track", theirs, ours, "")]
    assert (drafts(checked), kinds(checked)[1], checked.is_acceptable) == ({}, (3, 2, "unchanged"), False)
    checked = check(table, choices={2: {"Update Status": "theirs"}})
    assert drafts(checked) == {2: ("msd", "at_risk", False, "It rained.", "", "")}
    assert [(one.column, one.new) for one in checked.rows[1].changes] == [
        ("Update Status", theirs),
        ("Reporting Agency", "MSD"),
        ("What Happened", "It rained."),
    ]
    checked = check(table, all_conflicts="ours")
    assert (drafts(checked), checked.is_acceptable) == ({}, True)


def test_two_agencies_that_say_the_same_status_are_both_heard(check, small_plan, updater):
    person = updater("apa", "msd")
    edits = {2: {"Reporting Agency": "MSD", "Update Status": "On track", "What Happened": "Ours too."}}
    table = returned(small_plan, edits, extra=UPDATE_HEADINGS)
    report(2, person, "apa", what_happened="All well.")
    checked = check(table)
    assert (conflicts(checked), drafts(checked)) == ([], {2: ("msd", "on_track", False, "Ours too.", "", "")})


def test_colleagues_of_one_agency_meet_in_a_conflict_even_with_the_same_status(check, small_plan, updater):
    edits = {1: {"Update Status": "On track", "What Happened": "Mine."}}
    table = returned(small_plan, edits, extra=UPDATE_HEADINGS)
    report(1, updater("police"), "police", what_happened="A colleague's.")
    assert [row for row, *_ in conflicts(check(table))] == [2]


def test_report_that_was_taken_back_since_is_in_nobodys_way(check, small_plan, updater):
    person = updater("police")
    edits = {1: {"Update Status": "On track", "What Happened": "It went well."}}
    table = returned(small_plan, edits, extra=UPDATE_HEADINGS)
    report(1, person, "police", what_happened="It went well.")
    StatusUpdate.objects.retract(by=person, at="2024-07-02T00:00Z")
    checked = check(table)
    assert (conflicts(checked), list(drafts(checked))) == ([], [1])


def test_status_and_update_may_not_contradict_each_other(check, importing_admin):
    headings = "Number,Status,Update Status,What Happened"
    checked = check(headings, ("1", "Paused", "On track"), ("2", "", "On track"))
    assert errors(checked)[0] == (2, "Update Status", "Status says something else. Clear one of the two cells.")
    checked = check(headings, ("1", "On track", "On track"))
    assert (checked.rows[0].draft.status, list(drafts(checked))) == (None, [1])


def test_new_and_withdrawn_activities_have_nobody_who_reports(check, importing_admin):
    Activity.objects.filter(number=1).update(withdrawn_on=ON)
    headings = "Number,Strategic Focus Area,Priority Action Area,Update Status"
    checked = check(headings, ("9", "SUPPLY", "P1", "On track"), ("1", "", "", "On track"))
    assert [message for _, _, message in errors(checked)] == [
        "this activity is new. Import it first, then add its update.",
        "activity 1 has been withdrawn. Clear its update.",
    ]


def test_reports_cost_the_same_for_any_number_of_rows(small_plan, check, updater):
    person = updater("apa", "msd")
    one, two, three = ("2", "APA", "On track"), ("3", "", "On track"), ("1", "", "Paused", "x")
    counts = []
    # What a person may do is asked once, and then remembered.
    for rows in ([one], [one], [one, two, three]):
        with CaptureQueriesContext(connection) as queries:
            check(COLUMNS, *rows, by=person, scope=ImportScope.UPDATES)
        counts.append(len(queries))
    # Seven as ever; the round, the latest updates and those since; the agencies and what each of the two leads; what
    # is missing; the time since the last round, for what the two leads of an activity will show.
    assert counts[1:] == [15, 15]


def test_no_report_costs_no_query(small_plan, check, django_assert_num_queries):
    with django_assert_num_queries(7):
        check(COLUMNS, ("2", "", "", "", ""))


def test_another_plans_updates_are_no_concern(check, small_plan, updater):
    other = Plan.objects.create(slug="other", name="Other", short_name="Other")
    edits = {1: {"Update Status": "On track"}}
    table = returned(small_plan, edits, extra=UPDATE_HEADINGS)
    Activity.objects.filter(number=4).update(plan=other)
    report(4, updater("police"), "police", "paused", what_happened="It rained.")
    assert list(drafts(check(table))) == [1]


def test_workbook_of_a_member_of_a_group_is_its_own_report_whoever_sends_it_in(check, small_plan, updater):
    police, everybody = Agency.objects.get(code="police"), Agency.objects.create(code="all", name="All", kind="group")
    ActivityAgency.objects.filter(activity__number=1).update(agency=everybody)
    everybody.members.add(police)
    edits = {number: {"Update Status": "On track", "What Happened": "We did."} for number in (1, 2)}
    table = returned(small_plan, edits, agency="police", extra=UPDATE_HEADINGS)
    words = ("on_track", False, "We did.", "", "")
    assert drafts(check(table, by=updater("police"), scope=ImportScope.UPDATES)) == {1: ("police", *words)}
    checked = check(table)
    assert drafts(checked)[1] == ("police", *words)
    assert [row for row, *_ in errors(checked)] == [3]
