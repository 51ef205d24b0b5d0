"""Files read, checked and applied in one go, without the pages and jobs around that."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.utils.timezone import localdate

from plans.activity_number import NO_NUMBER
from plans.choices import RowKind
from plans.models import Activity, ActivityAgency, Plan, StatusUpdate, SubActivity
from plans.spreadsheets.importing.apply import apply_check
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.importing.outcome import Options
from plans.spreadsheets.importing.questions import question_in_words
from plans.spreadsheets.reading.limits import UnreadableFile
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.reading.table import Table
from plans.spreadsheets.writing.export import write_csv, write_xlsx
from tests.year_two import load_year_two

FOCUS_AREAS = "SUPPLY; DEMAND; RESILIENCE; ENABLE"
MADE_AT = datetime(2024, 7, 1, tzinfo=UTC)


@pytest.fixture
def plan(db):
    return load_year_two()


@pytest.fixture
def importer(plan, make_user):
    """Imports CSV lines, the bytes of a file or a table, and removes what it leaves out; answers the `Check`."""
    user = make_user("admin@programme.example")

    def run(*source, dry_run=False, options=None, into=plan):
        table = source[0]
        if not isinstance(table, Table):
            table = read_table(table if isinstance(table, bytes) else "\n".join(source).encode(), "plan.csv")
        options = options or Options(answers={"items": "theirs", "agencies": "theirs"})
        with transaction.atomic():
            locked = Plan.objects.select_for_update().get(pk=into.pk)
            check = check_table(locked, table, by=user, on=localdate(), options=options, lock=not dry_run)
            if check.is_acceptable and not dry_run:
                apply_check(check, plan=locked, by=user, reason="Import of plan.csv", on=localdate())
        return check

    return run


def problems(check):
    """What is wrong with the file and its rows, in sentences."""
    of_rows = [
        f"Row {row.row}{error.column and f', {error.column}'}: {error.message}"
        for row in check.rows
        for error in row.errors
    ]
    return [*check.problems, *([] if check.problems else of_rows)]


def totals(check):
    return dict(Counter(row.kind for row in check.rows if row.row is not None))


def changes(check):
    return [
        (row.row, row.number, [(change.column, change.old, change.new) for change in row.changes])
        for row in check.rows
        if row.kind in (RowKind.CREATED, RowKind.UPDATED)
    ]


def activity(number):
    return Activity.objects.for_export(localdate()).get(number=number)


def agencies(number, role):
    links = ActivityAgency.objects.filter(activity__number=number, role=role).order_by("position")
    return list(links.values_list("agency__code", "position"))


def history_count():
    return sum(model.history.count() for model in (Activity, ActivityAgency, SubActivity))


def exported(plan, kind):
    activities = Activity.objects.for_export(localdate())
    if kind == "csv":
        return b"".join(write_csv(activities))
    return write_xlsx(activities, plan, [], "http://testserver/", MADE_AT)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_own_export_imported_again_changes_nothing(plan, importer, kind):
    result = importer(exported(plan, kind))
    assert (problems(result), totals(result), history_count()) == ([], {RowKind.UNCHANGED: 15}, 0)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_own_export_of_awkward_text_imported_again_changes_nothing(plan, importer, kind):
    Activity.objects.filter(number=1).update(title="'=1+1", description="• not an item\r\n_x0041_ \\* no note\x07")
    Activity.objects.filter(number=2).update(title="=1+1", description="-1\n\nnext")
    SubActivity.objects.filter(position=1).update(text="two\nlines*", footnote="* a note")
    result = importer(exported(plan, kind))
    assert (problems(result), changes(result)) == ([], [])


@pytest.mark.parametrize("count", [1, 15])
def test_import_that_changes_nothing_costs_no_query_a_row(plan, importer, django_assert_num_queries, count):
    lines = ["Number,Agency Lead,Description"] + [f"{number},," for number in range(1, count + 1)]
    # A savepoint and its end, the plan locked, seven for the plan and all names; applying locks the activities, and on
    # PostgreSQL holds the names of agencies.
    with django_assert_num_queries(11 + (connection.vendor == "postgresql")):
        importer(*lines)


def test_import_changes_what_the_row_says_and_nothing_else(plan, importer):
    before = {column: getattr(activity(7), column) for column in ("title", "description", "focus_area_id")}
    result = importer("number,SUPPORT AGENCIES,Priority Action Area", "7,NZ Police; kainga ora housing,P5")
    assert problems(result) == [
        "Row 2, SUPPORT AGENCIES: no agency is called 'kainga ora housing'. Did you mean Kāinga Ora?"
    ]
    result = importer("number,SUPPORT AGENCIES,Priority Action Area", "7,NZ Police; corrections,P5")
    assert changes(result) == [
        (
            2,
            7,
            [
                (
                    "Priority Action Area",
                    "Coordinate and implement initiatives to reduce harm and increase community wellbeing",
                    "Prevention activity to reduce the harm caused by organised crime in communities",
                ),
                ("Support Agencies", "Police; APA; MSD; Oranga Tamariki; Te Whatu Ora", "Police; APA"),
            ],
        )
    ]
    assert agencies(7, "support") == [("police", 1), ("apa", 2)]
    assert agencies(7, "lead") == [("kainga-ora", 1)]
    assert {column: getattr(activity(7), column) for column in before} == before


def test_import_says_in_the_history_who_and_why(plan, importer):
    importer("Number,Activity", "1,Operation Cobalt renewed")
    record = Activity.history.get()
    assert (record.history_user.email, record.history_change_reason) == (
        "admin@programme.example",
        "Import of plan.csv",
    )


def test_import_keeps_the_history_of_a_link_that_goes(plan, importer):
    importer("Number,Agency Lead", "2,MSD")
    records = ActivityAgency.history.values_list("agency__code", "history_type", "history_user__email")
    assert list(records.order_by("agency__code")) == [
        ("apa", "-", "admin@programme.example"),
        ("msd", "~", "admin@programme.example"),
    ]


def test_import_of_a_status_goes_through_an_update(plan, importer):
    importer("Number,Status", "1,at risk")
    updates = StatusUpdate.objects.values_list("activity__number", "status", "what_happened", "author__email")
    assert list(updates) == [(1, "at_risk", "Import of plan.csv", "admin@programme.example")]
    assert activity(1).status == "at_risk"


def test_import_of_a_new_number_makes_an_activity(plan, importer):
    result = importer(
        "Number,Strategic Focus Area,Priority Action Area,Activity,Description,Agency Lead,Description State,Status",
        '16,supply,p1,New work,"Do:\n• This\n• That*\n* A note",Police,Finalised,On track',
    )
    assert (problems(result), totals(result)) == ([], {RowKind.CREATED: 1})
    made = activity(16)
    assert (made.plan, made.focus_area.code, made.priority_area.code, made.title) == (plan, "SUPPLY", "P1", "New work")
    assert (made.description, made.description_state, made.status) == ("Do:", "finalised", "on_track")
    assert [(item.position, item.text, item.footnote) for item in made.sub_activities.all()] == [
        (1, "This", ""),
        (2, "That", "A note"),
    ]
    assert agencies(16, "lead") == [("police", 1)]


def test_import_keeps_an_edited_item_and_withdraws_one_that_is_gone(plan, importer):
    first, second, third = SubActivity.objects.filter(activity__number=3)
    importer("Number,Description", f'3,"{activity(3).description}\n• Something quite new\n• Deportee journey map"')
    assert list(activity(3).sub_activities.values_list("text", "position", "withdrawn_on")) == [
        ("Something quite new", 1, None),
        ("Deportee journey map", 2, None),
    ]
    assert SubActivity.objects.get(pk=first.pk).text == "Deportee journey map"
    gone = SubActivity.objects.filter(pk__in=[second.pk, third.pk])
    assert [item.withdrawn_on is not None for item in gone] == [True, True]


def test_import_saves_nothing_when_one_row_is_wrong(plan, importer):
    result = importer("Number,Activity,Agency Lead", "1,Another title,", "2,,Polcie")
    assert problems(result) == ["Row 3, Agency Lead: no agency is called 'Polcie'. Did you mean Police?"]
    assert (activity(1).title, history_count()) == ("Operation Cobalt", 0)


def test_preview_saves_nothing(plan, importer):
    result = importer("Number,Status,Activity", "1,On track,Another title", dry_run=True)
    assert changes(result) == [
        (2, 1, [("Activity", "Operation Cobalt", "Another title"), ("Status", "No update yet", "On track")])
    ]
    assert (activity(1).title, StatusUpdate.objects.count(), history_count()) == ("Operation Cobalt", 0, 0)


@pytest.mark.parametrize(
    ("header", "row", "problem"),
    [
        ("Number", "x", f"Row 2, Number: {NO_NUMBER.format('x')}"),
        ("Number,Activity", ",A title", "Row 2, Number: this row has no activity number. Add one, or delete the row."),
        (
            "Number,Strategic Focus Area",
            "1,zzz",
            f"Row 2, Strategic Focus Area: no focus area is called 'zzz'. Choose from: {FOCUS_AREAS}.",
        ),
        ("Status,Activity", "On track,A", "There is no column Number, by which activities are found."),
        ("Number,Status,status", "1,,", "The column Status stands there twice. Take one out, or choose which to read."),
    ],
)
def test_import_says_row_column_and_remedy(plan, importer, header, row, problem):
    assert problems(importer(header, row)) == [problem]


def test_import_refuses_to_take_a_status_back(plan, importer):
    importer("Number,Status", "1,On track")
    sentence = "Row 2, Status: Choose a status. “No update yet” is only for activities with no updates."
    assert problems(importer("Number,Status", "1,No update yet")) == [sentence]


def test_import_names_both_rows_of_a_number_given_twice(plan, importer):
    result = importer("Number,Activity", "1,One title", "", "1,Another title")
    assert problems(result) == [f"Row {row}, Number: activity 1 is in rows 2 and 4. Keep only one." for row in (2, 4)]


def test_import_of_text_that_excel_cut_keeps_the_whole_of_it(plan, importer):
    Activity.objects.filter(number=1).update(description="x" * 40_000)
    result = importer(exported(plan, "xlsx"))
    assert (problems(result), totals(result), activity(1).description) == ([], {RowKind.UNCHANGED: 15}, "x" * 40_000)


def test_import_leaves_a_cell_in_conflict_to_the_person_to_decide(plan, importer):
    table = read_table(exported(plan, "xlsx"), "plan.xlsx")
    Activity.objects.filter(number=1).update(title="Ours")
    cells = list(table.rows[0].cells)
    cells[table.headings.index("Activity")] = "Theirs"
    table.rows[0] = replace(table.rows[0], cells=tuple(cells))
    check = importer(table)
    undecided = [
        (row.row, one.column) for row in check.rows for one in row.changes if one.is_conflict and not one.taken
    ]
    assert (problems(check), undecided) == ([], [(2, "Activity")])
    assert activity(1).title == "Ours"


def test_import_of_another_plan_leaves_this_one_alone(plan, importer):
    other = Plan.objects.create(slug="year-three", name="Year Three", short_name="Year Three")
    result = importer(exported(plan, "csv"), into=other)
    assert (problems(result), totals(result)) == ([], {RowKind.CREATED: 15})
    assert Activity.objects.filter(plan=plan).count() == Activity.objects.filter(plan=other).count() == 15


def test_fingerprint_differs_when_the_plan_says_something_else(plan, importer):
    lines = ("Number,Activity", "1,New title")
    first = importer(*lines, dry_run=True).fingerprint()
    assert importer(*lines, dry_run=True).fingerprint() == first
    Activity.objects.filter(number=1).update(title="A colleague's title")
    assert importer(*lines, dry_run=True).fingerprint() != first


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_csv_may_part_its_cells_by_other_signs(sign):
    table = read_table(f"Number{sign}Status\n1{sign}Paused\n".encode(), "plan.csv")
    assert (table.headings, [row.cells for row in table.rows]) == (("Number", "Status"), [("1", "Paused")])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty."),
        (b'Number\n"1', "Line 2 is not CSV"),
        (b"PK\x03\x04 no workbook", "This file is damaged"),
    ],
)
def test_file_that_cannot_be_read_says_why(content, problem):
    with pytest.raises(UnreadableFile, match=problem):
        read_table(content, "plan")


def test_import_takes_nothing_off_unless_that_was_confirmed(importer):
    result = importer("Number,Agency Lead", "1,MSD", options=Options())

    (question,) = result.open_questions
    sentence = question_in_words(question.kind, question.count, question.done, len(question.rows))
    assert sentence.startswith("1 agency would no longer lead or support 1 activity.")
    assert [link.agency.code for link in activity(1).lead_links] == ["police"]
