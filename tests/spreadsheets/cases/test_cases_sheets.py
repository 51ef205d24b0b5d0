"""Sheets that nobody sees are not read, and what is not read is named."""

from dataclasses import replace
from io import BytesIO

import pytest
import xlwt
from openpyxl import Workbook, load_workbook

from plans.spreadsheets.importing.outcome import CheckSummary
from plans.spreadsheets.reading.headings import HEADINGS, SYNONYMS, headings_together, match_headings
from plans.spreadsheets.reading.limits import Limits, UnreadableFile
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.reading.table import Table
from tests.spreadsheets.cases.reading import cells_of, input_file
from tests.spreadsheets.checking.tables import changes, errors
from tests.spreadsheets.reading.makers import docx, ods, ods_row, word_table, workbook

ROWS = [["Number", "Activity"], [1, "One"]]


def hide(content, *names):
    book = load_workbook(BytesIO(content))
    for name in names:
        book[name].sheet_state = "hidden"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_cases_x04_hidden_sheet_is_never_preferred():
    table = read_table(input_file("X04-hidden-old-sheet.xlsx"), "")
    assert table.sheet == "Plan March 2025"
    assert [row["Activity"] for row in cells_of(table)] == ["Fresh title of March", "Another fresh title"]
    assert table.notes == ("The hidden sheet “Activities” is not read.",)


def test_cases_hidden_sheet_is_not_guessed_among_several():
    content = hide(workbook(("Old", ROWS * 3), ("This year", ROWS), ("Notes", [["a"]])), "Old")
    table = read_table(content, "")
    assert (table.sheet, table.notes) == ("This year", ("The hidden sheet “Old” is not read.",))


def test_cases_hidden_sheet_that_is_asked_for_is_read_and_said():
    table = read_table(hide(workbook(("A", ROWS), ("B", ROWS)), "B"), "", sheet="B")
    assert (table.sheet, table.notes) == ("B", ("The sheet “B” is hidden in the workbook.",))


def test_cases_very_hidden_sheet_is_not_read():
    book = Workbook()
    book.active.title = "Plan"
    for row in ROWS:
        book.active.append(row)
    book.create_sheet("Activities").sheet_state = "veryHidden"
    file = BytesIO()
    book.save(file)
    assert read_table(file.getvalue(), "").sheet == "Plan"


def test_cases_other_sheets_with_our_headings_are_named():
    table = read_table(workbook(("Supply", ROWS), ("Demand", ROWS), ("Notes", [["a"], ["b"]])), "")
    [note] = table.notes
    assert note.startswith("Other sheets have such headings, too, and are not read: “Demand”. Choose one of them")


TWO_ROWS = [
    ["Number", "Strategic Focus Area", "Activity", "Agencies", "", "Status"],
    ["", "", "", "Lead", "Support", ""],
    ["101", "SUPPLY", "First", "Police", "MSD", "On track"],
]
MAKERS = {
    "xlsx": lambda lines: workbook(("Activities", lines)),
    "csv": lambda lines: "\n".join(",".join(line) for line in lines).encode(),
    "text": lambda lines: "\n".join("\t".join(line) for line in lines).encode(),
    "ods": lambda lines: ods(*(ods_row(*line) for line in lines)),
    "docx": lambda lines: docx(word_table(lines)),
}


def test_cases_x06_headings_in_two_rows_are_read_together():
    table = read_table(input_file("X06-two-row-headings.xlsx"), "")
    [row] = cells_of(table)
    assert (row["Number"], row["Agency Lead"], row["Support Agencies"]) == ("101", "Police", "MSD")
    assert table.notes == ("The headings stand in rows 1 and 2, which are read together.",)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("above", [[], [["Plan of June", "", "", "", "", ""]]])
def test_cases_headings_in_two_rows_are_read_in_each_kind_of_file(kind, above):
    [row] = cells_of(read_table(MAKERS[kind]([*above, *TWO_ROWS]), ""))
    assert [row[heading] for heading in ("Number", "Agency Lead", "Support Agencies", "Status")] == [
        *("101", "Police", "MSD", "On track")
    ]


@pytest.mark.parametrize(
    ("upper", "lower", "wanted"),
    [
        ("Agencies, ", "Lead,Supporting", ["Agency Lead", "Support Agencies"]),
        ("Update, ", "Status,What Happened", ["Update Status", "What Happened"]),
        ("Activity, ", "Title,Description", ["Activity", "Description"]),
        ("Lead,Support", "Agencies,Agencies", ["Agency Lead", "Support Agencies"]),
        ("Priority,Focus", "Action Area,Area", ["Priority Action Area", "Strategic Focus Area"]),
    ],
)
def test_cases_headings_in_two_rows_mean_what_both_say(upper, lower, wanted):
    lines = ["Number," + upper, "," + lower, "1,a,b"]
    table = read_table("\n".join(lines).encode(), "")
    assert [match.heading for match in match_headings(table.headings, table.columns)] == ["Number", *wanted]
    assert len(table.rows) == 1


