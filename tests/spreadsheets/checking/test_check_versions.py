from dataclasses import replace

import pytest

from plans.models import Activity, ActivityAgency, Plan
from plans.spreadsheets.row_versions import ROW_VERSION
from tests.spreadsheets.checking.tables import changes, conflicts, edited, errors, kinds, returned


def rename(number, title):
    Activity.objects.filter(number=number).update(title=title)


def without(table, *headings):
    """The table without some of its columns."""
    kept = [place for place, heading in enumerate(table.headings) if heading not in headings]
    return replace(
        table,
        headings=tuple(table.headings[place] for place in kept),
        columns=tuple(table.columns[place] for place in kept),
        rows=[replace(row, cells=tuple(row.cells[place] for place in kept)) for row in table.rows],
    )


def test_returned_file_takes_what_only_the_file_changed_and_keeps_what_only_the_plan_did(check, small_plan):
    table = returned(small_plan, {1: {"Status": "On track"}, 2: {"Activity": "Theirs"}})
    rename(1, "Ours")
    ActivityAgency.objects.filter(activity__number=3, role="support").delete()
    checked = check(table)
    assert changes(checked) == [
        (2, 1, {"Status": ("No update yet", "On track")}),
        (3, 2, {"Activity": ("Title 2", "Theirs")}),
    ]
    assert [one.kept for one in checked.rows] == [["Activity"], [], ["Support Agencies"], []]
    assert [one.kind.value for one in checked.rows] == ["updated", "updated", "unchanged", "unchanged"]
    assert (checked.notes, checked.has_versions, checked.is_acceptable) == ([], True, True)
    assert checked.rows[1].changes[0].original == "Title 2"


def test_cell_that_both_changed_is_a_conflict_until_somebody_chooses(check, small_plan):
    table = returned(small_plan, {1: {"Activity": "Theirs", "Description": "Their words"}, 2: {"Activity": "Theirs"}})
    rename(1, "Ours")
    rename(2, "Ours")
    checked = check(table)
    assert conflicts(checked) == [
        (2, "Activity", "Title 1", "Theirs", "Ours", ""),
        (3, "Activity", "Title 2", "Theirs", "Ours", ""),
    ]
    assert kinds(checked)[:2] == [(2, 1, "updated"), (3, 2, "unchanged")]
    assert (checked.counts()["conflicts"], checked.is_acceptable) == (2, False)
    assert (checked.rows[0].draft.title, checked.rows[0].has_conflict) == (None, True)

    checked = check(table, choices={1: {"Activity": "theirs"}}, all_conflicts="ours")
    assert conflicts(checked) == [
        (2, "Activity", "Title 1", "Theirs", "Ours", "theirs"),
        (3, "Activity", "Title 2", "Theirs", "Ours", "ours"),
    ]
    assert [change.new for one in checked.rows[:2] for change in one.changes] == ["Theirs", "Their words", "Ours"]
    assert (checked.rows[0].draft.title, checked.rows[1].draft, checked.is_acceptable) == ("Theirs", None, True)


def test_cell_that_both_changed_to_the_same_is_no_conflict(check, small_plan):
    table = returned(small_plan, {1: {"Activity": "Same"}, 2: {"Support Agencies": "NZ Police; mbie"}})
    rename(1, "Same")
    checked = check(table)
    assert changes(checked) == [(3, 2, {"Support Agencies": ("Police", "Police; MBIE")})]
    assert checked.rows[0].kept == []


def test_cell_that_is_only_spelt_otherwise_is_not_changed_in_the_file(check, small_plan):
    table = returned(small_plan, {2: {"Support Agencies": "nz police"}})
    ActivityAgency.objects.filter(activity__number=2, role="support").delete()
    checked = check(table)
    assert (changes(checked), checked.rows[1].kept) == ([], ["Support Agencies"])


def test_cell_that_the_file_left_alone_is_not_read_even_if_it_means_nothing_any_more(check, small_plan):
    table = returned(small_plan)
    agency = ActivityAgency.objects.get(activity__number=1).agency
    agency.aliases.all().delete()
    agency.name, agency.code = "Ngā Pirihimana", "pirihimana"
    agency.save()
    checked = check(table)
    assert (errors(checked), checked.rows[0].kept) == ([], ["Agency Lead"])


def test_blank_cell_of_a_returned_file_is_kept_or_cleared_as_told(check, small_plan):
    table = returned(small_plan, {1: {"Activity": ""}, 2: {"Activity": ""}, 4: {"Agency Lead": ""}})
    rename(2, "Ours")
    assert changes(check(table)) == []
    checked = check(table, clears=frozenset({"Activity", "Agency Lead"}))
    assert changes(checked) == [(2, 1, {"Activity": ("Title 1", "")}), (3, 2, {"Activity": ("Ours", "Ours")})]
    assert conflicts(checked) == [(3, "Activity", "Title 2", "", "Ours", "")]


def test_value_added_since_is_not_cleared_by_a_cell_that_was_blank_before(check, small_plan):
    rename(1, "")
    table = returned(small_plan)
    rename(1, "Ours")
    checked = check(table, clears=frozenset({"Activity"}))
    assert (changes(checked), checked.rows[0].kept) == ([], ["Activity"])


