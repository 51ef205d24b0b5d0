import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.choices import ImportScope, ImportState, RowKind
from plans.models import Activity, Import, ImportRow
from plans.spreadsheets.cell_text import excel_text
from plans.spreadsheets.columns import COLUMNS, MERGED_COLUMNS, cell_in_words, merged_cells_of
from plans.spreadsheets.descriptions import Description, Item
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.importing.outcome import Draft
from plans.spreadsheets.importing.plan_state import load_state
from plans.spreadsheets.writing.export import read_lines
from tests.spreadsheets.checking.conftest import ON
from tests.spreadsheets.checking.tables import changes, errors, kinds, make_table

NOTHING = {"created": 0, "updated": 0, "unchanged": 0, "skipped": 0, "errors": 0, "missing": 0, "conflicts": 0}


def withdraw(number):
    Activity.objects.filter(number=number).update(withdrawn_on=ON)


def test_check_counts_each_row_once_and_what_is_missing_beside_them(check):
    checked = check("Number,Activity", ("1", "Title 1"), ("2", "New"), ("Number", "Activity"), ("x", "y"), ("9", "z"))
    assert checked.counts() == {
        "rows": 5,
        "created": 0,
        "updated": 1,
        "unchanged": 1,
        "skipped": 1,
        "errors": 2,
        "missing": 2,
        "conflicts": 0,
    }
    assert [(one.row, one.number, one.kind.value) for one in checked.rows] == [
        (2, 1, "unchanged"),
        (3, 2, "updated"),
        (4, None, "skipped"),
        (5, None, "error"),
        (6, 9, "error"),
        (None, 3, "missing"),
        (None, 4, "missing"),
    ]
    assert not checked.is_acceptable


def test_check_answers_what_differs_and_drafts_nothing_else(check):
    checked = check("number,SUPPORT AGENCIES,Activity,Status", ("2", "kainga ora;NZ Police", "", "no update yet"))
    assert changes(checked) == [(2, 2, {"Support Agencies": ("Police", "Kāinga Ora; Police")})]
    draft = checked.rows[0].draft
    assert [agency.code for agency in draft.supports] == ["kainga-ora", "police"]
    draft.supports = None
    assert draft == Draft()


def test_check_finds_no_change_in_another_spelling(check):
    row = ("2", "supply", "p1", "apa; msd", "nz police", "FINALISED", "No  update yet")
    headings = "Number,Strategic Focus Area,Priority Action Area,Agency Lead,Support Agencies,Description State,Status"
    checked = check(headings, row)
    assert (changes(checked), errors(checked), checked.rows[0].draft) == ([], [], None)


def test_check_writes_nothing_and_costs_the_same_for_any_number_of_rows(check):
    row = ("New", "Police", "")
    with CaptureQueriesContext(
        connection,
    ) as one:
        check("Number,Activity,Agency Lead,Status", ("1", *row))
    with CaptureQueriesContext(connection) as many:
        check("Number,Activity,Agency Lead,Status", *((str(number), *row) for number in range(1, 60)))
    # Activities, links, items; agencies and their aliases; the two kinds of areas.
    assert (len(one), len(many)) == (7, 7)
    assert all(query["sql"].startswith("SELECT") for query in many.captured_queries)


def test_check_locks_activities_only_when_told(small_plan, importing_admin):
    table = make_table("Number", ("1",))
    with CaptureQueriesContext(connection) as queries:
        check_table(small_plan, table, by=importing_admin, on=ON, lock=True)
    locked = [query["sql"] for query in queries.captured_queries if "FOR UPDATE" in query["sql"]]
    assert len(locked) == (1 if connection.vendor == "postgresql" else 0)


def test_check_says_how_far_it_is_every_500_rows(small_plan, importing_admin):
    said = []
    table = make_table("Number", *((str(number),) for number in range(1, 1002)))
    check_table(small_plan, table, by=importing_admin, on=ON, on_progress=lambda *of: said.append(of))
    assert said == [(500, 1001), (1000, 1001), (1001, 1001)]


