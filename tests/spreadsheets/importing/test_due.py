"""The due date of an activity in spreadsheets: a column that earlier files do not have."""

import csv
from datetime import date
from io import BytesIO

import pytest
from django.db import transaction
from django.utils.timezone import localdate, now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from plans.actions import edit_activity
from plans.choices import ImportScope
from plans.models import Activity
from plans.spreadsheets.columns import DUE, MERGED_COLUMNS
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.row_versions import ROW_VERSION, unseal
from plans.spreadsheets.writing.export import write_csv, write_xlsx
from plans.summaries.record import read_events
from plans.summaries.slip_ledger import read_ledger

START, DAY, LATER = date(2026, 7, 1), date(2027, 6, 30), date(2027, 9, 30)

MOVE = {"dates": "theirs"}


def due(number, plan=None):
    return Activity.objects.get(number=number).due_on


def set_due(number, day):
    Activity.objects.filter(number=number).update(due_on=day)


def export(plan):
    activities = Activity.objects.filter(plan=plan).order_by("number").for_export(localdate())
    return load_workbook(BytesIO(write_xlsx(activities, plan, [], "http://testserver/", now())))


def place(book, heading):
    return [cell.value for cell in book["Activities"][1]].index(heading) + 1


def saved(book):
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def check_book(plan, admin):
    def run(book):
        source = workflow.keep_file(plan, saved(book), "plan.xlsx", by=admin, scope=ImportScope.PLAN)
        workflow.run_check(source)
        return source

    return run


def told(source):
    rows = source.rows.exclude(changes=[]).order_by("row")
    return [(row.number, change["column"], change["old"], change["new"]) for row in rows for change in row.changes]


def test_dates_are_exported_as_dates_in_the_last_columns(plan):
    Activity.objects.filter(number=3).update(due_on=DAY, starts_on=START)
    book = export(plan)
    cells = [book["Activities"].cell(4, place(book, heading)) for heading in ("Due", "Starts")]
    assert [(one.value.date(), one.number_format) for one in cells] == [(DAY, "d mmmm yyyy"), (START, "d mmmm yyyy")]
    headings = [one.value for one in book["Activities"][1]]
    assert (headings[11:13], headings[-1]) == (["Due", "Starts"], ROW_VERSION)
    text = b"".join(write_csv(Activity.objects.order_by("number").for_export(localdate()))).decode("utf-8-sig")
    assert [row["Due"] for row in csv.DictReader(text.splitlines()) if row["Number"] == "3"] == ["2027-06-30"]


@pytest.mark.parametrize("heading", ["Due", "due date", "Deadline"])
@pytest.mark.parametrize("written", ["30/6/2027", "30 June 2027", "2027-06-30", "46568"])
def test_due_date_is_read_as_people_write_it(imported, heading, written):
    source = imported(f"Number,{heading}", f"3,{written}")
    assert due(3) == DAY
    assert told(source) == [(3, "Due", "", "30 June 2027")]


def test_due_date_that_is_none_is_an_error_of_its_cell(bring):
    source = bring("Number,Due Date", "3,next winter")
    assert [row.errors for row in source.rows.filter(row=2)] == [
        [
            {
                "column": "Due Date",
                "message": "“next winter” is not a date. Use a date like 1 July 2024 or 1/7/2024.",
            }
        ]
    ]


def test_blank_due_date_clears_only_where_the_person_said_so(imported):
    set_due(3, DAY)
    imported("Number,Due", "3,")
    assert due(3) == DAY
    imported("Number,Due", "3,", clears=frozenset({"Due"}), answers=MOVE, date_reason="Not needed")
    assert due(3) is None


def test_file_without_the_column_changes_no_due_date(plan, check_book, imported):
    set_due(3, DAY)
    book = export(plan)
    book["Activities"].delete_cols(place(book, "Due"))
    book["Activities"].cell(4, place(book, "Activity")).value = "Another title"
    source = check_book(book)
    assert [column for _, column, *_ in told(source)] == ["Activity"]
    imported("Number,Activity", "3,A third title")
    assert due(3) == DAY


