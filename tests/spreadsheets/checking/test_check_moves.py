"""Rows whose number is not that of the activity that they were made from: renumbered, sorted, swapped, copied."""

from dataclasses import replace

import pytest

from plans.choices import ImportScope
from plans.models import Activity, Plan
from plans.spreadsheets.importing.numbering import blocked_moves
from plans.spreadsheets.row_versions import ROW_VERSION
from tests.spreadsheets.checking.tables import changes, edited, errors, kinds, returned


def renumbered(table, numbers):
    """The table with other numbers in its rows, {number before: number after}."""
    return edited(table, {before: {"Number": str(after)} for before, after in numbers.items()})


def with_row(table, place, **cells):
    """The table with one more row at a place from 0, with no version; its rows count on."""
    blank = dict.fromkeys(table.headings, "") | cells
    rows = list(table.rows)
    rows.insert(place, replace(rows[0], cells=tuple(blank.values())))
    return replace(table, rows=[replace(row, row=row_number) for row_number, row in enumerate(rows, start=2)])


def moves(checked):
    return [(one.row, one.number, one.moved_to) for one in checked.rows if one.moved_to is not None]


def asked(checked):
    return [(one.kind, one.count, one.answer) for one in checked.questions]


def test_rows_that_were_only_sorted_are_asked_nothing(check, small_plan):
    table = returned(small_plan)
    rows = [replace(row, row=place) for place, row in enumerate(table.rows[::-1], start=2)]

    checked = check(replace(table, rows=rows))

    assert (changes(checked), checked.questions, checked.is_acceptable) == ([], [], True)


def test_swapped_numbers_are_asked_about_and_edits_follow_the_activity(check, small_plan):
    table = renumbered(returned(small_plan, {1: {"Activity": "Edited"}}), {1: 3, 3: 1})
    Activity.objects.filter(number=1).update(description="Ours")

    checked = check(table)

    assert moves(checked) == [(2, 1, 3), (4, 3, 1)]
    assert (asked(checked), checked.is_acceptable) == ([("numbers", 2, "")], False)
    assert changes(checked) == [
        (2, 1, {"Number": ("1", "3"), "Activity": ("Title 1", "Edited")}),
        (4, 3, {"Number": ("3", "1")}),
    ]
    assert checked.rows[0].kept == ["Description"]


def test_keeping_the_numbers_of_the_plan_takes_the_rest_of_the_rows(check, small_plan):
    table = renumbered(returned(small_plan, {1: {"Activity": "Edited"}}), {1: 3, 3: 1})

    checked = check(table, answers={"numbers": "ours"})

    assert changes(checked) == [(2, 1, {"Activity": ("Title 1", "Edited")})]
    assert (asked(checked), checked.is_acceptable) == ([("numbers", 2, "ours")], True)
    assert "renumbered" not in checked.counts()


def test_renumbering_is_acceptable_once_chosen(check, small_plan):
    table = renumbered(returned(small_plan), {1: 2, 2: 3, 3: 4, 4: 1})
    (question,) = check(table).questions

    checked = check(table, answers={"numbers": f"theirs:{question.seal}"})

    assert (checked.is_acceptable, checked.counts()["renumbered"]) == (True, 4)
    assert [one.draft.number for one in checked.rows] == [2, 3, 4, 1]


def test_inserted_row_takes_the_number_that_the_others_left(check, small_plan):
    table = renumbered(returned(small_plan), {3: 4, 4: 5})
    new = {"Number": "3", "Activity": "Inserted", "Strategic Focus Area": "SUPPLY", "Priority Action Area": "P1"}
    table = with_row(table, 2, **new)

    checked = check(table)

    assert kinds(checked) == [
        (2, 1, "unchanged"),
        (3, 2, "unchanged"),
        (4, 3, "created"),
        (5, 3, "updated"),
        (6, 4, "updated"),
    ]
    assert (asked(checked), errors(checked)) == ([("numbers", 2, "")], [])
    kept = check(table, answers={"numbers": "ours"})
    assert errors(kept) == [(4, "Number", "activity 3 has this number already. Give the new row another one.")]


def test_number_that_is_not_free_is_an_error_and_the_rest_is_asked_about(check, small_plan):
    table = renumbered(returned(small_plan), {1: 2, 3: 4, 4: 3})

    checked = check(table)

    assert moves(checked) == [(4, 3, 4), (5, 4, 3)]
    assert errors(checked) == [
        (
            2,
            "Number",
            (
                "number 2 is not free: the plan or another row has it. This row was made from activity 1. Enter 1, or "
                "a number that is free."
            ),
        )
    ]
    assert checked.rows[1].kind.value == "unchanged"


def test_copied_rows_with_one_version_are_errors(check, small_plan):
    table = returned(small_plan)
    seals = {row.cells[0]: row.cells[-1] for row in table.rows}

    checked = check(edited(table, {3: {ROW_VERSION: seals["1"], "Activity": "Copied"}}))

    sentence = (
        "the hidden Row Versions of rows 2 and 4 all belong to activity 1, so it is not clear which row is that "
        "activity. Keep one, and type new activities into empty rows."
    )
    assert errors(checked) == [(4, "Number", sentence)]
    assert checked.rows[0].kind.value == "unchanged"