def test_texts_of_the_plan_are_those_of_an_export(small_plan):
    state = load_state(small_plan)
    lines = list(read_lines(Activity.objects.for_export(ON)))
    ours = [
        [column.text(getattr(one, column.attribute)) for column in MERGED_COLUMNS] for one in state.activities.values()
    ]
    assert ours == [[cell_in_words(cell) for cell in merged_cells_of(line)] for line in lines]


def test_check_of_a_new_number_makes_an_activity(check):
    headings = "Number,Strategic Focus Area,Priority Action Area,Activity,Description,Agency Lead,Status"
    description = "Do:\n• This\n• That*\n* A note"
    checked = check(headings, ("16", "supply", "P2", "New", description, "Police", "No update yet"))
    outcome = checked.rows[0]
    assert (outcome.kind.value, outcome.activity_id, errors(checked)) == ("created", None, [])
    assert outcome.draft.description == Description("Do:", (Item("This"), Item("That", "A note")))
    assert (outcome.draft.focus_area.code, outcome.draft.priority_area.code) == ("SUPPLY", "P2")
    assert (outcome.draft.status, outcome.draft.is_brought_back) == (None, False)
    assert changes(checked)[0][2]["Priority Action Area"] == ("", "Prevention")


def test_check_gives_a_new_activity_the_focus_area_above_and_leaves_that_of_others(check):
    rows = (("1", "DEMAND", "P1"), ("2", "", "P1"), ("15", "", "P1"), ("16", "SUPPLY", "P1"), ("17", "", "P1"))
    checked = check("Number,Strategic Focus Area,Priority Action Area", *rows)
    drafts = {one.number: one.draft and one.draft.focus_area.code for one in checked.rows if one.row}
    assert drafts == {1: "DEMAND", 2: None, 15: "DEMAND", 16: "SUPPLY", 17: "SUPPLY"}


@pytest.mark.parametrize(
    ("headings", "row", "heading", "sentence"),
    [
        ("No., Status", ("1", "On trakc"), "Status", "no status is called 'On trakc'. Did you mean On track?"),
        ("Number,Led by", ("1", "Polcie"), "Led by", "no agency is called 'Polcie'. Did you mean Police?"),
        ("Number,Agency Lead", ("1", "Police; NZ Police"), "Agency Lead", "Police is named twice. Keep one."),
        (
            *("Number,Agency Lead", ("1", ";"), "Agency Lead"),
            "enter an agency, or leave the cell blank to keep the current agencies.",
        ),
        (
            *("Number,Support Agencies", ("1", "Police"), "Support Agencies"),
            "Police cannot both lead and support. Remove it from one of the columns.",
        ),
        (
            *("Number,Agency Lead,Support Agencies", ("2", "Police", ""), "Agency Lead"),
            "Police cannot both lead and support. Remove it from one of the columns.",
        ),
        ("Number,Activity", ("1", "x" * 301), "Activity", "a title has at most 300 characters; this one has 301."),
        (
            *("Number,Description State", ("1", "zzz"), "Description State"),
            "no description state is called 'zzz'. Choose from: To be finalised; Finalised.",
        ),
        (
            "Number,Activity",
            ("1", "\u202e"),
            "Activity",
            "enter a title, or leave the cell blank to keep the current one.",
        ),
        (
            *("Number,Description", ("1", "•"), "Description"),
            "enter a description, or leave the cell blank to keep the current one.",
        ),
        ("Number,Priority Action Area", ("9", "P1"), "Strategic Focus Area", "a new activity needs one."),
        ("Number,Strategic Focus Area", ("9", "SUPPLY"), "Priority Action Area", "a new activity needs one."),
        (
            *("Number,Strategic Focus Area,Priority Action Area,Description State", ("9", "SUPPLY", "P1", "Finalised")),
            *("Description State", "enter a description before you finalise it."),
        ),
    ],
)
def test_check_says_which_cell_is_wrong_and_how_to_mend_it(check, headings, row, heading, sentence):
    checked = check(headings, row)
    assert errors(checked) == [(2, heading, sentence)]
    assert (checked.is_acceptable, changes(checked), checked.rows[0].draft) == (False, [], None)


def test_check_names_every_error_of_a_row(check):
    checked = check("Number,Status,Agency Lead,Activity", ("1", "x", "Polcie; Pliece", "y" * 301))
    assert [heading for _, heading, _ in errors(checked)] == ["Activity", "Agency Lead", "Agency Lead", "Status"]


