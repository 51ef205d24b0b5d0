import csv
import re
import time
import tracemalloc
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.utils.timezone import localdate
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from plans.models import Activity, Agency, FocusArea, PriorityArea, StatusUpdate
from plans.spreadsheets.cell_text import CUT_NOTE, csv_cell, excel_text, guard, unguard
from plans.spreadsheets.columns import COLUMNS, HEADINGS, MERGED_COLUMNS, cell_in_words, cells_of
from plans.spreadsheets.row_versions import ROW_VERSION, RowVersion, unseal
from plans.spreadsheets.writing import export
from plans.spreadsheets.writing.export import (
    ABOUT_COMING_BACK,
    ABOUT_NOT_READ,
    line_of,
    read_lines,
    write_csv,
    write_xlsx,
)
from plans.summaries.reference_names import read_names
from tests.year_two import load_year_two

MADE_AT = datetime(2024, 7, 1, 12, 30, tzinfo=UTC)
LAST = get_column_letter(len(HEADINGS) + 1)
"""The letter of the hidden column behind the last."""
LINK = "http://testserver/plans/year-two/activities/?agency=police"


@pytest.fixture
def plan(db):
    return load_year_two()


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


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "\x1b=1", "'=1", "''-1", "＝1"])
def test_guard_stops_formulas_and_can_be_undone(text):
    assert (guard(text), unguard(guard(text))) == (f"'{text}", text)


STARTS = "=+-@＝＋－＠"
SEPARATORS = ";\t\n"


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", '"', ' " "', "'", "\x1b", "\xa0"])
@pytest.mark.parametrize("separator", [*SEPARATORS, "\r"])
def test_guard_stops_formulas_behind_a_separator_and_can_be_undone(separator, before, start):
    text = f"a{separator}{before}{start}1+1{separator}b"
    guarded = f"a{separator}{before}'{start}1+1{separator}b"
    assert (guard(text), unguard(guarded)) == (guarded, text)


TRICKY = st.text(st.sampled_from([*"ab '\",", *SEPARATORS, "\r", *STARTS]), max_size=12)


@given(TRICKY)
def test_unguard_undoes_guard(text):
    assert unguard(guard(text)) == text


@given(TRICKY)
def test_excel_cell_reads_back_as_the_text(text):
    assert unguard(excel_text(text)) == text


@given(st.lists(TRICKY, min_size=1, max_size=3))
@example(["a;=1+1"])
@example(['a;"=1+1;b'])
@example(["a\n=1+1"])
@example(["a\t-2+3"])
def test_csv_holds_no_formula_whichever_sign_parts_its_cells(texts):
    row = ",".join(["1", *map(csv_cell, texts)]) + "\r\n"
    # As Excel parts it in a place where lists have semicolons: a quote counts only at the start of a cell.
    cells = re.split("[;\t\r\n]", row)
    assert [cell for cell in cells if cell.lstrip(' "')[:1] in tuple(STARTS)] == []


@pytest.mark.parametrize("text", ["a;" + " " * 200_000, "\n" * 200_000, ";'" * 100_000, "a\t" + '"' * 200_000])
def test_guard_takes_linear_time(text):
    began = time.process_time()
    assert unguard(guard(text)) == text
    assert time.process_time() - began < 1


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
    assert [cell.value for cell in sheet[1]] == [*HEADINGS, ROW_VERSION]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == list(range(1, 16))
    assert (sheet["J2"].value, sheet["J2"].number_format) == (datetime(2024, 7, 2), "d mmmm yyyy")  # noqa: DTZ001
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("B2", f"A1:{LAST}16", "$1:$1")
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
        ["Made", "2 July 2024 at 12:30 am"],
        ["Editing and re-importing this file", ABOUT_COMING_BACK],
        [
            "Last Updated, Reporting Status, Leads Differ and Evidence",
            ABOUT_NOT_READ,
        ],
        ["Link to this view", LINK],
    ]
    assert book["About this export"]["B4"].data_type == "s"


def test_xlsx_of_nothing_is_the_heading(plan):
    book = workbook(plan, activities=Activity.objects.none())
    assert values(book["Activities"]) == [[*HEADINGS, ROW_VERSION]]
    assert ["Filters", "None (all activities)"] in values(book["About this export"])


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


