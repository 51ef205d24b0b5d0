"""`activities.csv` and `activities.xlsx`: exactly the filtered view, in files that spreadsheets open safely."""

import re
from datetime import UTC, date, datetime

import pytest
from openpyxl.utils import get_column_letter

from plans.choices import Marking, Role, Status
from plans.filters.file_names import file_name
from plans.models import Activity, ActivityAgency, Agency, Plan
from plans.spreadsheets.writing.export import ABOUT_COMING_BACK, ABOUT_NOT_READ
from tests.spreadsheets.test_columns import AS_WRITTEN
from tests.views.conftest import make_activity
from tests.views.page import Page, body_of, csv_rows, workbook, xlsx_rows

CSV, XLSX = "/plans/year-two/activities.csv", "/plans/year-two/activities.xlsx"
HEADINGS = list(AS_WRITTEN)
BLANK = [""] * len(HEADINGS[HEADINGS.index("Due") :])
"""What stands in the columns that the plan does not print, before anybody fills them."""
SUPPLY = "SUPPLY: Target organised crime and supply of illicit drugs through investigations and law"
P3 = "Work collaboratively to demonstrate the Government's end to end approach to organised crime"
ALIGNMENT = (
    "The ROCC and TNOC will strengthen alignment through:\n"
    "• Deportee journey mapping\n"
    "• Continued development of the Border to Backyard website\n"
    "• Delivery of training and educational material to improve awareness and understanding of trafficking in persons "
    "domestically*\n"
    "* This sub-activity will work with MBIE and Police's Trafficking in Persons (TiP) team"
)


@pytest.fixture
def hostile(make_plan, open_reading):
    """A plan of one activity whose words a spreadsheet could take for a formula."""
    plan = make_plan("hostile", 0)
    activity = make_activity(plan, 1, title='=HYPERLINK("http://elsewhere.example","Open")', description="@SUM(A1)")
    activity.sub_activities.all().delete()
    agency = Agency.objects.create(code="minus", name="-2+3")
    ActivityAgency.objects.filter(activity=activity, role=Role.SUPPORT).update(agency=agency)
    return plan


# What they hold


def test_csv_has_the_documented_columns_and_fifteen_rows_in_order(year_two, client):
    headings, *rows = csv_rows(client.get(CSV))

    assert headings == HEADINGS
    assert [row[0] for row in rows] == [str(number) for number in range(1, 16)]


def test_csv_row_holds_the_activity_as_the_plan_prints_it(year_two, client):
    rows = csv_rows(client.get(CSV))

    assert rows[3] == [
        "3",
        SUPPLY,
        P3,
        "Alignment of TNOC and ROCC",
        ALIGNMENT,
        "ROCC; TNOC",
        "MBIE; Police",
        "Finalised",
        "No update yet",
        "",
        "Never updated",
        *BLANK,
    ]


def test_csv_row_of_an_activity_without_title_invents_nothing(year_two, client):
    row = csv_rows(client.get(CSV))[6]

    assert row[3:] == ["", "", "", "", "To be finalised", "No update yet", "", "Never updated", *BLANK]


def test_xlsx_holds_what_the_csv_holds(year_two, client):
    from_csv = csv_rows(client.get(CSV))
    from_xlsx = [["" if cell is None else str(cell) for cell in row] for row in xlsx_rows(client.get(XLSX))]

    assert from_xlsx == from_csv


def test_csv_opens_in_excel_with_its_macrons(year_two, client):
    response = client.get(CSV)
    body = body_of(response)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert body.startswith(b"\xef\xbb\xbfNumber,Strategic Focus Area,")
    assert body.count(b"\xef\xbb\xbf") == 1
    assert b"\r\n" in body
    assert "Manatū Hauora; Te Aka Whai Ora; Police; NDIB; SWA".encode() in body


def test_last_updated_is_the_day_in_new_zealand(year_two, client, report):
    first = Activity.objects.get(plan=year_two, number=1)
    report(first, Status.AT_RISK, made_at=datetime(2026, 6, 29, 1, 0, tzinfo=UTC))
    report(first, Status.ON_TRACK, made_at=datetime(2026, 6, 30, 13, 0, tzinfo=UTC))

    assert csv_rows(client.get(CSV))[1][8:] == ["On track", "2026-07-01", "Up to date", *BLANK]
    assert xlsx_rows(client.get(XLSX))[1][8:] == ["On track", datetime(2026, 7, 1), "Up to date", *[None] * len(BLANK)]  # noqa: DTZ001


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_export_has_every_page_of_the_list(make_plan, open_reading, client, address):
    make_plan("year-two", 51)
    rows = csv_rows if address == CSV else xlsx_rows

    exported = rows(client.get(address + "?page=2"))

    assert [int(row[0]) for row in exported[1:]] == list(range(1, 52))