def test_long_text_whose_original_is_not_known_still_says_who_changed_it(check, small_plan):
    long = "".join(chr(0x4E00 + (place * 7919) % 20000) for place in range(30_000))
    Activity.objects.filter(number__in=[1, 2, 3]).update(description=long)
    table = returned(small_plan, {1: {"Description": "Theirs"}, 2: {"Description": "Theirs"}})
    Activity.objects.filter(number__in=[2, 4]).update(description="Ours")
    checked = check(table)
    assert changes(checked)[0] == (2, 1, {"Description": (long, "Theirs")})
    assert conflicts(checked) == [(3, "Description", None, "Theirs", "Ours", "")]
    assert [one.kept for one in checked.rows] == [[], [], [], ["Description"]]


def test_version_that_cannot_be_trusted_falls_back_to_two_sides_and_says_so(check, small_plan):
    other = Plan.objects.create(slug="other", name="Other", short_name="Other")
    table = returned(small_plan)
    seals = {row.cells[0]: row.cells[-1] for row in table.rows}
    Activity.objects.filter(number=4).update(plan=other)
    foreign = returned(other).rows[0].cells[-1]
    Activity.objects.filter(number=4).update(plan=small_plan)
    edits = {1: {ROW_VERSION: ""}, 2: {ROW_VERSION: seals["2"][:-1] + "!"}, 4: {ROW_VERSION: foreign}}
    Activity.objects.update(title="Ours")
    checked = check(edited(table, edits))
    assert [titles["Activity"] for _, _, titles in changes(checked)] == [
        ("Ours", f"Title {number}") for number in (1, 2, 4)
    ]
    assert checked.notes == [
        "Compared with the plan as it is now, since the hidden Row Version is missing: row 2.",
        "Compared with the plan as it is now, since the hidden Row Version column was changed: row 3.",
        "Compared with the plan as it is now, since the hidden Row Version is from another plan: row 5.",
    ]
    assert [len(one.notes) for one in checked.rows] == [1, 1, 0, 1]


def test_version_that_is_missing_is_told_of_only_where_it_matters(check, small_plan):
    table = edited(returned(small_plan), {1: {ROW_VERSION: ""}, 2: {ROW_VERSION: "tampered"}})
    checked = check(table)
    assert [one.notes != [] for one in checked.rows] == [False, True, False, False]


def test_file_without_versions_is_compared_without_a_word_about_it(check, small_plan):
    table = without(returned(small_plan, {1: {"Activity": "Theirs"}}), ROW_VERSION)
    rename(1, "Ours")
    checked = check(table)
    assert (checked.notes, checked.has_versions) == ([], False)
    assert changes(checked) == [(2, 1, {"Activity": ("Ours", "Theirs")})]


def test_rows_and_columns_may_be_sorted_moved_and_deleted(check, small_plan):
    table = without(returned(small_plan, {2: {"Activity": "Theirs"}}), "Description", "Status", "Agency Lead")
    places = list(range(len(table.headings)))[::-1]
    rows = [replace(row, cells=tuple(row.cells[place] for place in places)) for row in table.rows[::-1][:3]]
    table = replace(table, headings=tuple(table.headings[place] for place in places), rows=rows)
    rename(3, "Ours")
    checked = check(table)
    assert changes(checked) == [(3, 2, {"Activity": ("Title 2", "Theirs")})]
    assert checked.counts()["missing"] == 1
    assert {one.number: one.kept for one in checked.rows if one.kept} == {3: ["Activity"]}


@pytest.mark.parametrize("is_deleted", [True, False])
def test_row_without_its_number_is_known_by_its_version(check, small_plan, is_deleted):
    table = returned(small_plan, {2: {"Activity": "Theirs"}})
    table = without(table, "Number") if is_deleted else edited(table, {2: {"Number": ""}})
    checked = check(table)
    assert changes(checked) == [(3, 2, {"Activity": ("Title 2", "Theirs")})]
    assert (errors(checked), checked.counts()["missing"]) == ([], 0)


def test_row_copied_to_a_new_number_is_a_new_activity(check, small_plan):
    table = returned(small_plan)
    copied = edited(table, {4: {"Number": "9", "Activity": "Copied"}}).rows[3]
    checked = check(replace(table, rows=[*table.rows, replace(copied, row=6)]))
    assert kinds(checked)[3:] == [(5, 4, "unchanged"), (6, 9, "created")]
    assert (checked.rows[4].draft.title, checked.questions) == ("Copied", [])


def test_row_emptied_by_hand_whose_version_stays_behind_is_passed_over(check, small_plan):
    table = returned(small_plan)
    blank = dict.fromkeys(table.headings[:-1], "")
    checked = check(edited(table, {2: blank}))
    assert checked.rows[1].kind.value == "skipped"
    assert checked.counts()["missing"] == 1


def test_withdrawn_activity_that_the_file_left_alone_does_not_stop_it(check, small_plan):
    table = returned(small_plan, {1: {"Activity": "Theirs"}})
    Activity.objects.filter(number__in=[1, 2]).update(withdrawn_on="2024-07-01", title="Ours")
    checked = check(table)
    sentence = "activity 1 has been withdrawn. Remove this row."
    assert errors(checked) == [(2, "Number", sentence)]
    assert kinds(checked)[1] == (3, 2, "unchanged")


def test_items_made_prose_in_a_returned_file_are_an_edit(check, small_plan):
    prose = "Words 3 Item 1 Item 2"
    assert changes(check(returned(small_plan, {3: {"Description": prose}}))) == [
        (4, 3, {"Description": ("Words 3\n• Item 1\n• Item 2", prose)})
    ]
    assert changes(check(without(returned(small_plan, {3: {"Description": prose}}), ROW_VERSION))) == []
