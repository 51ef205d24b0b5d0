"""The file of an import with its errors marked: what is marked, what it keeps, and that it can be sent again."""

import ast
import os
import subprocess
import sys
from functools import partial
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from plans import limited_process
from plans.choices import ImportScope
from plans.limited_process import NoTurn, take_turn
from plans.models import Activity, Agency
from plans.spreadsheets.columns import HEADINGS
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.writing import error_copy
from plans.spreadsheets.writing.error_copy import AUTHOR, EXPLANATION, SHEET, write_marked
from plans.spreadsheets.writing.export import write_xlsx
from plans.spreadsheets.writing.reporting_workbook import reporting_workbook_of, write_reporting_workbook
from tests.views.conftest import open_reading, year_two  # noqa: F401
from tests.views.imports import make_import

MARK = "FFF8CBAD"
POLCIE = "No agency is called 'Polcie'. Did you mean Police?"


@pytest.fixture
def plan(year_two):  # noqa: F811
    return year_two


@pytest.fixture
def bring(plan, make_user):
    """Keeps a file and checks it; answers the import."""
    admin = make_user("admin@programme.example", is_superuser=True)

    def run(content, name="plan.xlsx"):
        source = workflow.keep_file(plan, content, name, by=admin, scope=ImportScope.PLAN)
        workflow.run_check(source)
        assert (source.state, source.problem) == ("checked", "")
        return source

    return run


def saved(book):
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def exported(plan):
    return load_workbook(
        BytesIO(write_xlsx(Activity.objects.order_by("number").for_export(localdate()), plan, [], "http://x/", now()))
    )


def marked(source):
    with write_marked(source) as file:
        return load_workbook(file)


def with_part(content, name, old, new):
    """The workbook with `old` replaced by `new` in one of its parts."""
    file = BytesIO()
    with ZipFile(BytesIO(content)) as before, ZipFile(file, "w", ZIP_DEFLATED) as after:
        for part in before.namelist():
            data = before.read(part)
            after.writestr(part, data.replace(old, new) if part == name else data)
    return file.getvalue()


def marks_in(sheet):
    return {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == MARK}


def comments_in(sheet):
    return {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}


def listed(book):
    return [tuple(cell or "" for cell in row) for row in book[SHEET].iter_rows(values_only=True)]