def test_export_leaves_out_what_is_withdrawn_and_what_is_in_another_plan(make_plan, open_reading, client):
    make_plan("year-three", 5)
    plan = make_plan("year-two", 3)
    plan.activities.filter(number=2).update(withdrawn_on=date(2026, 7, 1))
    plan.activities.filter(number=3).update(title="Ours")

    assert [row[:1] + row[3:4] for row in csv_rows(client.get(CSV))[1:]] == [["1", "Title 1"], ["3", "Ours"]]
    assert [row[3] for row in xlsx_rows(client.get(XLSX))[1:]] == ["Title 1", "Ours"]


def test_export_follows_the_chosen_order(year_two, client, report):
    for number, day in ((4, 1), (9, 3), (2, 2)):
        activity = Activity.objects.get(plan=year_two, number=number)
        report(activity, Status.ON_TRACK, made_at=datetime(2026, 7, day, tzinfo=UTC))

    newest_first = [int(row[0]) for row in csv_rows(client.get(CSV + "?sort=-updated"))[1:]]

    assert newest_first == [9, 2, 4, 1, 3, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]


def test_export_by_an_agency_of_another_plan_has_its_headings(make_plan, open_reading, client):
    make_plan("year-two", 1)
    Agency.objects.create(code="elsewhere", name="Elsewhere")

    assert csv_rows(client.get(CSV + "?agency=elsewhere")) == [HEADINGS]


def test_export_of_a_plan_without_activities_has_its_headings(make_plan, open_reading, client):
    make_plan("year-two", 0)

    assert csv_rows(client.get(CSV)) == [HEADINGS]
    assert xlsx_rows(client.get(XLSX)) == [HEADINGS]


# How they are named and marked


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "activities"),
        ("?page=2&sort=title&view=table", "activities"),
        ("?attention=any&agency=police", "police-needs-attention"),
        ("?status=off_track&role=lead&agency=kainga-ora", "kainga-ora-leads-off-track"),
        ("?focus=supply&priority=p3&agency=none&q=Meth+Harm", "meth-harm-no-lead-agency-supply-p3"),
        ("?q=漢字", "filtered"),
    ],
)
def test_file_name_says_plan_filters_and_day(year_two, client, time_machine, query, said, ending):
    # It is December in New Zealand already.
    time_machine.move_to("2026-11-30T12:00:00Z", tick=False)

    response = client.get(f"/plans/year-two/activities.{ending}{query}")

    name = f"year-two-{said}-2026-12-01.{ending}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_file_name_of_what_is_not_for_everybody_says_so(year_two, client, time_machine, ending):
    time_machine.move_to("2026-11-29T12:00:00Z", tick=False)
    Plan.objects.update(marking=Marking.IN_CONFIDENCE)

    response = client.get(f"/plans/year-two/activities.{ending}")

    name = f"year-two-activities-2026-11-30-IN-CONFIDENCE.{ending}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    "labels", [["a" * 500], ["Te Whatu Ora"] * 50, [f"Ministry {n} of words" * 9 for n in range(9)]]
)
def test_file_name_stays_short_and_plain_however_much_is_filtered(labels):
    name = file_name(Plan(slug="s" * 50, marking=Marking.IN_CONFIDENCE), labels, date(2026, 11, 30), "xlsx")

    assert len(name) <= 200
    assert re.fullmatch(r"s{50}-[a-z0-9-]+[a-z0-9]-2026-11-30-IN-CONFIDENCE\.xlsx", name)
    assert ("and-more" in name) == (len(labels) > 1)


def test_workbook_is_laid_out_to_be_read(year_two, client):
    response = client.get(XLSX)
    sheet = workbook(response).worksheets[0]

    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(len(HEADINGS) + 1)}16"
    assert all(sheet.column_dimensions[letter].width >= 8 for letter in "ABCDEFGHIJ")
    assert sheet.column_dimensions["E"].width > 60
    assert sheet["E4"].alignment.wrap_text
    assert sheet["A4"].data_type == "n"
    assert "UNCLASSIFIED" in sheet.oddHeader.center.text
    assert "UNCLASSIFIED" in sheet.oddFooter.center.text