def test_xlsx_hides_what_each_row_was_made_from(plan, make_user):
    author, activity = make_user("admin@programme.example"), Activity.objects.get(number=3)
    update = StatusUpdate.objects.create(activity=activity, author=author, kind="set", status="on_track")
    StatusUpdate.objects.create(
        activity=activity, author=author, kind="set", status="paused", retracted_at=MADE_AT, retracted_by=author
    )
    sheet = workbook(plan)["Activities"]
    version = unseal(sheet[f"{LAST}4"].value)
    texts = {
        column.heading: cell_in_words(getattr(line_of(exported(3)), column.attribute)) for column in MERGED_COLUMNS
    }
    assert sheet.column_dimensions[LAST].hidden
    assert not sheet[f"{LAST}4"].alignment.wrap_text
    assert version == RowVersion(plan.pk, activity.pk, 3, texts, update.pk, "")
    assert texts["Agency Lead"] == "ROCC; TNOC"
    assert unseal(sheet[f"{LAST}5"].value).latest_update_id is None


@pytest.mark.parametrize("title", ["'=1+1", "=1+1", "_x0041_", " <&>\x07 "])
def test_version_says_what_reading_the_cell_gives(plan, title):
    Activity.objects.filter(number=1).update(title=title)
    sheet = workbook(plan)["Activities"]
    read = unguard(sheet["D2"].value.replace("_x005F_", "_"))
    assert unseal(sheet[f"{LAST}2"].value).texts["Activity"] == read == line_of(exported(1)).title


def test_version_of_a_cut_text_is_of_the_cell_as_cut(plan):
    Activity.objects.filter(number=1).update(description="ā" * 40_000)
    sheet = workbook(plan)["Activities"]
    assert unseal(sheet[f"{LAST}2"].value).is_original("Description", sheet["E2"].value)
    assert len(sheet[f"{LAST}2"].value) <= 32_767


def test_xlsx_offers_what_may_be_chosen(plan):
    book = workbook(plan)
    offered = {
        str(rule.sqref): (rule.formula1, rule.errorStyle, rule.showErrorMessage)
        for rule in book["Activities"].data_validations.dataValidation
    }
    assert offered == {
        "B2:B16": ("Lists!$A$1:$A$4", "warning", True),
        "C2:C16": ("Lists!$B$1:$B$7", "warning", True),
        "F2:F16": ("Lists!$C$1:$C$20", None, False),
        "G2:G16": ("Lists!$C$1:$C$20", None, False),
        "H2:H16": ("Lists!$D$1:$D$2", None, True),
        "I2:I16": ("Lists!$E$1:$E$6", None, True),
        "N2:N16": ("Lists!$E$1:$E$6", None, True),
        "P2:P16": ("Lists!$F$1:$F$4", None, True),
    }
    assert book["Lists"].sheet_state == "hidden"
    assert [row[4] for row in values(book["Lists"])[:7]] == [
        "Not started",
        "On track",
        "At risk",
        "Off track",
        "Complete",
        "Paused",
        None,
    ]


def test_xlsx_shades_what_is_not_read(plan):
    sheet = workbook(plan)["Activities"]
    shaded = [cell.column_letter for cell in sheet[2] if cell.fill.fgColor.rgb == "FFF0F0F0"]
    assert shaded == ["J", "K", "S", "T"]


def exported(number):
    return Activity.objects.for_export(localdate()).get(number=number)


@pytest.mark.parametrize("number", [3, 4, 6, 15])
def test_lines_read_as_values_are_those_of_the_activities(plan, number, make_user):
    author = make_user("admin@programme.example")
    activity = Activity.objects.get(number=number)
    activity.sub_activities.filter(position=1).update(withdrawn_on=MADE_AT)
    StatusUpdate.objects.create(activity=activity, author=author, kind="set", status="on_track", made_at=MADE_AT)
    [line] = read_lines(Activity.objects.filter(number=number).for_export(localdate()))
    assert line == line_of(exported(number))
    assert cells_of(line) == tuple(column.export(exported(number)) for column in COLUMNS)


