"""Words of other houses, asked about once: statuses in other words, and what stands where nobody leads yet."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.choices import ImportScope, ImportState, Status
from plans.models import Activity, Agency, Import, ImportWord
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.outcome import CheckSummary, Options, UnknownName
from plans.spreadsheets.importing.questions import AGENCIES
from plans.spreadsheets.names import is_no_agency
from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.cases.reading import input_file, pasted
from tests.spreadsheets.checking.tables import changes, errors, returned

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "written",
    [
        "On-track",
        "on track ",
        "ON TRACK",
        "on_track",
        "OnTrack",
        "On‑track",
        "On\u00a0track.",
        "● On track",
        "On\ntrack",
    ],
)
def test_cases_status_spelt_in_another_way_is_read(check, written):
    checked = check("Number, Status", ("1", written.strip()))
    assert (errors(checked), checked.unknown_names) == ([], [])
    assert changes(checked) == [(2, 1, {"Status": ("No update yet", "On track")})]


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("In progress", Status.ON_TRACK),
        ("GREEN", Status.ON_TRACK),
        ("Amber", Status.AT_RISK),
        ("red", Status.OFF_TRACK),
        ("Completed", Status.COMPLETE),
        ("On-hold", Status.PAUSED),
        ("Not commenced", Status.NOT_STARTED),
        ("On trak", Status.ON_TRACK),
        ("Wombat", ""),
        ("🟢", Status.ON_TRACK),
        ("–", ""),
    ],
)
def test_cases_x8_status_in_other_words_is_asked_once(check, written, suggestion):
    checked = check("Number, Status", ("1", written), ("2", written.upper()), ("3", "On track"))
    assert checked.unknown_names == [UnknownName("status", written, [2, 3], suggestion)]
    assert [row for row, _, _ in errors(checked)] == [2, 3]
    names = {"status": {written: {"use": "at_risk"}}}
    checked = check("Number, Status", ("1", written), ("2", written.upper()), names=names)
    assert (errors(checked), checked.unknown_names) == ([], [])
    assert [said["Status"] for _, _, said in changes(checked)] == [("No update yet", "At risk")] * 2


def test_cases_x8_file_is_read_once_its_words_are_explained(check):
    table = read_table(input_file("X08-status-words.xlsx"), "X08-status-words.xlsx")
    asked = check(table).unknown_names
    assert {one.written: one.suggestion for one in asked} == {
        "Completed": "complete",
        "Done": "complete",
        "Ongoing": "on_track",
        "Delayed": "",
        "Behind schedule": "",
        "Not yet started": "not_started",
        "In progress": "on_track",
        "Green": "on_track",
        "Amber": "at_risk",
        "On hold": "paused",
    }
    names = {"status": {one.written: {"use": one.suggestion or "at_risk"} for one in asked}}
    assert check(table, names=names).unknown_names == []


def test_cases_status_may_mean_nothing(check):
    names = {"status": {"N/A": {"use": "none"}}}
    checked = check("Number, Status, Activity", ("1", "n/a", "New"), ("9", "N/A", "Newer"), names=names)
    assert changes(checked)[0] == (2, 1, {"Activity": ("Title 1", "New")})
    assert [heading for _, heading, _ in errors(checked)] == ["Strategic Focus Area", "Priority Action Area"]


@pytest.mark.parametrize("written", ["TBC", "N/A", "-", "–", "Nil", "tba", "To be confirmed", "?"])
def test_cases_x9_no_agency_yet_is_asked_once(check, written):
    headings = "Number, Agency Lead, Support Agencies"
    checked = check(headings, ("1", written, "MSD"), ("4", written.upper(), f"Police; {written}"))
    assert checked.unknown_names == [UnknownName("agency", written, [2, 3], "none")]
    names = {"agency": {written: {"use": "none"}}}
    checked = check(headings, ("1", written, "MSD"), ("4", written.upper(), f"Police; {written}"), names=names)
    assert (errors(checked), checked.unknown_names) == ([], [])
    assert changes(checked) == [
        (2, 1, {"Agency Lead": ("Police", ""), "Support Agencies": ("", "MSD")}),
        (3, 4, {"Support Agencies": ("", "Police")}),
    ]
    # That Police leads no longer is asked as ever.
    assert [(one.kind, one.answer) for one in checked.questions] == [(AGENCIES, "")]


def test_cases_x9_new_activity_may_have_no_agency_yet(check):
    cells = ("9", "SUPPLY", "P1", "New", "TBC", "n/a")
    names = {"agency": {"TBC": {"use": "none"}, "N/A": {"use": "none"}}}
    headings = "Number, Strategic Focus Area, Priority Action Area, Activity, Agency Lead, Support Agencies"
    checked = check(headings, cells, names=names)
    assert errors(checked) == []
    assert "Agency Lead" not in changes(checked)[0][2]


def test_cases_x9_name_of_an_agency_goes_before_what_it_stands_for(check):
    Agency.objects.create(code="na", name="N/A")
    assert check("Number, Agency Lead", ("1", "N/A")).unknown_names == []


def test_cases_words_of_a_reporting_workbook_are_asked_as_well(check, small_plan):
    edits = {1: {"Update Status": "Green", "What Happened": "Done.", "Reporting Agency": "-"}, 2: {"Status": "Amber"}}
    extra = ("Reporting Agency", "Update Status", "What Happened")
    table = returned(small_plan, edits, extra=extra)
    checked = check(table)
    assert [(one.kind, one.written, one.suggestion) for one in checked.unknown_names] == [
        ("agency", "-", "none"),
        ("status", "Green", "on_track"),
        ("status", "Amber", "at_risk"),
    ]
    names = {"status": {"GREEN": {"use": "on_track"}, "amber": {"use": "at_risk"}}, "agency": {"-": {"use": "none"}}}
    checked = check(table, names=names)
    assert errors(checked) == []
    assert checked.rows[0].draft.report.status == Status.ON_TRACK
    assert checked.rows[0].draft.report.agency.name == "Police"
    assert checked.rows[1].draft.status == Status.AT_RISK


def test_cases_updater_is_asked_what_a_status_means(check):
    checked = check("Number, Status", ("1", "Green"), scope=ImportScope.UPDATES)
    assert [one.written for one in checked.unknown_names] == ["Green"]
    assert "no status is called 'Green'" in errors(checked)[0][2]
    names = {"status": {"Green": {"use": "none"}}}
    assert errors(check("Number, Status", ("1", "Green"), scope=ImportScope.UPDATES, names=names)) == []


def test_cases_status_that_was_explained_merges_as_any_other(check, small_plan):
    table = returned(small_plan, {1: {"Status": "Green"}})
    Activity.objects.filter(number=1).update(status=Status.OFF_TRACK)
    names = {"status": {"Green": {"use": "off_track"}}}
    assert changes(check(table, names=names)) == []
    names = {"status": {"Green": {"use": "on_track"}}}
    (change,) = check(table, names=names).rows[0].changes
    assert (change.is_conflict, change.theirs, change.old) == (True, "On track", "Off track")


def test_cases_pasted_words_are_asked_as_well(check):
    checked = check(pasted("Number\tStatus\tAgency Lead\n1\tIn progress\tTBC\n"))
    assert [(one.kind, one.suggestion) for one in checked.unknown_names] == [("agency", "none"), ("status", "on_track")]


def test_cases_words_are_kept_with_the_options():
    options = Options(names={"status": {"Green": {"use": "on_track"}}, "agency": {"TBC": {"use": "none"}}})
    assert Options.from_json(options.as_json()) == options


@pytest.mark.parametrize("name", ["Police", "NASA", "N", "", "Nobody's Agency"])
def test_cases_names_are_not_taken_for_no_agency(name):
    assert is_no_agency(name) == (name == "")


WORDS = ("Number,Status,Agency Lead", "1,In progress,TBC", "2,Green,")
EXPLAINED = {
    "status": {"In progress": {"use": "on_track"}, "Green": {"use": "none"}},
    "agency": {"TBC": {"use": "none"}, "Polcie": {"use": "police"}},
}


def bring(plan, by, *lines, scope=ImportScope.PLAN, **options):
    """An `Import` of these lines, checked."""
    content = "\n".join(lines).encode()
    source = workflow.keep_file(plan, content, "plan.csv", by=by, scope=scope, options=Options(**options))
    workflow.run_check(source)
    source.refresh_from_db()
    return source


def words():
    return list(ImportWord.objects.values_list("kind", "word", "meaning"))


def test_cases_what_was_explained_is_remembered_once_it_is_imported(small_plan, importing_admin):
    source = bring(small_plan, importing_admin, *WORDS, names=EXPLAINED, answers={"agencies": "theirs"})
    assert words() == []

    workflow.run_apply(source, importing_admin)

    assert Import.objects.get().state == ImportState.APPLIED
    kept = [("agency", "TBC", "none"), ("status", "Green", "none"), ("status", "In progress", "on_track")]
    assert words() == kept
    told = set(ImportWord.history.values_list("history_user", "history_change_reason"))
    assert told == {(importing_admin.pk, str(source))}

    again = bring(small_plan, importing_admin, "Number,Status,Agency Lead", "3,IN-PROGRESS,tbc", "4,Amber,")
    summary = CheckSummary.of_import(again)
    assert [one.written for one in summary.unknown_names] == ["Amber"]
    assert "As explained for an earlier file: “IN-PROGRESS” means On track and “tbc” means nobody yet." in summary.notes
    # It stands with the decisions about this file, and can be made another there.
    assert again.options["names"]["status"] == {"IN-PROGRESS": {"use": "on_track", "recalled": "yes"}}

    workflow.run_undo(source, importing_admin)
    assert words() == kept


def test_cases_word_that_is_explained_anew_means_that_from_then_on(small_plan, importing_admin):
    ImportWord.objects.create(kind="status", word="Green", meaning="on_track")
    names = {"status": {"GREEN": {"use": "at_risk"}}}
    source = bring(small_plan, importing_admin, "Number,Status", "1,GREEN", names=names)
    workflow.run_apply(source, importing_admin)
    assert words() == [("status", "Green", "at_risk")]
    assert Activity.objects.get(number=1).status == Status.AT_RISK
    # What is asked again has no meaning.
    ImportWord.objects.update(meaning="")
    source = bring(small_plan, importing_admin, "Number,Status", "2,Green")
    assert [one.written for one in CheckSummary.of_import(source).unknown_names] == ["Green"]


def test_cases_what_was_recalled_is_imported_and_not_written_again(small_plan, importing_admin):
    ImportWord.objects.create(kind="status", word="Green", meaning="on_track")
    source = bring(small_plan, importing_admin, "Number,Status", "1,green.")
    workflow.run_apply(source, importing_admin)
    assert Activity.objects.get(number=1).status == Status.ON_TRACK
    assert (words(), ImportWord.history.count()) == ([("status", "Green", "on_track")], 1)


def test_cases_updaters_words_are_read_as_explained_and_not_kept(small_plan, make_updater):
    ImportWord.objects.create(kind="status", word="Green", meaning="on_track")
    updater = make_updater("updater@police.example", "Police updater", "police").user
    lines = ("Number,Update Status,What Happened", "1,Green,Done.", "1,Red,Not done.")
    source = bring(small_plan, updater, *lines[:2], scope=ImportScope.UPDATES)
    assert source.counts["errors"] == 0
    names = {"status": {"Red": {"use": "off_track"}}}
    source = bring(small_plan, updater, lines[0], lines[2], scope=ImportScope.UPDATES, names=names)
    workflow.run_apply(source, updater)
    assert Import.objects.get(pk=source.pk).state == ImportState.APPLIED
    assert words() == [("status", "Green", "on_track")]


def test_cases_file_without_such_words_asks_for_none(check, small_plan):
    table = returned(small_plan)
    with CaptureQueriesContext(connection) as asked:
        check(table)
    assert [one["sql"] for one in asked.captured_queries if "importword" in one["sql"]] == []
