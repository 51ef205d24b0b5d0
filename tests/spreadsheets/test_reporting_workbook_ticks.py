"""The sheet of sub-activities in the workbook that an agency fills in."""

from datetime import date

from plans.models import SubActivity
from plans.spreadsheets.row_versions import ItemVersion, unseal_item
from plans.spreadsheets.writing.reporting_workbook import reporting_workbook_of
from tests.spreadsheets.test_reporting_workbook import TODAY, agency, explanations, plan, workbook  # noqa: F401
from tests.views.conftest import open_reading, year_two  # noqa: F401

HEADINGS = ["Number", "Activity", "Sub-activity", "Done", "Done On", "Due", "Responsible Agency", "Row Version"]


def items(number):
    return list(SubActivity.objects.filter(activity__number=number).order_by("position"))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_sheet_has_a_row_for_each_sub_activity_that_is_not_done(plan):  # noqa: F811
    done, withdrawn, left = items(4)
    SubActivity.objects.filter(pk=done.pk).update(is_done=True, done_on=TODAY)
    SubActivity.objects.filter(pk=withdrawn.pk).update(withdrawn_on=TODAY)
    SubActivity.objects.filter(pk=left.pk).update(due_on=date(2027, 6, 30), agency=agency("police"))
    book = workbook(plan, "te-whatu-ora")
    headings, row = rows(book["Sub-activities"])

    assert book.sheetnames == ["Activities", "Sub-activities", "Instructions", "Lists"]
    assert headings == HEADINGS
    assert row[:5] == [4, "Coordination of meth harm reduction programmes", left.text, None, None]
    assert (row[5].date(), row[6]) == (date(2027, 6, 30), "Police")
    assert unseal_item(row[7]) == ItemVersion(plan.pk, left.activity_id, 4, left.pk)
    assert unseal_item(row[7].replace("4", "5", 1)) is None


def test_sheet_holds_those_of_the_agency_and_is_left_out_where_there_are_none(plan):  # noqa: F811
    found = {code: reporting_workbook_of(agency(code), plan, TODAY).items for code in ("tnoc", "msd", "police")}

    assert {code: [(line.number, item) for line, item in some] for code, some in found.items()} == {
        "tnoc": [(3, item) for item in items(3)],
        "msd": [(12, item) for item in items(12)],
        "police": [],
    }
    assert workbook(plan, "police").sheetnames == ["Activities", "Instructions", "Lists"]


def test_sheet_is_open_for_yes_and_a_day_that_has_been_and_for_nothing_else(plan):  # noqa: F811
    book = workbook(plan, "tnoc")
    sheet = book["Sub-activities"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    days = rules["E2:E4"]

    assert sheet.protection.sheet
    assert [cell.column_letter for cell in sheet[2] if not cell.protection.locked] == ["D", "E"]
    assert [cell.column_letter for cell in sheet[2] if cell.fill.fgColor.rgb == "FFF0F0F0"] == [*"ABCFG"]
    assert sheet.column_dimensions["H"].hidden
    assert sheet["E2"].number_format == "d mmmm yyyy"
    assert (days.type, days.operator or "between", days.formula2, days.showErrorMessage) == (
        *("date", "between", "TODAY()"),
        True,
    )
    assert days.error == "Write the day like 1 July 2024. Enter today or an earlier date."
    [yes] = [column for column in book["Lists"].columns if column[0].value == "Yes"]
    assert rules["D2:D4"].formula1 == f"Lists!${yes[0].column_letter}$1:${yes[0].column_letter}$1"
    assert [cell.value for cell in yes if cell.value] == ["Yes"]
    assert (sheet.oddHeader.center.text, sheet.print_area) == ("UNCLASSIFIED", "'Sub-activities'!$A$1:$G$4")


def test_explanation_says_what_to_do_in_it_where_it_is(plan):  # noqa: F811
    assert "The sheet Sub-activities" in dict(explanations(workbook(plan, "tnoc")))
    assert "The sheet Sub-activities" not in dict(explanations(workbook(plan, "police")))


def test_text_of_a_sub_activity_cannot_run_as_a_formula(plan):  # noqa: F811
    SubActivity.objects.filter(activity__number=3).update(text="=1+1", due_on=date(2024, 7, 1))
    sheet = workbook(plan, "tnoc")["Sub-activities"]

    assert {(cell.value, cell.data_type) for cell in sheet["C"][1:]} == {("=1+1", "s")}
