"""Rows that belong together, and rows that are no activity: joined or skipped, said, and counted."""

import pytest

from plans.spreadsheets.reading.read import read_table
from tests.spreadsheets.cases.reading import cells_of, input_file
from tests.spreadsheets.checking.tables import changes, errors, kinds
from tests.spreadsheets.reading.makers import docx, ods, ods_row, word_table, workbook

HEAD = ["Number", "Activity", "Description", "Agency Lead"]
ROWS = [
    *(
        ["101", "Border hub", "Map the journey", "Police"],
        ["", "", "Train the staff", ""],
        ["", "", "Report back", "MSD"],
    ),
    ["102", "Next", "One row", "Police"],
]
WANTED = [
    ("101", "Border hub", "Map the journey\nTrain the staff\nReport back", "Police\nMSD"),
    ("102", "Next", "One row", "Police"),
]


def test_cases_x20_activity_over_merged_rows_is_one():
    table = read_table(input_file("X20-activity-over-rows.xlsx"), "")
    assert [(row["Number"], row["Description"], row["Strategic Focus Area"]) for row in cells_of(table)] == [
        ("101", "Map the journey\nTrain the staff\nReport back", "SUPPLY"),
        ("102", "One row", "SUPPLY"),
    ]
    assert table.notes == ("Rows 3, 4 have no number and go on with the row above, so they are read together with it.",)


@pytest.mark.parametrize("kind", ["xlsx", "csv", "ods", "docx", "text"])
def test_cases_activity_over_rows_is_one_in_each_kind_of_file(kind):
    lines = [HEAD, *ROWS]
    content = {
        "xlsx": lambda: workbook(("Activities", lines)),
        "csv": lambda: "\n".join(",".join(line) for line in lines).encode(),
        "text": lambda: "\n".join("\t".join(line) for line in lines).encode(),
        "ods": lambda: ods(*(ods_row(*line) for line in lines)),
        "docx": lambda: docx(word_table(lines)),
    }[kind]()
    assert [row.cells for row in read_table(content, "").rows] == WANTED


@pytest.mark.parametrize("row", [["", "A title", "words"], ["", "", "words", "", "Paused"], ["", "", "", "", "Paused"]])
def test_cases_row_that_says_more_stays_by_itself(row):
    lines = [[*HEAD, "Status"], ["1", "Title", "words", "Police", "On track"], row]
    table = read_table(workbook(("Activities", lines)), "")
    assert (len(table.rows), table.notes) == (2, ())


@pytest.mark.django_db
def test_cases_x07_bands_totals_and_notes_are_skipped_and_said(check):
    checked = check(read_table(input_file("X07-bands-and-totals.xlsx"), ""), leave_out_errors=False)
    skipped = [row for row, _, kind in kinds(checked) if kind == "skipped"]
    assert skipped == [2, 4, 6, 8, 9]
    assert {error[0] for error in errors(checked)} <= {5}


@pytest.mark.django_db
def test_cases_x18_total_row_of_a_table_is_skipped(check):
    checked = check(read_table(input_file("X18-table-total-row.xlsx"), ""))
    assert (4, None, "skipped") in kinds(checked)
    assert 4 not in {row for row, *_ in errors(checked)}


@pytest.mark.parametrize("text", ["4a", "S-3", "1.1", "12b!"])
@pytest.mark.django_db
def test_cases_numbers_that_are_wrong_are_errors_and_not_skipped(check, text):
    checked = check("Number, Activity", (text, "A title"), (text, ""))
    assert [row for row, heading, _ in errors(checked) if heading == "Number"] == [2, 3]


@pytest.mark.django_db
def test_cases_row_without_a_number_is_still_an_error(check):
    checked = check("Number, Activity, Description", ("", "Total harm reduction", "words"))
    assert ([row for row, *_ in errors(checked)], changes(checked)) == ([2], [])


@pytest.mark.django_db
def test_cases_bands_give_the_rows_below_their_focus_area(check):
    checked = check(
        "Number, Activity, Priority Action Area",
        ("SUPPLY: Target supply", "", ""),
        ("11", "Hub", "P1"),
        ("DEMAND", "", ""),
        ("21", "Clinic", "P2"),
        ("1", "Title 1", ""),
        ("Total: 3", "", ""),
        ("22", "Scan", "P2"),
    )
    assert errors(checked) == []
    areas = {number: cells["Strategic Focus Area"][1] for _, number, cells in changes(checked)}
    assert areas == {11: "SUPPLY: Target supply", **dict.fromkeys((21, 1, 22), "DEMAND: Reduce harm")}
    assert [kind for *_, kind in kinds(checked)].count("skipped") == 3
    assert checked.counts()["rows"] == 7
    assert "SUPPLY (row 3), DEMAND (rows 5–6, 8)" in checked.notes[0].replace(" and 8", ", 8")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.django_db
def test_cases_band_may_stand_in_any_column(check, place):
    band = ["", "", ""]
    band[place] = "DEMAND"
    checked = check("Number, Activity, Priority Action Area", tuple(band), ("21", "Clinic", "P2"))
    assert (errors(checked), changes(checked)[0][2]["Strategic Focus Area"][1]) == ([], "DEMAND: Reduce harm")


@pytest.mark.django_db
def test_cases_band_that_is_no_focus_area_ends_the_one_above(check):
    checked = check(
        *("Number, Activity, Priority Action Area", ("SUPPLY", "", ""), ("11", "Hub", "P1")),
        *(("DEMNAD", "", ""), ("21", "Clinic", "P2")),
    )
    assert errors(checked) == [(5, "Strategic Focus Area", "a new activity needs one.")]


@pytest.mark.django_db
def test_cases_errors_below_bands_are_errors(check):
    checked = check(
        "Number, Activity, Priority Action Area", ("SUPPLY", "", ""), ("x", "Hub", "P1"), ("", "No number", "P1")
    )
    assert [row for row, *_ in errors(checked)] == [3, 4]


@pytest.mark.django_db
def test_cases_bands_change_nothing_where_there_is_a_column_of_focus_areas(check):
    checked = check(
        *(
            "Number, Strategic Focus Area, Activity",
            ("DEMAND", "", ""),
            ("1", "SUPPLY", "Title 1"),
            ("2", "", "Title 2"),
        )
    )
    assert (errors(checked), changes(checked)) == ([], [])