def test_second_sheet_says_what_the_workbook_is(year_two, client):
    book = workbook(client.get(XLSX + "?agency=police&role=lead&q=gang"))
    about = {label: value for label, value, *_ in book.worksheets[1].iter_rows(values_only=True)}
    made = about.pop("Made")

    assert [sheet.title for sheet in book] == ["Activities", "About this export", "Lists"]
    assert [row[1].value for row in book.worksheets[1].iter_rows() if row[0].value == "Filter"] == [
        "“gang”",
        "Agency: Police",
        "Role: Leads",
    ]
    assert about == {
        "Plan": "Year Two ROCC Action Plan",
        "Protective marking": "UNCLASSIFIED",
        "Filter": "Role: Leads",
        "Number of activities": "2",
        "Editing and re-importing this file": ABOUT_COMING_BACK,
        "Last Updated, Reporting Status, Leads Differ and Evidence": ABOUT_NOT_READ,
        "Link to this view": "http://testserver/plans/year-two/activities/?agency=police&role=lead&q=gang",
    }
    assert made.endswith((" am", " pm"))


def test_second_sheet_says_when_nothing_was_filtered(year_two, client):
    rows = list(workbook(client.get(XLSX)).worksheets[1].iter_rows(values_only=True))

    assert ("Filters", "None (all activities)") in [row[:2] for row in rows]


# What they must not do


def test_csv_cells_cannot_run_as_formulas(hostile, client):
    row = csv_rows(client.get("/plans/hostile/activities.csv"))[1]

    assert row[3:7] == [
        """'=HYPERLINK("http://elsewhere.example","Open")""",
        "'@SUM(A1)",
        "Police",
        "'-2+3",
    ]


def test_xlsx_cells_cannot_run_as_formulas(hostile, client):
    book = workbook(client.get("/plans/hostile/activities.xlsx"))
    row = book.worksheets[0][2]

    assert [cell.value for cell in row[3:7]] == [
        '=HYPERLINK("http://elsewhere.example","Open")',
        "@SUM(A1)",
        "Police",
        "-2+3",
    ]
    assert {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line} <= {"s", "n"}
    assert [cell.hyperlink for cell in row if cell.hyperlink] == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status=nonsense", "There is no status “nonsense”. Choose from: "),
        ("agency=polcie", "There is no agency “polcie”. Did you mean police?"),
        ("focus=suply", "There is no focus area “suply”. Did you mean supply?"),
        ("agnecy=police", "There is no filter called “agnecy”. Did you mean agency?"),
        ("role=lead&role=support", "Use “role” only once."),
        ("q=%00", "Null characters are not allowed."),
        ("agency=a%00", "There is no agency “a\0”."),
        ("page=abc", "Enter a whole number."),
    ],
)
@pytest.mark.parametrize("address", [CSV, XLSX])
def test_export_refuses_what_it_does_not_know(year_two, client, address, query, sentence):
    page = Page(client.get(f"{address}?{query}"), status=400)

    assert page.h1 == "These filters cannot be exported."
    assert len(page.errors) == 1
    assert page.errors[0].startswith(sentence)
    assert page.numbers == []


# What they cost

# Every filter, which leaves the odd numbers of a plan by `make_plan`.
EVERYTHING = (
    "?q=title&focus=supply&priority=p1&agency=police&agency=none&role=lead&status=no_update"
    "&description=finalised&freshness=never&freshness=due&sort=-updated&group=lead&view=table&page=1"
)


@pytest.mark.parametrize("count", [1, 15])
@pytest.mark.parametrize("query", ["", "?status=no_update&q=title", "?agency=police&role=lead", EVERYTHING])
@pytest.mark.parametrize("address", [CSV, XLSX])
def test_export_costs_three_queries_whatever_is_asked_for(
    make_plan, open_reading, client, django_assert_num_queries, address, count, query
):
    make_plan("year-two", count)
    make_plan("year-three", 15)

    with django_assert_num_queries(3):
        body_of(client.get(address + query))


@pytest.mark.parametrize("query", ["", EVERYTHING])
@pytest.mark.parametrize("address", [CSV, XLSX])
def test_export_costs_a_signed_in_person_two_queries_more(
    make_plan, reader, closed_reading, django_assert_num_queries, address, query
):
    make_plan("year-two", 15)
    reader.get("/plans/")

    with django_assert_num_queries(5):
        body_of(reader.get(address + query))


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_export_takes_every_filter_at_once(make_plan, open_reading, client, address):
    make_plan("year-two", 5)
    rows = csv_rows if address == CSV else xlsx_rows

    assert [int(row[0]) for row in rows(client.get(address + EVERYTHING))[1:]] == [1, 3, 5]