def test_marked_workbook_has_a_mark_and_a_comment_in_each_bad_cell(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    book["Activities"]["I4"] = "Nearly"
    book["Activities"]["D5"] = "Fine"
    result = marked(bring(saved(book)))
    sheet = result["Activities"]

    assert marks_in(sheet) == {"F3", "I4"}
    assert comments_in(sheet)["F3"] == POLCIE
    assert [cell.value for cell in sheet[3]] == [cell.value or None for cell in book["Activities"][3]]
    assert result.active.title == "Activities"
    assert result.sheetnames == ["Activities", "About this export", "Lists", SHEET]
    assert listed(result)[:3] == [(EXPLANATION, "", ""), error_copy.HEADINGS, ("Row 3", "Agency Lead", POLCIE)]
    assert [line[:2] for line in listed(result)[3:]] == [("Row 4", "Status")]
    assert result[SHEET]["A3"].hyperlink.location or result[SHEET]["A3"].hyperlink.target == "#'Activities'!F3"


def test_marked_workbook_reads_as_the_one_that_came_and_can_be_mended(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    content = saved(book)
    result = marked(bring(content))

    assert read_table(saved(result), "plan.xlsx").rows == read_table(content, "plan.xlsx").rows

    result["Activities"]["F3"] = "MSD"
    again = bring(saved(result))
    assert (again.counts["errors"], again.counts["updated"], again.counts["unchanged"]) == (0, 1, 14)
    assert again.findings["has_versions"]


def test_marks_of_an_earlier_check_go_when_the_cell_is_mended(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"], book["Activities"]["F4"] = "Polcie", "Polcie"
    half = marked(bring(saved(book)))
    half["Activities"]["F3"] = "MSD"
    result = marked(bring(saved(half)))

    assert marks_in(result["Activities"]) == {"F4"}
    assert list(comments_in(result["Activities"])) == ["F4"]
    assert result.sheetnames.count(SHEET) == 1
    assert [line[0] for line in listed(result)[2:]] == ["Row 4"]


def test_marked_workbook_keeps_looks_sheets_and_words_of_others(plan, bring):
    book = Workbook()
    book.active.title = "Mine"
    book.active.append(["Notes above the headings"])
    book.active.append(["Status", "Number"])
    book.active.append(["Nearly", 1])
    book.active["A3"].comment = Comment("Ask them", "Somebody")
    book.active["B2"].font = Font(bold=True)
    book.create_sheet("Other")["A1"] = "=1+1"
    result = marked(bring(saved(book)))

    assert result.sheetnames == ["Mine", "Other", SHEET]
    assert comments_in(result["Mine"])["A3"].startswith("Ask them\n\n'Nearly'") or comments_in(result["Mine"])[
        "A3"
    ].startswith("Ask them\n\nNo status is called 'Nearly'.")
    assert result["Mine"]["B2"].font.b
    assert result["Other"]["A1"].value is None


def test_marked_workbook_carries_no_formula(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    book["Activities"].cell(3, len(HEADINGS) + 2).value = "=1+1"
    cell = book["Activities"]["D3"]
    cell.value, cell.data_type = "=2+2", "s"
    result = marked(bring(saved(book)))

    assert {one.data_type for sheet in result for row in sheet.iter_rows() for one in row} <= {"s", "n", "d"}
    assert result["Activities"]["D3"].value == "=2+2"


def test_whole_row_is_marked_where_its_number_stands(plan, bring):
    book = Workbook()
    book.active.append(["Status", "Number"])
    book.active.append(["On track", 1])
    book.active.append(["On track", 1])
    result = marked(bring(saved(book)))

    assert marks_in(result.worksheets[0]) == {"B2", "B3"}


def test_locked_cell_can_be_mended(plan, bring):
    content = write_reporting_workbook(
        reporting_workbook_of(Agency.objects.get(code="police"), plan, localdate()), plan, "http://x/", now()
    )
    book = load_workbook(BytesIO(content))
    [place] = [cell.column_letter for cell in book["Activities"][1] if cell.value == "Agency Lead"]
    book["Activities"][f"{place}2"] = "Polcie"
    sheet = marked(bring(saved(book)))["Activities"]

    assert sheet.protection.sheet
    assert not sheet[f"{place}2"].protection.locked
    assert sheet[f"{place}3"].protection.locked


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.csv", "Number,Agency Lead,Activity\r\n1,Polcie,'=1+1\r\n2,MSD,Kāinga\r\n".encode()),
        ("plan.txt", "Number\tAgency Lead\tActivity\n1\tPolcie\t=1+1\n2\tMSD\tKāinga\n".encode("utf-16")),
    ],
)
def test_file_of_another_kind_comes_as_a_workbook(plan, bring, name, content):
    result = marked(bring(content, name))
    sheet = result["Activities"]

    assert [[cell.value for cell in row] for row in sheet] == [
        ["Number", "Agency Lead", "Activity"],
        [1, "Polcie", "=1+1"],
        [2, "MSD", "Kāinga"],
    ]
    assert sheet["C2"].data_type == "s"
    assert (marks_in(sheet), comments_in(sheet)) == ({"B2"}, {"B2": POLCIE})
    assert read_table(saved(result), "x.xlsx").rows == read_table(content, name).rows
    assert listed(result)[2:] == [("Row 2", "Agency Lead", POLCIE)]


def test_very_large_workbook_comes_as_a_plain_table_with_its_versions_hidden(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    content = with_part(saved(book), "xl/theme/theme1.xml", b"</a:theme>", b" " * 13 * 2**20 + b"</a:theme>")
    result = marked(bring(content))
    sheet = result["Activities"]

    assert result.sheetnames == ["Activities", SHEET]
    assert marks_in(sheet) == {"F3"}
    assert sheet.column_dimensions[get_column_letter(len(HEADINGS) + 1)].hidden
    assert read_table(saved(result), "x.xlsx").rows == read_table(content, "x.xlsx").rows


def test_thousands_of_errors_are_listed_as_far_as_they_help(plan, bring, monkeypatch):
    monkeypatch.setattr(error_copy, "MOST_LISTED", 5)
    lines = ["Number,Agency Lead", *(f"{number},Polcie" for number in range(1, 9))]
    result = marked(bring("\n".join(lines).encode(), "plan.csv"))

    assert marks_in(result["Activities"]) == {"B2", "B3", "B4", "B5", "B6"}
    said = "3 more rows have errors. Fix these first. The next check lists what is left."
    assert listed(result)[-1] == ("And", "", said)


def test_cells_beyond_the_first_thousand_are_marked_without_a_comment(monkeypatch):
    monkeypatch.setattr(error_copy, "MOST_COMMENTS", 2)
    found = error_copy.Marks([error_copy.Mark(row, 1, "Number", "Wrong.") for row in (2, 3, 4)])
    assert found.by_cell() == {(2, 1): "Wrong.", (3, 1): "Wrong.", (4, 1): ""}


@pytest.mark.parametrize("row_count", [10, 3_000])
def test_marks_are_read_in_one_query_for_as_many_rows_as_are_listed(plan, make_user, monkeypatch, row_count):
    monkeypatch.setattr(error_copy, "MOST_LISTED", 100)
    errors = [{"column": "Status", "message": "no status is called 'Fine'."}] * 2
    rows = [{"row": row, "kind": "error", "errors": errors} for row in range(2, row_count + 2)]
    source = make_import(plan, make_user("admin@programme.example"), rows)
    with CaptureQueriesContext(connection) as queries:
        found = error_copy.read_marks(source)

    assert len(queries) == 1
    assert "LIMIT 100" in queries[0]["sql"]
    assert (len(found.listed), found.more_count) == (min(2 * row_count, 100), max(0, row_count - 50))


def test_workbook_that_only_its_values_can_be_read_of_comes_as_a_plain_table(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    odd = b'<hyperlinks><hyperlink ref="nonsense"/></hyperlinks><pageMargins'
    source = bring(with_part(saved(book), "xl/worksheets/sheet1.xml", b"<pageMargins", odd))
    assert marked(source).sheetnames == ["Activities", SHEET]


def test_file_that_cannot_be_read_any_more_comes_as_the_list_of_its_errors(plan, bring, settings):
    source = bring(b"Number,Agency Lead\n1,Polcie\n", "plan.csv")
    settings.IMPORT_LIMITS = {**settings.IMPORT_LIMITS, "max_columns": 1}
    result = marked(source)

    assert result.sheetnames == [SHEET]
    assert listed(result)[2:] == [("Row 2", "Agency Lead", POLCIE)]


def test_file_is_marked_by_a_process_without_secrets_that_keeps_its_limits(plan, bring, monkeypatch):
    source = bring(b"Number,Agency Lead\n1,Polcie\n", "plan.csv")
    started = []

    def start(command, **about):
        started.append((command, about["env"]))
        return Popen(command, **about)

    Popen = limited_process.subprocess.Popen  # noqa: N806 - what it is called
    monkeypatch.setattr(limited_process.subprocess, "Popen", start)
    marked(source)

    assert ["plans.spreadsheets.writing.error_copy_child" in command[3] for command, _ in started] == [True, True]
    assert all(env.keys() <= {"PATH", "LD_LIBRARY_PATH", "TMPDIR", "RUST_BACKTRACE"} for _, env in started)


def test_web_process_never_loads_what_opens_files():
    names = "archive", "child", "docx", "ods", "xls", "xlsx"
    opened_by_the_child = [f"plans.spreadsheets.reading.{name}" for name in names]
    code = (
        "import django, sys; django.setup(); import rocc.urls, plans.spreadsheets.pages.views; "
        "import plans.spreadsheets.writing.error_copy; "
        f"heavy = 'plans.spreadsheets.writing.error_copy_', 'python_calamine', *{opened_by_the_child}; "
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    assert ast.literal_eval(done.stdout) == []


def test_only_so_many_are_marked_at_once(plan, bring, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("plans.spreadsheets.writing.error_copy.MOST_WAIT_SECONDS", 0)
    source = bring(b"Number,Agency Lead\n1,Polcie\n", "plan.csv")
    turn = partial(take_turn, "marking", places=2, wait_seconds=0)
    with turn(), turn(), pytest.raises(NoTurn):
        write_marked(source)
    assert marked(source).sheetnames == ["Activities", SHEET]


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        ('<mergeCells><mergeCell ref="A10:XFD1048576"/></mergeCells>', set()),
        ('<mergeCells><mergeCell ref="A20:XFD20"/></mergeCells>', {"A20:GR20"}),
    ],
)
def test_merged_cells_beyond_what_can_be_imported_do_not_spread(plan, bring, odd, kept):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    content = with_part(saved(book), "xl/worksheets/sheet1.xml", b"<pageMargins", f"{odd}<pageMargins".encode())
    result = marked(bring(content))

    assert {str(area) for area in result["Activities"].merged_cells.ranges} == kept
    assert marks_in(result["Activities"]) == {"F3"}
    assert "About this export" in result.sheetnames


def test_looks_that_stand_on_whole_columns_are_imported_and_kept(plan, bring):
    book = exported(plan)
    sheet = book["Activities"]
    sheet["F3"] = "Polcie"
    rule = FormulaRule(formula=["$A1=1"], fill=PatternFill("solid", bgColor="FFFF0000"))
    sheet.conditional_formatting.add("A1:XFD1048576", rule)
    validation = DataValidation("list", formula1='"Yes,No"', sqref="M1:M1048576")
    sheet.add_data_validation(validation)
    book.defined_names["Everything"] = DefinedName("Everything", attr_text="Activities!$A$1:$XFD$1048576")
    result = marked(bring(saved(book)))

    assert marks_in(result["Activities"]) == {"F3"}
    assert [str(one.sqref) for one in result["Activities"].conditional_formatting] == ["A1:XFD1048576"]
    assert "M1:M1048576" in [str(one.sqref) for one in result["Activities"].data_validations.dataValidation]
    assert "Everything" in result.defined_names


def test_marks_know_their_author(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    assert marked(bring(saved(book)))["Activities"]["F3"].comment.author == AUTHOR