def test_csv_comes_in_parts(plan, monkeypatch):
    monkeypatch.setattr(export, "LINES_AT_A_TIME", 5)
    parts = list(write_csv(Activity.objects.order_by("number").for_export(localdate())))
    assert [row[0] for row in csv_rows(parts[1])] == ["6", "7", "8", "9", "10"]
    assert csv_rows(b"".join(parts)) == csv_rows(as_csv())


def test_lines_name_agencies_in_printed_order_and_then_as_they_were_added(plan):
    activity = Activity.objects.get(number=4)
    links = dict(activity.agency_links.values_list("agency__name", "pk"))
    for name, role, position in (("SWA", "lead", 0), ("NDIB", "lead", 0), ("Police", "support", 9)):
        activity.agency_links.filter(pk=links[name]).update(role=role, position=position)
    [line] = read_lines(Activity.objects.filter(number=4).for_export(localdate()))
    assert links["NDIB"] < links["SWA"]
    assert (line.leads, line.supports) == ("NDIB; SWA; Te Whatu Ora", "Manatū Hauora; Te Aka Whai Ora; Police")


def test_lines_hold_sub_activities_in_order_with_any_sign_in_them(plan):
    activity = Activity.objects.get(number=1)
    for position, text, footnote in ((2, 'a "b", [c]', "\\n"), (1, "first\nline", ""), (3, "\x07", "")):
        activity.sub_activities.create(position=position, text=text, footnote=footnote)
    [line] = read_lines(Activity.objects.filter(number=1).for_export(localdate()))
    assert line.description.split("\n", 1)[1] == '• first\nline\n• a "b", [c]*\n* \\n'
    assert line == line_of(exported(1))


def test_lines_know_what_was_added_since_the_names_were_read(plan):
    names = read_names()
    Activity.objects.get(number=6).agency_links.create(
        agency=Agency.objects.create(code="new", name="New"), role="lead"
    )
    [line] = read_lines(Activity.objects.filter(number=6).for_export(localdate()), names)
    assert line.leads == "New"


@pytest.mark.parametrize("count", [1, 15])
def test_files_cost_a_query_for_the_names_and_one_for_the_rows(plan, django_assert_num_queries, count):
    activities = Activity.objects.filter(number__lte=count).for_export(localdate())
    with django_assert_num_queries(2):
        b"".join(write_csv(activities))
    with django_assert_num_queries(2):
        write_xlsx(activities, plan, [], LINK, MADE_AT)


@given(st.lists(st.one_of(st.text('ab,;" \r\n\tā', max_size=6), st.none(), st.integers(0, 9), st.dates()), min_size=2))
def test_csv_cells_are_written_as_the_library_writes_them(values):
    text = StringIO(newline="")
    csv.writer(text).writerow([guard(value) if isinstance(value, str) else value for value in values])
    assert ",".join(map(csv_cell, values)) + "\r\n" == text.getvalue()


def test_csv_of_many_rows_takes_no_more_memory_than_of_few(plan, monkeypatch):
    monkeypatch.setattr(export, "LINES_AT_A_TIME", 50)
    like = {"plan": plan, "focus_area": FocusArea.objects.first(), "priority_area": PriorityArea.objects.first()}
    Activity.objects.bulk_create(
        Activity(**like, number=number, description=f"{number} words, " * 100) for number in range(100, 2_100)
    )

    def most_memory(count):
        activities = Activity.objects.order_by("number").for_export(localdate())
        tracemalloc.start()
        length = sum(map(len, write_csv(activities.filter(number__lt=100 + count))))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return length, most

    most_memory(1)
    (_, of_few), (length, of_many) = most_memory(200), most_memory(2_000)
    assert length > 2_000_000
    assert of_many < of_few + 200_000


def test_rows_are_fetched_in_parts(plan, monkeypatch):
    fetched = []
    plain = connection.chunked_cursor
    monkeypatch.setattr(connection, "chunked_cursor", lambda: fetched.append(1) or plain())
    list(read_lines(Activity.objects.for_export(localdate())))
    assert fetched == [1]