def test_check_lets_errors_be_left_out(check):
    rows = (("1", "A title"), ("x", "Another"))
    assert not check("Number,Activity", *rows).is_acceptable
    assert check("Number,Activity", *rows, leave_out_errors=True).is_acceptable


def test_check_refuses_to_take_a_status_back(check):
    Activity.objects.filter(number=1).update(status="on_track")
    sentence = "Choose a status. “No update yet” is only for activities with no updates."
    assert errors(check("Number,Status", ("1", "No update yet"))) == [(2, "Status", sentence)]


def test_blank_cell_changes_nothing_unless_the_column_is_told_to_clear(check):
    headings, row = "Number,Activity,Description,Description State,Agency Lead,Status", ("2", "", "", "", "", "")
    checked = check(headings, row)
    assert (changes(checked), errors(checked)) == ([], [])
    cells = "Activity (1), Description (1), Agency Lead (1), Description State (1), Status (1)"
    assert checked.notes == [f"Cells are blank where the plan has something, and leave it as it is: {cells}."]
    checked = check(headings, row, clears=frozenset({"Activity", "Agency Lead", "Status", "Description State"}))
    assert changes(checked) == [(2, 2, {"Activity": ("Title 2", ""), "Agency Lead": ("APA; MSD", "")})]
    assert (checked.rows[0].draft.title, checked.rows[0].draft.leads) == ("", ())
    assert checked.clearable == ["Activity", "Description", "Agency Lead"]


def test_clearing_a_finalised_description_needs_its_state_too(check):
    clears = frozenset({"Description"})
    sentence = "enter a description before you finalise it."
    assert errors(check("Number,Description", ("1", ""), clears=clears)) == [(2, "Description", sentence)]
    checked = check("Number,Description,Description State", ("1", "", "To be finalised"), clears=clears)
    assert (errors(checked), checked.rows[0].draft.description) == ([], Description(""))


def test_column_that_is_not_in_the_file_is_not_touched_by_clearing(check):
    assert changes(check("Number,Status", ("2", ""), clears=frozenset({"Activity", "Agency Lead"}))) == []


def test_columns_that_are_unknown_or_never_read_are_named(check):
    checked = check("Number,Budget,Last Updated,Freshness,Activity", ("1", "$5", "1 July 2024", "Never", "Title 1"))
    assert checked.ignored == ["Budget", "Last Updated", "Freshness"]
    assert checked.counts() == {**NOTHING, "rows": 1, "unchanged": 1, "missing": 3}
    assert checked.is_acceptable


@pytest.mark.parametrize(
    ("headings", "problem"),
    [
        ("Activity,Status", "There is no column Number, by which activities are found."),
        (
            "Number,Status,STATUS",
            "The column Status stands there twice. Take one out, or choose which to read.",
        ),
    ],
)
def test_headings_that_leave_rows_unread_put_every_row_in_error(check, headings, problem):
    checked = check(headings, ("1", "2"), ("2", "3"))
    assert (checked.problems, errors(checked)) == ([problem], [(2, "", problem), (3, "", problem)])
    assert checked.counts() == {**NOTHING, "rows": 2, "errors": 2}
    assert not checked.is_acceptable


def test_headings_may_be_chosen(check):
    checked = check("Number,Status,Status", ("1", "On track", "Paused"), columns={2: ""})
    assert changes(checked) == [(2, 1, {"Status": ("No update yet", "Paused")})]
    checked = check("Number,What it is", ("1", "Renamed"), columns={2: "Activity"})
    assert changes(checked) == [(2, 1, {"Activity": ("Title 1", "Renamed")})]


def test_withdrawn_activity_is_refused_only_if_it_would_change(check):
    withdraw(1)
    sentence = "activity 1 has been withdrawn. Remove this row."
    checked = check("Number,Activity", ("1", "Renamed"))
    assert errors(checked) == [(2, "Number", sentence)]
    assert kinds(check("Number,Activity", ("1", "Title 1"))) == [(2, 1, "unchanged")]