def test_export_imported_again_changes_no_due_date(plan, check_book):
    set_due(3, DAY)
    source = check_book(export(plan))
    assert (told(source), source.counts["unchanged"]) == ([], 15)


def test_due_date_that_both_changed_is_a_conflict_and_one_that_the_plan_changed_stays(plan, check_book):
    set_due(3, DAY)
    set_due(4, DAY)
    book = export(plan)
    book["Activities"].cell(4, place(book, "Due")).value = date(2028, 1, 1)
    set_due(3, LATER)
    set_due(4, LATER)
    source = check_book(book)
    [change] = source.rows.get(number=3).changes
    assert (change["is_conflict"], change["original"], change["theirs"], change["old"]) == (
        True,
        "30 June 2027",
        "1 January 2028",
        "30 September 2027",
    )
    [note] = source.rows.get(number=4).changes
    assert note["note"].startswith("Due: The plan changed it after the file was made")


def test_row_version_holds_the_due_date_as_reading_the_cell_gives_it(plan):
    set_due(3, DAY)
    book = export(plan)
    version = unseal(book["Activities"].cell(4, place(book, ROW_VERSION)).value)
    assert version.original("Due") == "30 June 2027"


def test_due_date_typed_into_a_file_of_earlier_versions_is_taken(plan, check_book, monkeypatch):
    monkeypatch.setattr(
        "plans.spreadsheets.writing.export.MERGED_HEADINGS",
        tuple(column.heading for column in MERGED_COLUMNS if column is not DUE),
    )
    monkeypatch.setattr("plans.spreadsheets.writing.export.merged_cells_of", _merged_cells_without_due)
    book = export(plan)
    assert not unseal(book["Activities"].cell(4, place(book, ROW_VERSION)).value).knows("Due")
    book["Activities"].cell(4, place(book, "Due")).value = DAY
    assert told(check_book(book)) == [(3, "Due", "", "30 June 2027")]


def _merged_cells_without_due(line):
    return [getattr(line, column.attribute) for column in MERGED_COLUMNS if column is not DUE]


def test_undo_puts_the_due_date_back_unless_somebody_moved_it_since(imported, admin):
    set_due(3, DAY)
    source = imported("Number,Due", "3,30/9/2027", "4,30/9/2027", answers=MOVE, date_reason="Late funding")
    set_due(4, DAY)
    workflow.run_undo(source, admin)
    assert (due(3), due(4)) == (DAY, DAY)
    assert source.undo_report["kept"] == [
        {"number": 4, "column": "Due", "imported": "30 September 2027", "now": "30 June 2027"}
    ]


def test_undo_withdraws_what_an_import_made_before_there_were_due_dates(imported, admin):
    source = imported("Number,Strategic Focus Area,Priority Action Area,Activity", "16,SUPPLY,P1,New")
    row = source.rows.get(number=16)
    del row.after["due_on"]
    row.save(update_fields=["after"])
    workflow.run_undo(source, admin)
    assert Activity.objects.get(number=16).withdrawn_on is not None


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        (("Number,Starts,Due", "3,1/7/2027,30/6/2027"), {"Due": "the activity would be due on 30 June 2027, before"}),
        (("Number,Due", "3,30/6/2026"), {"Due": "the activity would be due on 30 June 2026, before it starts."}),
        (("Number,Start Date", "3,1/10/2027"), {"Start Date": "the activity would be due on 30 September 2027,"}),
        (("Number,Starts,Due", "3,30/6/2027,30/6/2027"), {}),
    ],
)
def test_activity_cannot_be_due_before_it_starts(bring, lines, errors):
    Activity.objects.filter(number=3).update(starts_on=START, due_on=LATER)
    found = {error["column"]: error["message"] for error in bring(*lines).rows.get(row=2).errors}
    assert found.keys() == errors.keys()
    assert all(errors[column] in found[column] for column in errors)


