"""A real export with other numbers, from its check to its undo."""

from functools import partial
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now
from openpyxl import load_workbook

from plans.choices import ImportScope
from plans.models import Activity, Import, StatusUpdate, SubActivity
from plans.spreadsheets.importing import undo, workflow
from plans.spreadsheets.importing.outcome import Options
from plans.spreadsheets.writing.export import write_xlsx

LINK = "http://testserver/plans/year-two/activities/"
FILE = {"numbers": "theirs", "items": "theirs", "agencies": "theirs"}


@pytest.fixture
def export(plan):
    """Makes an export of the plan, changed by `edit(sheet)`; answers its bytes."""
    return partial(exported, plan)


def exported(plan, edit):
    activities = Activity.objects.filter(plan=plan, withdrawn_on=None).order_by("number")
    book = load_workbook(BytesIO(write_xlsx(activities.for_export(localdate()), plan, [], LINK, now())))
    edit(book["Activities"])
    book.save(out := BytesIO())
    return out.getvalue()


@pytest.fixture
def checked(plan, admin):
    """Keeps and checks a file; answers the import."""

    def run(content, **answers):
        options = Options(answers=answers)
        source = workflow.keep_file(plan, content, "plan.xlsx", by=admin, scope=ImportScope.PLAN, options=options)
        workflow.run_check(source)
        assert (source.state, source.problem) == ("checked", "")
        return source

    return run


def swap(sheet):
    sheet["A6"], sheet["A8"] = 7, 5


def insert(sheet):
    """A new activity 4; all after it get the next number."""
    sheet.insert_rows(5)
    for row in range(6, 18):
        if sheet.cell(row, 1).value:
            sheet.cell(row, 1).value += 1
    for column, text in enumerate(["4", "SUPPLY", "P1", "Inserted", "Do:\n• This"], start=1):
        sheet.cell(5, column).value = text


def reverse_numbers(sheet):
    for row in range(2, 17):
        sheet.cell(row, 1).value = 17 - row


def by_number():
    """{number: id} of the activities in force."""
    return dict(Activity.objects.in_force().order_by("number").values_list("number", "pk"))


def everything():
    own = ("pk", "number", "title", "description", "status", "as_printed", "search_text")
    return [
        list(Activity.objects.in_force().order_by("pk").values_list(*own)),
        list(SubActivity.objects.in_force().order_by("pk").values_list()),
        list(StatusUpdate.objects.order_by("pk").values_list("pk", "activity_id")),
    ]


@pytest.mark.parametrize(
    ("edit", "number_now"),
    [
        (swap, {5: 7, 7: 5}),
        (insert, {number: number + 1 for number in range(4, 16)}),
        (reverse_numbers, {number: 16 - number for number in range(1, 16)}),
    ],
)
def test_renumbered_export_moves_the_activities_and_comes_back(export, checked, admin, edit, number_now):
    before, ids = everything(), by_number()
    StatusUpdate.objects.create(activity_id=ids[5], author=admin, kind="set", status="on_track")
    before[2] = everything()[2]
    source = checked(export(edit), **FILE)
    assert len(source.findings["questions"][0]["rows"]) == len([old for old, new in number_now.items() if old != new])

    workflow.run_apply(source, admin)

    assert (source.state, source.problem) == ("applied", "")
    moved = by_number()
    assert {old: moved[new] for old, new in number_now.items()} == {old: ids[old] for old in number_now}
    five = Activity.objects.get(pk=ids[5])
    assert five.number == number_now[5]
    assert five.updates.count() == 1
    assert five.as_printed == next(row[5] for row in before[0] if row[0] == five.pk)
    told = five.history.latest()
    assert (told.number, told.history_user, told.history_change_reason) == (number_now[5], admin, str(source))
    assert undo.preview(source)["kept"] == []

    workflow.run_undo(source, admin)

    assert (source.state, source.undo_report["kept"]) == ("undone", [])
    assert (everything(), by_number()) == (before, ids)


def test_file_that_was_undone_can_be_imported_again(export, checked, admin):
    ids, content = by_number(), export(insert)
    for _ in range(2):
        source = checked(content, **FILE)
        workflow.run_apply(source, admin)
        assert source.state == "applied"
        assert by_number()[5] == ids[4]
        workflow.run_undo(source, admin)
        assert by_number() == ids


def test_number_that_was_given_to_another_since_stays(export, checked, admin):
    ids = by_number()
    source = checked(export(swap), **FILE)
    workflow.run_apply(source, admin)
    Activity.objects.filter(pk=ids[5]).update(number=99)
    Activity.objects.create(
        plan=source.plan,
        number=7,
        focus_area=Activity.objects.get(pk=ids[5]).focus_area,
        priority_area=Activity.objects.get(pk=ids[5]).priority_area,
    )

    workflow.run_undo(source, admin)

    assert source.state == "undone"
    assert (Activity.objects.get(pk=ids[5]).number, Activity.objects.get(pk=ids[7]).number) == (99, 5)
    assert [(one["column"], one["imported"], one["now"]) for one in source.undo_report["kept"]] == [
        ("Number", "7", "99"),
        ("Number", "5", "5"),
    ]


def test_import_whose_numbers_nobody_chose_is_not_applied(export, checked, admin):
    ids, source = by_number(), checked(export(swap))

    workflow.run_apply(source, admin)

    assert (source.state, source.problem) == ("checked", workflow.NOT_ACCEPTABLE)
    assert by_number() == ids


def test_keeping_the_numbers_changes_nothing(export, checked, admin):
    before = everything()
    source = checked(export(reverse_numbers), numbers="ours")

    assert source.counts["unchanged"] == 15
    workflow.run_apply(source, admin)

    assert everything() == before


def test_row_that_moved_keeps_an_edit_of_its_own(export, checked, admin):
    def edit(sheet):
        swap(sheet)
        sheet["D6"] = "Edited"

    ids, source = by_number(), checked(export(edit), **FILE)
    workflow.run_apply(source, admin)

    assert Activity.objects.get(number=7).pk == ids[5]
    assert Activity.objects.get(number=7).title == "Edited"


def test_renumbering_costs_two_queries_more(export, checked, admin):
    def count(edit):
        source = checked(export(edit), **FILE)
        with CaptureQueriesContext(connection) as queries:
            workflow.run_apply(source, admin)
        assert source.state == "applied"
        workflow.run_undo(source, admin)
        return len(queries)

    def edit_title(sheet):
        sheet["D6"] = "Edited"

    assert (count(swap), count(reverse_numbers)) == (count(edit_title) + 2,) * 2


def test_import_before_this_one_is_undone_in_any_order(export, checked, admin):
    ids = by_number()
    first = checked(export(swap), **FILE)
    workflow.run_apply(first, admin)
    second = checked(export(reverse_numbers), **FILE)
    workflow.run_apply(second, admin)

    workflow.run_undo(first, admin)
    workflow.run_undo(second, admin)

    assert Import.objects.filter(state="undone").count() == 2
    assert by_number() == ids
