"""The workbook that an agency fills in: which activities it holds, what is open in it, what it explains."""

from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook

from plans.actions.reporting_rules import PRIVACY_HINT
from plans.choices import Status
from plans.models import Activity, Agency, Plan, ReportingRound, StatusUpdate
from plans.spreadsheets.columns import HEADINGS, LATEST_UPDATE, MERGED_COLUMNS, UPDATE_HEADINGS
from plans.spreadsheets.row_versions import ROW_VERSION, unseal
from plans.spreadsheets.writing.reporting_workbook import (
    LOCKED_NOTE,
    all_reporting_workbooks,
    reporting_workbook_of,
    write_reporting_workbook,
)
from tests.views.conftest import open_reading, year_two  # noqa: F401

TODAY = date(2024, 7, 2)
MADE_AT = datetime(2024, 7, 1, 12, 30, tzinfo=UTC)
URL = "http://testserver/plans/year-two/import/"


@pytest.fixture
def plan(year_two):  # noqa: F811
    return year_two


def agency(code):
    return Agency.objects.get(code=code)


def numbers(fill_in):
    return [line.number for line, _ in fill_in.rows]


def workbook(plan, code):
    return load_workbook(
        BytesIO(write_reporting_workbook(reporting_workbook_of(agency(code), plan, TODAY), plan, URL, MADE_AT))
    )


def column(sheet, heading):
    [cell] = [cell for cell in sheet[1] if cell.value == heading]
    return [below.value or "" for below in sheet[cell.column_letter][1:]]


def letters(sheet, headings):
    return [cell.column_letter for cell in sheet[1] if cell.value in headings]


# Who gets what


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("police", [1, 5, 8, 10, 13]),  # 10 as one of all agencies
        ("msd", [2, 8, 10, 12]),  # 12 through its policy office
        ("msd-rps-policy-office", [12]),
        ("tnoc", [3]),
        ("all", [10]),
        ("ndib", []),
    ],
)
def test_fill_in_holds_what_the_agency_leads(plan, code, expected):
    assert numbers(reporting_workbook_of(agency(code), plan, TODAY)) == expected


def test_fill_in_leaves_out_what_is_withdrawn_has_ended_or_is_in_another_plan(plan):
    Activity.objects.filter(number=5).update(withdrawn_on=TODAY)
    Activity.objects.filter(number=8).update(ending="stopped", ended_on=TODAY, ending_note="Not funded")
    other = Plan.objects.create(slug="year-three", name="Year Three", short_name="Year Three")
    Activity.objects.filter(number=13).update(plan=other)

    assert numbers(reporting_workbook_of(agency("police"), plan, TODAY)) == [1, 10]


def test_fill_ins_of_all_are_those_of_each(plan):
    found = {one.agency.code: one for one in all_reporting_workbooks(plan, TODAY)}

    assert {code: numbers(one) for code, one in found.items()} == {
        code: numbers(reporting_workbook_of(agency(code), plan, TODAY)) for code in found
    }
    assert list(found) == [
        *("apa", "kainga-ora", "manatu-hauora", "mbie", "moe", "moj", "msd", "msd-rps-policy-office"),
        *("oranga-tamariki", "police", "rocc", "swa", "te-whatu-ora", "tnoc", "tpk"),
    ]


def test_fill_ins_of_all_leave_out_agencies_from_the_day_after_their_last(plan):
    assert "te-aka-whai-ora" in [one.agency.code for one in all_reporting_workbooks(plan, date(2024, 6, 30))]
    assert "te-aka-whai-ora" not in [one.agency.code for one in all_reporting_workbooks(plan, date(2024, 7, 1))]


def test_fill_in_costs_eight_queries_however_many_activities(plan, django_assert_num_queries):
    one, five = agency("tnoc"), agency("police")

    for found in (one, five):
        with django_assert_num_queries(8):
            reporting_workbook_of(found, plan, TODAY)


def test_fill_in_names_who_may_report_in_it(plan):
    assert reporting_workbook_of(agency("police"), plan, TODAY).reporters == ["Police"]
    assert reporting_workbook_of(agency("msd"), plan, TODAY).reporters == ["MSD", "MSD RPS Policy Office"]
    assert reporting_workbook_of(agency("all"), plan, TODAY).reporters[:1] == ["All"]
    assert len(reporting_workbook_of(agency("all"), plan, TODAY).reporters) > 10


# The sheet to fill in


def test_sheet_has_every_column_once_and_its_version_hidden_last(plan):
    sheet = workbook(plan, "police")["Activities"]
    headings = [cell.value for cell in sheet[1]]

    assert headings[:2] == ["Number", "Activity"]
    assert headings[-1] == ROW_VERSION
    assert sorted(headings) == sorted([*HEADINGS, *UPDATE_HEADINGS, LATEST_UPDATE, ROW_VERSION])
    assert [cell.value for cell in sheet[1] if sheet.column_dimensions[cell.column_letter].hidden] == [ROW_VERSION]
    assert column(sheet, "Number") == [1, 5, 8, 10, 13]


