import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.utils.timezone import localdate
from openpyxl import load_workbook

from plans.exchange.columns import HEADINGS
from plans.exchange.writing import CUT_NOTE, guard, unguard, write_csv, write_xlsx
from plans.models import Activity, Plan, StatusUpdate

MADE_AT = datetime(2024, 7, 1, 12, 30, tzinfo=UTC)
LINK = "http://testserver/plans/year-two/activities/?agency=police"


@pytest.fixture
def plan(db):
    call_command("loaddata", "year_two", verbosity=0)
    return Plan.objects.get()


def as_csv(activities=None):
    activities = Activity.objects.all() if activities is None else activities
    return b"".join(write_csv(activities.for_export(localdate())))


def csv_rows(content):
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def workbook(plan, filters=(), activities=None):
    activities = Activity.objects.all() if activities is None else activities
    return load_workbook(BytesIO(write_xlsx(activities.for_export(localdate()), plan, list(filters), LINK, MADE_AT)))


def values(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_csv_has_a_bom_a_heading_and_a_row_for_each_activity_in_order(plan):
    content = as_csv()
    rows = csv_rows(content)
    assert content[:3] == b"\xef\xbb\xbf"
    assert content.count(b"\r\n") == 16
    assert rows[0] == list(HEADINGS)
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, 16)]
    assert rows[5][5:7] == ["Police", "APA; Te Whatu Ora; Kāinga Ora; TPK; MSD; MBIE"]


def test_csv_of_nothing_is_the_heading(plan):
    assert csv_rows(as_csv(Activity.objects.none())) == [list(HEADINGS)]


@pytest.mark.parametrize("count", [1, 15])
def test_csv_costs_three_queries_for_any_length(plan, django_assert_num_queries, count):
    with django_assert_num_queries(3):
        as_csv(Activity.objects.filter(number__lte=count))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\x1b=1", "'=1", "''-1", "＝1"])
def test_guard_stops_formulas_and_can_be_undone(text):
    assert (guard(text), unguard(guard(text))) == (f"'{text}", text)


@pytest.mark.parametrize("text", ["", "1+1=2", "'quoted'", "a-b", "Kāinga Ora"])
def test_guard_leaves_plain_text_alone(text):
    assert (guard(text), unguard(text)) == (text, text)


@pytest.mark.parametrize(("title", "cell"), [("=1+1", "'=1+1"), ("\t=1+1", "'=1+1"), ("'=1+1", "''=1+1")])
def test_csv_cell_cannot_run_as_a_formula(plan, title, cell):
    Activity.objects.filter(number=1).update(title=title)
    assert csv_rows(as_csv())[1][3] == cell


def test_csv_dates_are_iso_in_auckland(plan, make_user):
    author, activity = make_user("admin@programme.example"), Activity.objects.get(number=2)
    StatusUpdate.objects.create(activity=activity, author=author, kind="set", status="on_track", made_at=MADE_AT)
    assert [row[9] for row in csv_rows(as_csv())[1:4]] == ["", "2024-07-02", ""]


def test_xlsx_holds_typed_cells_under_a_frozen_heading(plan, make_user):
    author, activity = make_user("admin@programme.example"), Activity.objects.get(number=1)
    StatusUpdate.objects.create(activity=activity, author=author, kind="set", status="on_track", made_at=MADE_AT)
    sheet = workbook(plan)["Activities"]
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == list(range(1, 16))
    assert (sheet["J2"].value, sheet["J2"].number_format) == (datetime(2024, 7, 2), "d mmmm yyyy")  # noqa: DTZ001
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("B2", "A1:K16", "$1:$1")
    assert (sheet["E2"].alignment.wrap_text, sheet["E2"].alignment.vertical) == (True, "top")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (
        "landscape",
        9,
        0,
    )
    assert (sheet.oddHeader.center.text, sheet.oddFooter.center.text) == ("UNCLASSIFIED", "UNCLASSIFIED")


def test_xlsx_second_sheet_says_what_the_export_is(plan):
    book = workbook(plan, [("Agency", "Police"), ("Search", "=1+1")], Activity.objects.filter(number__lte=2))
    assert book.properties.title == "Year Two ROCC Action Plan: activities"
    assert values(book["About this export"]) == [
        ["Plan", "Year Two ROCC Action Plan"],
        ["Protective marking", "UNCLASSIFIED"],
        ["Agency", "Police"],
        ["Search", "=1+1"],
        ["Number of activities", "2"],
        ["Made", "2 July 2024, 12:30 am"],
        ["Where to see it", LINK],
    ]
    assert book["About this export"]["B4"].data_type == "s"


def test_xlsx_of_nothing_is_the_heading(plan):
    book = workbook(plan, activities=Activity.objects.none())
    assert values(book["Activities"]) == [list(HEADINGS)]
    assert ["Filters", "None: these are all the activities of the plan."] in values(book["About this export"])


@pytest.mark.parametrize(
    ("title", "cell"), [("=1+1", "=1+1"), ("'=1+1", "''=1+1"), ("bell\x07 and \uffff", "bell and"), ("<&>", "<&>")]
)
def test_xlsx_text_is_text_whatever_it_holds(plan, title, cell):
    Activity.objects.filter(number=1).update(title=title)
    sheet = workbook(plan)["Activities"]
    assert (sheet["D2"].value, sheet["D2"].data_type) == (cell, "s")


def test_xlsx_says_where_a_text_too_long_for_excel_is_cut(plan):
    Activity.objects.filter(number=1).update(description="😀" * 20_000)
    cell = workbook(plan)["Activities"]["E2"].value
    assert len(cell.encode("utf-16-le")) // 2 in (32_766, 32_767)
    assert cell.endswith(f"😀{CUT_NOTE}")


def test_xlsx_footer_takes_an_ampersand_as_one(plan):
    plan.name = "Plan A & B"
    assert workbook(plan)["Activities"].oddFooter.left.text == "Plan A && B"