def test_check_of_an_empty_file_may_be_applied_and_does_nothing(check):
    checked = check("Number,Activity")
    assert (checked.counts(), checked.is_acceptable) == ({**NOTHING, "rows": 0, "missing": 4}, True)


def test_fingerprint_differs_when_the_plan_says_something_else(check):
    table = make_table("Number,Activity", ("1", "New title"))
    first = check(table).fingerprint()
    assert check(table).fingerprint() == first
    Activity.objects.filter(number=2).update(title="Not in the file")
    assert check(table).fingerprint() == first
    Activity.objects.filter(number=1).update(title="A colleague's title")
    assert check(table).fingerprint() != first


def test_text_that_excel_cut_is_no_change_until_it_is_edited(check):
    Activity.objects.filter(number=1).update(description="x" * 40_000)
    cut = excel_text("x" * 40_000)
    assert kinds(check("Number,Description", ("1", cut))) == [(2, 1, "unchanged")]
    sentence = "the text was cut when it was exported to Excel. Leave the cell blank to keep the description as it is."
    assert errors(check("Number,Description", ("1", "y" + cut))) == [(2, "Description", sentence)]


def test_updates_only_scope_refuses_changes_of_the_plan_and_new_activities(check):
    headings = "Number,Activity,Agency Lead,Status"
    checked = check(headings, ("1", "Renamed", "NZ Police", ""), ("9", "New", "", ""), scope=ImportScope.UPDATES)
    sentence = "only programme admins can change this. Restore the original text, or leave the cell blank."
    assert errors(checked) == [
        (2, "Activity", sentence),
        (3, "Number", "the plan has no activity 9. Remove this row."),
    ]


def test_headings_are_those_of_the_export():
    written = [column.heading for column in COLUMNS[1:] if not column.readonly]

    assert [column.heading for column in MERGED_COLUMNS] == written


@pytest.fixture
def made_by_an_import(small_plan, importing_admin):
    """Activity 4 as an import made it that was undone on the day on which the activity was withdrawn."""
    withdraw(4)
    source = Import.objects.create(
        plan=small_plan,
        state=ImportState.UNDONE,
        file_name="plan.csv",
        content=b"",
        size_bytes=0,
        sha256="",
        uploaded_by=importing_admin,
        applied_at="2024-06-30T12:00Z",
        applied_by=importing_admin,
        undone_at="2024-06-30T12:30Z",
        undone_by=importing_admin,
    )
    activity = Activity.objects.get(number=4)
    return ImportRow.objects.create(source=source, row=2, number=4, kind=RowKind.CREATED, activity=activity)


def test_activity_that_an_undone_import_made_is_brought_back_whole(check, made_by_an_import):
    checked = check("Number,Activity,Agency Lead", ("4", "Title 4", "Police"))
    outcome = checked.rows[0]
    assert (outcome.kind.value, outcome.activity_id) == ("created", made_by_an_import.activity_id)
    assert (outcome.draft.is_brought_back, outcome.draft.title) == (True, "Title 4")
    assert changes(checked) == [(2, 4, {"Activity": ("", "Title 4"), "Agency Lead": ("", "Police")})]
    assert (errors(checked), checked.is_acceptable) == ([], True)


def test_activity_that_somebody_withdrew_on_another_day_is_not_brought_back(check, made_by_an_import):
    Activity.objects.filter(number=4).update(withdrawn_on="2024-08-01")
    assert kinds(check("Number,Activity", ("4", "Renamed"))) == [(2, 4, "error")]
    assert kinds(check("Number,Activity", ("4", "Renamed"), scope=ImportScope.UPDATES)) == [(2, 4, "error")]


def test_title_is_read_on_one_line_and_without_signs_that_turn_it(check):
    checked = check("Number,Activity", ("1", " Two\r\n  lines \u202eturned\u202c"))
    assert changes(checked) == [(2, 1, {"Activity": ("Title 1", "Two lines turned")})]
    assert checked.rows[0].draft.title == "Two lines turned"


def test_title_that_was_kept_on_two_lines_comes_back_unchanged(check):
    Activity.objects.filter(number=1).update(title="Two\nlines")
    assert changes(check("Number,Activity", ("1", "Two\nlines"), ("2", "Title 2"))) == []