def test_start_date_comes_in_is_told_and_goes_back(imported, admin):
    imported("Number,Activity", "3,Another title")
    source = imported("Number,Start Date", "3,1 July 2026")
    activity = Activity.objects.get(number=3)
    assert (activity.starts_on, told(source)) == (START, [(3, "Starts", "", "1 July 2026")])
    assert "set the start date to “1 July 2026”" in [one.change.sentence for one in read_events(activity)]
    workflow.run_undo(source, admin)
    assert Activity.objects.get(number=3).starts_on is None


def test_history_says_how_the_due_date_moved(imported):
    imported("Number,Due", "3,30/6/2027")
    imported("Number,Due", "3,30/9/2027", answers=MOVE, date_reason="Late funding")
    sentences = [event.change.sentence for event in read_events(Activity.objects.get(number=3))]
    assert "changed the due date from “30 June 2027” to “30 September 2027”" in sentences


@pytest.mark.parametrize("cell", ["30/9/2027", ""])
def test_due_date_that_was_set_moves_only_with_a_reason(bring, cell, admin):
    set_due(3, DAY)
    lines, clears = ("Number,Due", f"3,{cell}", "4,1/2/2027"), frozenset({"Due"})
    source = bring(*lines, clears=clears)
    [question] = source.findings["questions"]
    after = "30 September 2027" if cell else "no due date"
    assert (question["kind"], question["count"], question["answer"]) == ("dates", 1, "")
    assert question["rows"][0]["about"] == [f"30 June 2027 → {after}"]
    for answers, reason in [({}, "Late funding"), (MOVE, "")]:
        again = bring(*lines, clears=clears, answers=answers, date_reason=reason)
        workflow.run_apply(again, admin)
        assert (again.state, due(3), due(4)) == ("checked", DAY, None)


def test_reason_is_in_the_history_and_the_slip_ledger(imported, plan):
    imported("Number,Due", "3,30/6/2027")
    source = imported("Number,Due", "3,30/9/2027", answers=MOVE, date_reason="Late funding")
    [work] = [one for one in read_ledger(plan, Activity.objects.filter(plan=plan), localdate()) if one.number == 3]
    assert [(move.why, move.days) for move in work.moves[-1:]] == [(f"{source}: Late funding", 92)]
    assert work.first_on == DAY


def test_dates_can_be_kept_while_the_rest_comes_in(imported):
    set_due(3, DAY)
    imported("Number,Activity,Due", "3,Another title,30/9/2027", answers={"dates": "ours"})
    assert (due(3), Activity.objects.get(number=3).title) == (DAY, "Another title")


@given(st.lists(st.sampled_from(["edit", "import", "undo"]), min_size=1, max_size=5), st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_first_planned_date_survives_edits_imports_and_undo(plan, admin, bring, steps, data):
    with transaction.atomic():
        activity = Activity.objects.get(number=3)
        activity.due_on = DAY
        edit_activity(activity=activity, by=admin, reason="Agreed", changed=["due_on"])
        undoable = []
        for step in steps:
            day = data.draw(st.dates(date(2027, 1, 1), date(2028, 12, 31)))
            if step == "edit":
                activity = Activity.objects.get(number=3)
                activity.due_on = data.draw(st.sampled_from([day, None]))
                edit_activity(activity=activity, by=admin, reason="Moved", changed=["due_on"])
            elif step == "import":
                source = bring("Number,Due", f"3,{day.isoformat()}", answers=MOVE, date_reason="Moved")
                workflow.run_apply(source, admin)
                undoable.append(source)
            elif undoable:
                workflow.run_undo(undoable.pop(), admin)
        [work] = [one for one in read_ledger(plan, Activity.objects.filter(plan=plan), localdate()) if one.number == 3]
        assert (work.first_on, work.due_on) == (DAY, due(3))
        transaction.set_rollback(True)