def test_sheet_is_open_where_it_is_to_be_filled_in_and_nowhere_else(plan):
    sheet = workbook(plan, "police")["Activities"]
    opened = letters(sheet, UPDATE_HEADINGS)

    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert [cell.column_letter for cell in sheet[2] if not cell.protection.locked] == opened
    assert [cell.value for cell in sheet[2] if cell.column_letter in opened] == [None] * 7
    assert [cell.column_letter for cell in sheet[1] if not cell.protection.locked] == []
    shaded = [cell.column_letter for cell in sheet[2] if cell.fill.fgColor.rgb == "FFF0F0F0"]
    assert shaded == letters(sheet, [*HEADINGS, LATEST_UPDATE])


def test_sheet_explains_its_columns_at_their_headings(plan):
    sheet = workbook(plan, "police")["Activities"]
    comments = {cell.value: cell.comment.text for cell in sheet[1] if cell.comment}

    assert list(comments) == ["Number", *UPDATE_HEADINGS]
    assert comments["Number"] == LOCKED_NOTE
    assert comments["What Happened"] == (
        "What has happened?\nA few sentences. Explain why if the status is At risk, Off track or Paused."
    )


def test_sheet_takes_nothing_but_what_its_lists_offer(plan):
    book = workbook(plan, "msd")
    sheet = book["Activities"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    lists = [[cell.value for cell in row if cell.value] for row in book["Lists"].columns]
    who, status, *words = (f"{letter}2:{letter}5" for letter in letters(sheet, UPDATE_HEADINGS))

    statuses = [one.label for one in Status if one != Status.NO_UPDATE]
    assert lists == [["MSD", "MSD RPS Policy Office"], statuses, ["Yes"]]
    assert (rules[who].formula1, rules[status].formula1) == ("Lists!$A$1:$A$2", "Lists!$B$1:$B$6")
    assert [(rules[one].type, rules[one].showErrorMessage, rules[one].errorStyle) for one in (who, status)] == [
        ("list", True, None),
        ("list", True, None),
    ]
    assert [rules[one].prompt for one in words] == [PRIVACY_HINT] * 5
    assert book["Lists"].sheet_state == "hidden"


def test_sheet_shows_what_was_last_reported(plan, make_user):
    author = make_user("updater@police.example")
    first = Activity.objects.get(number=1)
    report = {"activity": first, "author": author, "agency": agency("police"), "made_at": MADE_AT}
    StatusUpdate.objects.create(
        **report, status="at_risk", what_happened="Kit is late.", whats_next="Order again.", barrier="Supply"
    )
    StatusUpdate.objects.create(**report, status="paused", retracted_at=MADE_AT, retracted_by=author)
    sheet = workbook(plan, "police")["Activities"]

    assert column(sheet, LATEST_UPDATE) == [
        "At risk: Police, 2 July 2024\nKit is late.\nNext: Order again.\nBarrier: Supply",
        *[""] * 4,
    ]


def test_version_of_each_row_is_made_for_the_agency(plan, make_user):
    activity = Activity.objects.get(number=5)
    update = StatusUpdate.objects.create(
        activity=activity, author=make_user("a@b.example"), kind="set", status="paused"
    )
    sheet = workbook(plan, "police")["Activities"]
    versions = [unseal(text) for text in column(sheet, ROW_VERSION)]

    assert [(one.plan_id, one.number, one.agency) for one in versions] == [
        (plan.pk, number, "police") for number in (1, 5, 8, 10, 13)
    ]
    assert (versions[1].activity_id, versions[1].latest_update_id) == (activity.pk, update.pk)
    for merged in MERGED_COLUMNS:
        assert [one.texts[merged.heading] for one in versions] == column(sheet, merged.heading)


def test_text_of_the_plan_cannot_run_as_a_formula(plan):
    Activity.objects.filter(number=1).update(title="=1+1")
    Agency.objects.filter(code="police").update(name="=2+2")
    book = workbook(plan, "police")

    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_workbook_prints_what_is_filled_in_with_its_marking(plan):
    book = workbook(plan, "police")

    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        ("Activities", "visible"),
        ("Instructions", "visible"),
        ("Lists", "hidden"),
    ]
    for sheet in book.worksheets[:2]:
        assert (sheet.oddHeader.center.text, sheet.oddFooter.center.text) == ("UNCLASSIFIED", "UNCLASSIFIED")
    assert book["Activities"].freeze_panes == "C2"
    assert book["Activities"].print_area == "'Activities'!$A$1:$K$6"


# The sheet of explanations


def explanations(book):
    return [(label or "", text or "") for label, text in book["Instructions"].iter_rows(values_only=True)]


def test_explanation_says_what_to_do_by_when_and_where(plan):
    ReportingRound.objects.create(
        plan=plan, name="December quarter", opened_on=date(2024, 6, 1), due_on=date(2024, 11, 30)
    )
    found = explanations(workbook(plan, "police"))

    assert found[:5] == [
        ("Plan", "Year Two ROCC Action Plan"),
        ("Protective marking", "UNCLASSIFIED"),
        ("For", "Police: the 5 activities it leads, including through a group or a unit"),
        ("Made", "2 July 2024 at 12:30 am"),
        ("Due", "30 November 2024, for the December quarter"),
    ]
    assert ("", URL) in found
    assert ("Privacy", PRIVACY_HINT) in found
    assert ("▲ At risk", Status.AT_RISK.meaning) in found
    assert [label for label, _ in found if Status.NO_UPDATE.label in label] == []


def test_explanation_says_when_no_round_is_open(plan):
    assert dict(explanations(workbook(plan, "tnoc")))["Due"] == (
        "No reporting round is open. You can still add an update at any time."
    )
