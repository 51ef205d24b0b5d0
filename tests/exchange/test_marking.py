"""The file of an import with its errors marked: what is marked, what it keeps, and that it can be sent again."""

from io import BytesIO

import pytest
from django.utils.timezone import localdate, now
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from plans.choices import ImportScope
from plans.exchange import marks
from plans.exchange.files.reading import read_table
from plans.exchange.fill_in import fill_in_of
from plans.exchange.fill_in_writing import write_fill_in
from plans.exchange.importing import record
from plans.exchange.marking import write_marked
from plans.exchange.marks import AUTHOR, EXPLANATION, SHEET
from plans.exchange.writing import write_xlsx
from plans.models import Activity, Agency
from tests.views.conftest import open_reading, year_two, year_two_rows  # noqa: F401

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
        source = record.keep_file(plan, content, name, by=admin, scope=ImportScope.PLAN)
        record.run_check(source)
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
    return load_workbook(BytesIO(write_marked(source)))


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
    assert listed(result)[:3] == [(EXPLANATION, "", ""), marks.HEADINGS, ("Row 3", "Agency Lead", POLCIE)]
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
    book["Activities"]["M3"] = "=1+1"
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
    content = write_fill_in(fill_in_of(Agency.objects.get(code="police"), plan, localdate()), plan, "http://x/", now())
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


def test_very_large_workbook_comes_as_a_plain_table_with_its_versions_hidden(plan, bring, monkeypatch):
    monkeypatch.setattr("plans.exchange.marking.LARGEST_ORIGINAL_BYTES", 1_000)
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    content = saved(book)
    result = marked(bring(content))
    sheet = result["Activities"]

    assert result.sheetnames == ["Activities", SHEET]
    assert marks_in(sheet) == {"F3"}
    assert sheet.column_dimensions["L"].hidden
    assert read_table(saved(result), "x.xlsx").rows == read_table(content, "x.xlsx").rows


def test_thousands_of_errors_are_listed_as_far_as_they_help(plan, bring, monkeypatch):
    monkeypatch.setattr(marks, "MOST_LISTED", 5)
    monkeypatch.setattr(marks, "MOST_COMMENTS", 3)
    lines = ["Number,Agency Lead", *(f"{number},Polcie" for number in range(1, 9))]
    result = marked(bring("\n".join(lines).encode(), "plan.csv"))

    assert marks_in(result["Activities"]) == {"B2", "B3", "B4", "B5", "B6"}
    assert list(comments_in(result["Activities"])) == ["B2", "B3", "B4"]
    assert listed(result)[-1] == ("And", "", "3 more. Mend these first; the next check says what is left.")


def test_workbook_that_only_its_values_can_be_read_of_comes_as_a_plain_table(plan, bring, monkeypatch):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    source = bring(saved(book))

    def refuse(*args, **kwargs):
        raise KeyError("styles")

    monkeypatch.setattr("plans.exchange.marking_originals.load_workbook", refuse)
    assert marked(source).sheetnames == ["Activities", SHEET]


def test_marks_know_their_author(plan, bring):
    book = exported(plan)
    book["Activities"]["F3"] = "Polcie"
    assert marked(bring(saved(book)))["Activities"]["F3"].comment.author == AUTHOR
