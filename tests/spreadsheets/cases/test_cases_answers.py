"""Words of other houses, asked about once: statuses in other words, and what stands where nobody leads yet."""

import pytest

from plans.choices import ImportScope, Status
from plans.models import Activity, Agency
from plans.spreadsheets.importing.outcome import Options, UnknownName
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
