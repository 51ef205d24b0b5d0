"""What a file would withdraw or remove is asked about, and never done unasked."""

from datetime import date

import pytest

from plans.choices import ImportScope
from plans.models import Activity, SubActivity
from tests.spreadsheets.checking.tables import changes, errors, returned

DONE = {"is_done": True, "done_on": date(2024, 6, 1)}
# As Word and other programs write bullets.
AS_PROSE = "Words 3\nItem 1, then Item 2"


def asked(checked):
    return [(one.kind, one.count, one.done, one.answer) for one in checked.questions]


def table_of(plan, is_versioned, cells):
    table = returned(plan, {3: cells})
    if is_versioned:
        return table
    return type(table)(**{**table.__dict__, "headings": (*table.headings[:-1], "Colour")})


@pytest.fixture(params=[True, False], ids=["with versions", "without"])
def file_of(small_plan, request):
    """Makes the table of an export in which cells of activity 3 were edited, with versions and without."""
    return lambda **cells: table_of(small_plan, request.param, {key.replace("_", " "): cells[key] for key in cells})


def test_done_sub_activities_that_a_file_would_withdraw_are_asked_about(check, file_of):
    SubActivity.objects.filter(text="Item 1").update(**DONE)

    checked = check(file_of(Description=AS_PROSE))

    assert asked(checked) == [("items", 2, 1, "")]
    assert checked.questions[0].rows == [(4, 3, "updated", ["Item 1", "Item 2"])]
    assert not checked.is_acceptable


def test_confirmed_removal_is_acceptable_until_something_else_would_go(check, file_of):
    table = file_of(Description=AS_PROSE)
    (question,) = check(table).questions
    answers = {"items": f"theirs:{question.seal}"}

    assert check(table, answers=answers).is_acceptable

    activity = Activity.objects.get(number=3)
    SubActivity.objects.create(activity=activity, position=3, text="Added since")
    checked = check(table, answers=answers)
    # With a version the description was changed on both sides, which is asked about first.
    assert not checked.is_acceptable


def test_removal_kept_instead_leaves_the_cell_as_the_plan_has_it(check, file_of):
    checked = check(file_of(Description=AS_PROSE, Activity="New title"), answers={"items": "ours"})

    assert changes(checked) == [(4, 3, {"Activity": ("Title 3", "New title")})]
    assert (checked.rows[2].draft.description, checked.is_acceptable) == (None, True)
    assert asked(checked) == [("items", 2, 0, "ours")]
    assert checked.rows[2].notes == ["Description: kept as in the plan, because the file would remove something."]


def test_sub_activities_that_are_edited_or_added_take_nothing_away(check, file_of):
    checked = check(file_of(Description="Words 3\n• Item 1 again\n• Item 2\n• Another"))

    assert (checked.questions, checked.is_acceptable) == ([], True)


@pytest.mark.parametrize("heading", ["Description", "Agency Lead", "Support Agencies"])
def test_blank_cell_takes_nothing_away_unless_blanks_clear(check, small_plan, heading):
    table = returned(small_plan, {3: {heading: ""}})

    assert (check(table).questions, changes(check(table))) == ([], [])
    if heading != "Description":
        assert asked(check(table, clears=frozenset({heading}))) == [("agencies", 1, 0, "")]
    else:
        state = {3: {heading: "", "Description State": "To be finalised"}}
        cleared = check(returned(small_plan, state), clears=frozenset({heading}))
        assert asked(cleared) == [("items", 2, 0, "")]


@pytest.mark.parametrize(
    ("cells", "gone"),
    [
        ({2: {"Agency Lead": "APA"}}, ["MSD"]),
        ({2: {"Agency Lead": "Police", "Support Agencies": "APA; MSD"}}, ["APA", "MSD"]),
        ({2: {"Agency Lead": "APA; MSD; Police", "Support Agencies": "MBIE"}}, None),
        ({2: {"Support Agencies": "MBIE"}}, ["Police"]),
        ({2: {"Support Agencies": "Police; MBIE"}}, None),
    ],
)
def test_agencies_that_would_no_longer_lead_or_support_are_asked_about(check, small_plan, cells, gone):
    checked = check(returned(small_plan, cells))

    assert [one.rows[0][3] for one in checked.questions] == ([gone] if gone else [])
    assert checked.is_acceptable == (gone is None)


def test_agencies_kept_instead_leave_both_cells(check, small_plan):
    cells = {2: {"Agency Lead": "Police", "Support Agencies": "APA; MSD", "Activity": "New"}}

    checked = check(returned(small_plan, cells), answers={"agencies": "ours"})

    assert changes(checked) == [(3, 2, {"Activity": ("Title 2", "New")})]
    assert checked.is_acceptable


def test_conflict_that_was_decided_for_the_file_still_asks_what_would_go(check, small_plan):
    table = returned(small_plan, {3: {"Description": AS_PROSE}})
    Activity.objects.filter(number=3).update(description="Ours")

    assert asked(check(table)) == []
    assert asked(check(table, all_conflicts="theirs")) == [("items", 2, 0, "")]
    assert check(table, all_conflicts="ours").is_acceptable


def test_fingerprint_changes_when_what_would_go_is_done_meanwhile(check, file_of):
    table = file_of(Description=AS_PROSE)
    before = check(table).fingerprint()
    SubActivity.objects.filter(text="Item 1").update(**DONE)

    assert check(table).fingerprint() != before


def test_updater_withdraws_nothing_by_a_file(check, small_plan, make_user):
    person = make_user("updater@police.example")

    checked = check(returned(small_plan, {3: {"Description": AS_PROSE}}), by=person, scope=ImportScope.UPDATES)

    assert [(row, heading) for row, heading, _ in errors(checked)] == [(4, "Description")]
    assert (checked.questions, [one.draft for one in checked.rows]) == ([], [None] * 4)