@pytest.mark.parametrize("seal", ["tampered", "foreign"])
def test_row_that_cannot_be_told_is_an_error_where_its_number_moved(check, small_plan, seal):
    other = Plan.objects.create(slug="other", name="Other", short_name="Other")
    Activity.objects.filter(number=4).update(plan=other)
    foreign = returned(other).rows[0].cells[-1]
    Activity.objects.filter(number=4).update(plan=small_plan)
    table = renumbered(returned(small_plan), {1: 3, 3: 1})
    rows = [replace(row, cells=(*row.cells[:-1], foreign if seal == "foreign" else "x")) for row in table.rows[2:3]]

    checked = check(replace(table, rows=[*table.rows[:2], *rows, table.rows[3]]))

    assert [row for row, _, _ in errors(checked)] == [2, 4]
    assert (moves(checked), changes(checked)) == ([], [])


def test_versions_left_behind_by_sorting_what_is_beside_them_are_found_again(check, small_plan):
    table = returned(small_plan, {1: {"Description": "Edited"}})
    seals = [row.cells[-1] for row in table.rows]
    rows = [replace(row, cells=(*row.cells[:-1], seal)) for row, seal in zip(table.rows, seals[::-1], strict=True)]

    checked = check(replace(table, rows=rows))

    assert changes(checked) == [(2, 1, {"Description": ("Words 1", "Edited")})]
    assert (checked.questions, checked.is_acceptable) == ([], True)


def test_older_export_follows_activities_that_were_renumbered_since(check, small_plan):
    table = returned(small_plan, {1: {"Activity": "Edited"}})
    Activity.objects.filter(number=1).update(number=9)
    Activity.objects.filter(number=3).update(number=1)

    checked = check(table)

    assert changes(checked) == [(2, 9, {"Activity": ("Title 1", "Edited")})]
    assert (checked.rows[0].kept, checked.questions) == (["Number"], [])


def test_withdrawn_activity_gets_no_other_number(check, small_plan):
    table = renumbered(returned(small_plan), {4: 9})
    Activity.objects.filter(number=4).update(withdrawn_on="2024-07-01")

    sentence = "activity 4 has been withdrawn, so it cannot get another number. Enter 4, or take the row out."
    assert errors(check(table)) == [(5, "Number", sentence)]


def test_updater_whose_numbers_and_versions_disagree_gets_an_error_in_each_row(check, small_plan, make_user):
    table = returned(small_plan, {1: {"Update Status": "On track"}}, extra=("Update Status", "What Happened"))

    checked = check(renumbered(table, {1: 3, 3: 1}), by=make_user("u@police.example"), scope=ImportScope.UPDATES)

    sentence = "this row was made for activity {0}, but its number is {1}. Only programme admins renumber activities. "
    assert errors(checked) == [
        (2, "Number", f"{sentence.format(1, 3)}Enter 1."),
        (4, "Number", f"{sentence.format(3, 1)}Enter 3."),
    ]


def test_report_of_a_renumbered_row_is_about_the_activity_of_its_version(check, small_plan):
    extra = ("Update Status", "What Happened")
    table = returned(small_plan, {1: {"Update Status": "On track", "What Happened": "Done"}}, extra=extra)

    checked = check(renumbered(table, {1: 3, 3: 1}), answers={"numbers": "ours"})

    (reported,) = (one for one in checked.rows if one.draft)
    assert (reported.activity_id, reported.draft.report.agency.code) == (
        Activity.objects.get(number=1).pk,
        "police",
    )


def test_titles_that_changed_places_without_versions_are_asked_about(check):
    swapped = check("Number,Activity", ("1", "Title 3"), ("3", "Title 1"), ("2", "Other"))

    assert (asked(swapped), swapped.is_acceptable) == ([("titles", 2, "")], False)
    assert swapped.rows[0].notes == ["This is the title of activity 3 in the plan."]
    assert check("Number,Activity", ("1", "Title 3"), ("3", "Title 1"), answers={"titles": "theirs"}).is_acceptable


def test_one_title_of_another_activity_is_a_note(check):
    checked = check("Number,Activity", ("1", "Title 3"))

    assert (checked.questions, checked.is_acceptable) == ([], True)
    assert checked.rows[0].notes == ["This is the title of activity 3 in the plan."]


@pytest.mark.parametrize(
    ("wanted", "newcomers", "blocked"),
    [
        ({1: 2, 2: 1}, (), set()),
        ({1: 2, 2: 3, 3: 4}, (1,), {1, 2, 3}),
        ({1: 2, 2: 3, 3: 9}, (1,), set()),
        ({1: 9, 2: 9}, (), {1, 2}),
        ({1: 9}, (9,), {1}),
        ({1: 2, 2: 4}, (), {1, 2}),
    ],
)
def test_moves_are_blocked_where_two_would_have_one_number(wanted, newcomers, blocked):
    holders = {1: 1, 2: 2, 3: 3, 4: 4}
    assert blocked_moves(wanted, holders, newcomers) == blocked