@pytest.mark.parametrize("row", ["1,Lead,Support", ",Lead agency,words", ",Status,", ",Due,Number"])
def test_cases_row_that_only_sounds_like_headings_is_none(row):
    table = read_table(f"Number,Activity,Description\n{row}\n".encode(), "")
    assert (table.headings, len(table.rows)) == (("Number", "Activity", "Description"), 1)


TOGETHER = [
    *(
        "Lead & support agencies",
        "Lead/Support Agencies",
        "Agencies (lead and support)",
        "Lead and Supporting Agencies",
    ),
    *("Lead, support", "Lead agency + support agency", "Agency Lead / Support Agencies", "Agencies"),
]
ROLES = [
    ("Lead: Police; Support: MSD, APA", "Police", "MSD, APA"),
    ("Lead: Police\nSupport: MSD", "Police", "MSD"),
    ("LEAD AGENCY: Police. SUPPORTING AGENCIES: MSD", "Police", "MSD"),
    ("Led by: Police Supported by: MSD", "Police", "MSD"),
    ("Police (lead), MSD (support)", "Police", "MSD"),
    ("Police (lead), MSD, APA", "Police", "MSD; APA"),
    ("MSD (S); Police (L)", "Police", "MSD"),
    ("Police [Lead]", "Police", ""),
    ("Support: MSD", "", "MSD"),
]


@pytest.mark.parametrize("heading", TOGETHER)
def test_cases_column_of_leads_and_supports_is_read_where_its_cells_say_which(heading):
    table = read_table(workbook(("Activities", [["Number", heading], ["1", ROLES[0][0]], ["2", ""]])), "")
    found = [(row["Agency Lead"], row["Support Agencies"]) for row in cells_of(table)]
    assert found == [("Police", "MSD, APA"), ("", "")]
    assert table.notes == (
        f"The column “{heading}” is read as Agency Lead and Support Agencies, since its cells say which is which.",
    )


@pytest.mark.parametrize(("cell", "leads", "supports"), ROLES)
def test_cases_cell_says_which_agency_leads(cell, leads, supports):
    [row] = cells_of(read_table(workbook(("Activities", [["Number", "Lead & support"], ["1", cell]])), ""))
    assert (row["Agency Lead"], row["Support Agencies"]) == (leads, supports)


@pytest.mark.parametrize("heading", TOGETHER[:-1])
def test_cases_column_of_leads_and_supports_is_named_where_its_cells_do_not_say_which(heading):
    table = read_table(workbook(("Activities", [["Number", heading], ["1", "Police, MSD"]])), "")
    assert [match.heading for match in match_headings(table.headings, table.columns)] == ["Number", ""]
    [note] = table.notes
    assert note.startswith(f"The column “{heading}” holds leads and supports together, so it is not read.")


@pytest.mark.django_db
def test_cases_cell_that_does_not_say_which_agency_leads_is_an_error(check):
    lines = [
        ["Number", "Lead & support"],
        ["1", "Lead: Police"],
        ["2", "APA, MSD"],
        ["3", "MSD RPS Policy Office (lead)"],
    ]
    found = errors(check(read_table(workbook(("Activities", lines)), "")))
    assert [(row, heading) for row, heading, _ in found] == [(3, "Agency Lead")]
    assert "does not say which agency leads" in found[0][2]


@pytest.mark.parametrize(
    ("heading", "both"),
    [
        ("Activity and description", "Activity and Description"),
        ("Number / Title", "Number and Activity"),
        ("Status & due date", "Status and Due"),
        ("Focus area, priority area", "Strategic Focus Area and Priority Action Area"),
    ],
)
def test_cases_other_headings_that_name_two_columns_are_named_and_not_guessed(heading, both):
    table = read_table(workbook(("Activities", [["Number", "Agency Lead", heading], ["1", "Police", "x"]])), "")
    assert match_headings(table.headings, table.columns)[2].heading == ""
    assert table.notes[0].startswith(f"The column “{heading}” holds {both} together, so it is not read.")


def test_cases_no_spelling_of_ours_names_two_columns():
    spellings = [*HEADINGS, *(name for names in SYNONYMS.values() for name in names)]
    assert [text for text in spellings if headings_together(text)] == []


SUPPLY = [["Number", "Activity", "Priority Action Area"], ["11", "Hub", "P1"], ["12", "Scan", "P1"]]
DEMAND = [["No.", "Agency Lead", "Title", "Priority area"], ["21", "Police", "Clinic", "P2"], ["22", "Polcie", "", ""]]


