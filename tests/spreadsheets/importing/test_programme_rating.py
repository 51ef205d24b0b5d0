from io import BytesIO

import pytest
from django.utils.timezone import localdate, now
from openpyxl import load_workbook

from plans.choices import ImportScope
from plans.models import Activity
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.row_versions import ROW_VERSION, unseal
from plans.spreadsheets.writing.export import write_xlsx
from plans.summaries.record import read_events

RATING, REASON = "Programme Rating", "Programme Rating Reason"
HEADINGS = f"Number,{RATING},{REASON}"
WHY = "Two milestones slipped"


def rating(number):
    return Activity.objects.values_list("programme_rating", "programme_rating_reason", "status").get(number=number)


def rate(number, value="at_risk", reason=WHY):
    Activity.objects.filter(number=number).update(programme_rating=value, programme_rating_reason=reason)


def told(source):
    rows = source.rows.exclude(changes=[]).order_by("row")
    return [(row.number, change["column"], change["old"], change["new"]) for row in rows for change in row.changes]


@pytest.fixture
def sheet_of(plan):
    """Exports the plan as Excel; answers the sheet of activities."""

    def run():
        activities = Activity.objects.filter(plan=plan).order_by("number").for_export(localdate())
        return load_workbook(BytesIO(write_xlsx(activities, plan, [], "http://testserver/", now())))["Activities"]

    return run


def cell(sheet, number, heading):
    headings = [one.value for one in sheet[1]]
    return sheet.cell(number + 1, headings.index(heading) + 1)


def check(sheet, plan, admin):
    file = BytesIO()
    sheet.parent.save(file)
    source = workflow.keep_file(plan, file.getvalue(), "plan.xlsx", by=admin, scope=ImportScope.PLAN)
    workflow.run_check(source)
    return source


@pytest.mark.parametrize("heading", [RATING, "Programme RAG", "programme rating"])
def test_rating_comes_in_is_told_and_goes_back(imported, admin, heading):
    imported("Number,Activity", "3,Another title")
    source = imported(f"Number,{heading},{REASON}", f"3,at risk,{WHY}")
    assert rating(3) == ("at_risk", WHY, "no_update")
    assert told(source) == [(3, RATING, "", "At risk"), (3, REASON, "", WHY)]
    sentences = [one.change.sentence for one in read_events(Activity.objects.get(number=3))]
    assert sentences[-2:] == [
        "set the programme rating to “At risk”",
        f"set the reason for the programme rating to “{WHY}”",
    ]
    workflow.run_undo(source, admin)
    assert rating(3) == ("", "", "no_update")


def test_rating_is_exported_and_comes_back_unchanged(plan, admin, sheet_of):
    rate(3)
    sheet = sheet_of()
    assert [cell(sheet, 3, heading).value for heading in (RATING, REASON)] == ["At risk", WHY]
    version = unseal(cell(sheet, 3, ROW_VERSION).value)
    assert [version.original(heading) for heading in (RATING, REASON)] == ["At risk", WHY]
    source = check(sheet, plan, admin)
    assert (told(source), source.counts["unchanged"]) == ([], 15)


def test_rating_that_both_changed_is_a_conflict(plan, admin, sheet_of):
    rate(3)
    sheet = sheet_of()
    cell(sheet, 3, RATING).value = "Off track"
    rate(3, "on_track")
    [change] = check(sheet, plan, admin).rows.get(number=3).changes
    assert (change["is_conflict"], change["original"], change["theirs"], change["old"]) == (
        *(True, "At risk", "Off track", "On track"),
    )


def test_file_without_the_columns_changes_no_rating(imported):
    rate(3)
    imported("Number,Activity", "3,Another title")
    assert rating(3)[:2] == ("at_risk", WHY)


def test_blank_cells_clear_only_where_the_person_said_so(imported):
    rate(3)
    imported(HEADINGS, "3,,")
    assert rating(3)[:2] == ("at_risk", WHY)
    imported(HEADINGS, "3,,", clears=frozenset({RATING, REASON}))
    assert rating(3)[:2] == ("", "")


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ("At risk,", RATING, f"say why in the column {REASON}."),
        (f",{WHY}", REASON, f"there is no rating. Add it in the column {RATING}, or clear this reason."),
        (f"No update yet,{WHY}", RATING, "“No update yet” cannot stand here. Choose from: Not started, On track, "),
        (f"At risk,{'x' * 501}", REASON, "there is room for 500 characters; this one has 501."),
    ],
)
def test_rating_and_its_reason_come_together(bring, cells, column, sentence):
    [error] = bring(HEADINGS, f"3,{cells}").rows.get(row=2).errors
    assert error["column"] == column
    assert error["message"].startswith(sentence)


def test_undo_leaves_no_rating_without_its_reason(imported, admin):
    source = imported(HEADINGS, f"3,At risk,{WHY}", f"4,At risk,{WHY}")
    rate(3, reason="Funding is late")
    workflow.run_undo(source, admin)
    assert (rating(3)[:2], rating(4)[:2]) == (("at_risk", "Funding is late"), ("", ""))
    assert [(one["number"], one["column"]) for one in source.undo_report["kept"]] == [(3, REASON), (3, RATING)]


def test_updaters_change_no_rating(plan, admin):
    rate(3)
    lines = f"{HEADINGS}\n3,On track,{WHY}".encode()
    source = workflow.keep_file(plan, lines, "plan.csv", by=admin, scope=ImportScope.UPDATES)
    workflow.run_check(source)
    [error] = source.rows.get(row=2).errors
    assert (error["column"], "only programme admins" in error["message"]) == (RATING, True)