def several(kind, *sheets):
    """A workbook of sheets [(name, rows)]."""
    if kind == "ods":
        tables = [f'<table:table table:name="{name}">{"".join(ods_row(*row) for row in rows)}' for name, rows in sheets]
        _, _, rest = "</table:table>".join(tables).partition(">")
        return ods(rest, name=sheets[0][0])
    if kind == "xls":
        book = xlwt.Workbook()
        for name, rows in sheets:
            sheet = book.add_sheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    sheet.write(row, column, cell)
        file = BytesIO()
        book.save(file)
        return file.getvalue()
    return workbook(*sheets)


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
@pytest.mark.django_db
def test_cases_sheet_for_each_focus_area_is_read_together(check, kind):
    table = read_table(several(kind, ("SUPPLY", SUPPLY), ("Notes", [["a"]]), ("DEMAND", DEMAND)), "")
    rows = [(row["Number"], row["Activity"], row.get("Agency Lead")) for row in cells_of(table)]
    assert rows == [("11", "Hub", ""), ("12", "Scan", ""), ("21", "Clinic", "Police"), ("22", "", "Polcie")]
    checked = check(table)
    assert checked.notes[0] == "The sheets “SUPPLY” (2 rows) and “DEMAND” (2 rows) are read together."
    assert "SUPPLY (sheet “SUPPLY”, rows 2–3), DEMAND (sheet “DEMAND”, rows 2–3)" in checked.notes[1]
    areas = {number: cells["Strategic Focus Area"][1] for _, number, cells in changes(checked)}
    assert areas == {11: "SUPPLY: Target supply", 12: "SUPPLY: Target supply", 21: "DEMAND: Reduce harm"}
    [line] = [one for one in first_errors_of(checked) if "Polcie" in one.message]
    assert line.where == "Sheet “DEMAND”, row 3, Agency Lead"


def first_errors_of(checked):
    table = Table("", "", 1, (), (), [])
    return CheckSummary.of_check(checked, table).errors.lines


def test_cases_notes_on_one_of_several_sheets_name_it():
    lost = [*SUPPLY, ["13", "M?ori", "P1"]]
    table = read_table(workbook(("SUPPLY", lost), ("DEMAND", DEMAND)), "")
    assert table.notes[1].startswith("Sheet “SUPPLY”: Letters look lost in row 4")


def test_cases_sheets_that_say_the_same_activities_are_read_together_only_if_asked():
    content = workbook(("June", SUPPLY), ("July", SUPPLY), ("Notes", [["a"]]))
    alone, together = read_table(content, ""), read_table(content, "", sheet="*")
    assert (alone.sheet, len(alone.rows), alone.parts) == ("June", 2, ())
    assert alone.notes[0].startswith("Other sheets have such headings, too, and are not read: “July”.")
    assert (together.sheet, len(together.rows), together.parts) == ("*", 4, ((0, "June"), (3, "July")))


@pytest.mark.django_db
def test_cases_activity_on_two_sheets_is_an_error_that_names_both(check):
    checked = check(read_table(workbook(("June", SUPPLY), ("July", SUPPLY)), "", sheet="*"))
    sentences = {sentence for *_, sentence in errors(checked)}
    assert "activity 11 is in sheet “June”, row 2; sheet “July”, row 2. Keep only one." in sentences


def test_cases_other_sheets_beside_one_called_activities_are_named():
    table = read_table(workbook(("Activities", SUPPLY), ("More", DEMAND), ("Notes", [["a"]])), "")
    assert (table.sheet, len(table.rows)) == ("Activities", 2)
    assert table.notes[0].startswith("Other sheets have such headings, too, and are not read: “More”.")


def test_cases_hidden_sheets_are_never_read_together():
    content = hide(workbook(("SUPPLY", SUPPLY), ("DEMAND", DEMAND), ("Old", [*SUPPLY[:1], ["99", "Old", "P1"]])), "Old")
    table = read_table(content, "")
    assert ([part for _, part in table.parts], len(table.rows)) == (["SUPPLY", "DEMAND"], 4)
    assert "The hidden sheet “Old” is not read." in table.notes


def test_cases_sheets_that_are_too_long_together_are_read_one_by_one():
    limits = replace(Limits.from_settings(), max_rows=3)
    content = workbook(("SUPPLY", SUPPLY), ("DEMAND", DEMAND))
    assert read_table(content, "", limits=limits).sheet == "DEMAND"
    with pytest.raises(UnreadableFile, match="more than 3 rows"):
        read_table(content, "", limits=limits, sheet="*")


@pytest.mark.parametrize("title", ["SUPPLY", "Focus area 1: SUPPLY", "1. SUPPLY – what it is", "Target supply"])
@pytest.mark.django_db
def test_cases_words_above_word_tables_are_their_focus_area(check, title):
    paragraph = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>".format
    content = docx(
        paragraph("Plan of June") + paragraph(title) + word_table(SUPPLY) + paragraph("DEMAND") + word_table(DEMAND[:2])
    )
    areas = {number: cells["Strategic Focus Area"][1] for _, number, cells in changes(check(read_table(content, "")))}
    assert areas == {11: "SUPPLY: Target supply", 12: "SUPPLY: Target supply", 21: "DEMAND: Reduce harm"}


@pytest.mark.django_db
def test_cases_title_of_a_sheet_counts_only_without_a_column_of_focus_areas(check):
    lines = [["Number", "Activity", "Strategic Focus Area"], ["1", "Title 1", "SUPPLY"], ["2", "Title 2", ""]]
    checked = check(read_table(workbook(("DEMAND", lines)), ""))
    assert (errors(checked), changes(checked)) == ([], [])
    assert checked.notes == [
        "Cells are blank where the plan has something, and leave it as it is: Strategic Focus Area (1)."
    ]
