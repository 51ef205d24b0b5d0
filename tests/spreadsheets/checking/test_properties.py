"""What holds for any plan and any file: nobody's words are lost on the way out, on the way in, or between the two."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import permutations

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plans.activity_number import Label
from plans.choices import DescriptionState, Role
from plans.models import Activity, ActivityAgency, Agency, FocusArea, PriorityArea, SubActivity
from plans.spreadsheets.columns import MERGED_COLUMNS, cell_in_words
from plans.spreadsheets.importing.apply import apply_check
from plans.spreadsheets.importing.check import check_table
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.writing.export import read_lines, write_csv, write_xlsx
from plans.text import fold
from plans.three_way import Merged, merge
from tests.spreadsheets.checking.conftest import ON
from tests.spreadsheets.checking.tables import changes, conflicts, edited, errors, returned
from tests.test_activity_number import labels

# No column can hold these, in PostgreSQL or at all.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
AWKWARD = ["=1+1", "'=1", "-1", "_x0041_", "a\r\nb", "• x\n* y", "\\• z", "x;y\tz", "#REF!", "1 July 2024", "007"]
LISTS = ["- x\n• y\n1. z", "\uf0b7\tx", "a) x\nb) y", "x\n  ◦ y", "\\- x", "* x\n*y", "o\tx\no\u00a0y"]
SHOWN = ["45%", "$1,250,000", "Jun-25", "10:30", "½", "TRUE", "1/2", "30 June", "-Met", "1.10", "4a", "S-3", "No. 16"]
UNSEEN = [*"\u00ad\u200b\u200d\u200e\u200f\u2060\u202e\u2066\ufeff\u00a0\u202f’‑–“”\x92\x85"]
SIGNS = [*(f"{sign}{space}" for sign in "•◦▪●-–*\uf0b7o" for space in " \t\u00a0"), "1. ", "a) ", "(iv) ", "  ◦ "]
MISREAD = ["MÄori", "M?ori", "M\ufffdori", "childrenâ€™s", "Mäori", "Õs"]
PIECES = st.lists(st.sampled_from([*SHOWN, *UNSEEN, *SIGNS, *MISREAD, "x", " ", "\n", ";"]), max_size=6).map("".join)
"""What programs and people put into cells, next to each other in any order."""

TEXTS = st.text(CHARACTERS, max_size=40) | st.sampled_from(AWKWARD + LISTS) | PIECES
NAMES = st.lists(TEXTS.filter(fold), min_size=4, max_size=4, unique_by=fold)
ITEMS = st.lists(st.tuples(TEXTS.filter(bool), TEXTS), max_size=3)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, ITEMS), min_size=1, max_size=12)
# The small plan has 1 to 4.
NUMBERS = st.lists(
    labels().filter(lambda one: one not in range(1, 5)),
    min_size=12,
    max_size=12,
    unique_by=lambda one: str(one).lower(),
)
ROLES = [Role.LEAD, Role.LEAD, Role.SUPPORT, Role.SUPPORT]
in_one_transaction = settings(
    # Each fills and reads a plan; the profile of `make quick` wants fewer still.
    max_examples=min(30, settings().max_examples),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def rolled_back():
    """What is saved inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fill(plan, names, rows, numbers=range(10, 22)):
    """Give a plan activities of `numbers` and `rows`, [(title, description, [(text, footnote)])], and agencies."""
    agencies = [Agency(code=f"agency-{place}", name=name) for place, name in enumerate(names)]
    Agency.objects.bulk_create(agencies)
    FocusArea.objects.update(statement=names[0])
    PriorityArea.objects.update(name=names[1])
    activities = Activity.objects.bulk_create(
        Activity(
            plan=plan,
            number=number,
            title=title,
            description=description,
            description_state=DescriptionState.TO_BE_FINALISED,
            focus_area=FocusArea.objects.first(),
            priority_area=PriorityArea.objects.first(),
        )
        for number, (title, description, _) in zip(numbers, rows, strict=False)
    )
    ActivityAgency.objects.bulk_create(
        ActivityAgency(activity=activity, agency=agency, role=role, position=place)
        for activity in activities
        for place, (agency, role) in enumerate(zip(agencies, ROLES, strict=True))
    )
    SubActivity.objects.bulk_create(
        SubActivity(activity=activity, position=place, text=text, footnote=footnote)
        for activity, (_, _, items) in zip(activities, rows, strict=True)
        for place, (text, footnote) in enumerate(items)
    )


def comes_to_nothing(plan, by, content, name):
    checked = check_table(plan, read_table(content, name), by=by, on=ON)
    counts = {kind: count for kind, count in checked.counts().items() if count}
    total = Activity.objects.filter(plan=plan).count()
    assert (counts, errors(checked), changes(checked)) == ({"rows": total, "unchanged": total}, [], [])
    assert [one.kept for one in checked.rows] == [[]] * total
    assert checked.questions == []


@in_one_transaction
@given(NAMES, ROWS, NUMBERS)
@example(["A", "B", "C", "D"], [("x", "x" * 40_000, [])], [Label("1.10")])
def test_csv_export_of_any_plan_imported_again_changes_nothing(small_plan, importing_admin, names, rows, numbers):
    with rolled_back():
        fill(small_plan, names, rows, numbers)
        activities = Activity.objects.filter(plan=small_plan).for_export(ON)
        comes_to_nothing(small_plan, importing_admin, b"".join(write_csv(activities)), "plan.csv")


# Each workbook is opened by a process of its own, which takes its time.
@settings(in_one_transaction, max_examples=6)
@given(NAMES, ROWS, NUMBERS)
@example(["A", "B", "C", "D"], [("x", "x" * 40_000, [])], [Label("1.10")])
def test_excel_export_of_any_plan_imported_again_changes_nothing(small_plan, importing_admin, names, rows, numbers):
    with rolled_back():
        fill(small_plan, names, rows, numbers)
        activities = Activity.objects.filter(plan=small_plan).for_export(ON)
        content = write_xlsx(activities, small_plan, [], "http://testserver/", datetime(2024, 7, 1, tzinfo=UTC))
        comes_to_nothing(small_plan, importing_admin, content, "plan.xlsx")


WITHIN_WORDS = re.compile(r"(?<=\w)(?=\w)")


@settings(in_one_transaction, max_examples=min(15, settings().max_examples))
@given(NAMES, ROWS, st.sampled_from("\u00ad\u200b\u200e\u200f\u2060\u202e\u2066\ufeff"))
def test_export_with_invisible_signs_in_each_word_changes_nothing(small_plan, importing_admin, names, rows, sign):
    with rolled_back():
        fill(small_plan, names, rows)
        text = b"".join(write_csv(Activity.objects.filter(plan=small_plan).for_export(ON))).decode("utf-8-sig")
        comes_to_nothing(small_plan, importing_admin, WITHIN_WORDS.sub(sign, text).encode(), "plan.csv")


SIDES = st.sampled_from("abc")


@given(SIDES, SIDES, SIDES)
def test_merge_takes_the_side_that_changed_and_asks_where_both_did(original, theirs, ours):
    merged = merge(theirs, ours, original.__eq__)
    if theirs == ours:
        assert merged == Merged.SAME
    elif theirs == original:
        assert merged == Merged.KEPT
    elif ours == original:
        assert merged == Merged.TAKEN
    else:
        assert merged == Merged.CONFLICT


@given(SIDES, SIDES, SIDES)
def test_merge_is_the_same_seen_from_either_side(original, theirs, ours):
    swapped = {Merged.KEPT: Merged.TAKEN, Merged.TAKEN: Merged.KEPT}
    merged = merge(theirs, ours, original.__eq__)
    assert merge(ours, theirs, original.__eq__) == swapped.get(merged, merged)


VALUES = {
    "Activity": ["Title {}", "One title", "45%", "1.10 “co‑design”", "MÄori"],
    "Description": ["Words {}", "One:\n• Item 1\n• Item 2*\n* A note", "$1,250,000:\n• 10:30\n  ◦ ½\n• 4a"],
    "Support Agencies": ["MBIE", "Kāinga Ora; MBIE"],
    "Description State": ["Finalised", "To be finalised"],
    "Status": ["On track", "Paused"],
    "Priority Action Area": ["Enforcement", "Prevention"],
}
CELLS = [
    (number, heading, value.format(number)) for number in (1, 2) for heading in VALUES for value in VALUES[heading]
]
EDITS = st.lists(st.sampled_from(CELLS), max_size=5, unique_by=lambda cell: cell[:2]).map(
    lambda cells: {number: {heading: value for at, heading, value in cells if at == number} for number, _, _ in cells}
)


def texts(plan):
    """{number: {heading: text}} of a plan."""
    return {
        line.number: {column.heading: cell_in_words(getattr(line, column.attribute)) for column in MERGED_COLUMNS}
        for line in read_lines(Activity.objects.filter(plan=plan).for_export(ON))
    }


def bring(plan, by, table):
    """Check a table and apply what may be; answers the check."""
    checked = check_table(plan, table, by=by, on=ON, lock=True)
    assert errors(checked) == []
    apply_check(checked, plan=plan, by=by, reason="Import", on=ON)
    return checked


@in_one_transaction
@given(EDITS, EDITS)
def test_no_edit_is_lost_whichever_file_comes_first(small_plan, importing_admin, one, other):
    table, before = returned(small_plan), texts(small_plan)
    with rolled_back():
        bring(small_plan, importing_admin, edited(table, one))
        between = texts(small_plan)
        checked = bring(small_plan, importing_admin, edited(table, other))
        after = texts(small_plan)
    asked = {(row - 1, heading): (theirs, ours) for row, heading, _, theirs, ours, _ in conflicts(checked)}
    for number, cells in after.items():
        for heading, text in cells.items():
            original = before[number][heading]
            sides = {edits.get(number, {}).get(heading, original) for edits in (one, other)} - {original}
            if len(sides) == 2:
                assert asked.pop((number, heading)) == (other[number][heading], one[number][heading])
                assert text == between[number][heading] == one[number][heading]
            else:
                assert text == (sides or {original}).pop()
    assert asked == {}


@settings(in_one_transaction, max_examples=min(12, settings().max_examples))
@given(st.lists(EDITS, min_size=2, max_size=3))
def test_files_without_a_conflict_come_to_the_same_in_any_order(small_plan, importing_admin, files):
    table, results = returned(small_plan), []
    for order in permutations(files):
        with rolled_back():
            checks = [bring(small_plan, importing_admin, edited(table, edits)) for edits in order]
            results.append((any(map(conflicts, checks)), texts(small_plan)))
    # One order may tell of a conflict that another one does not only if there is one.
    assert len({has_conflict for has_conflict, _ in results}) == 1
    if not results[0][0]:
        assert [result for _, result in results] == [results[0][1]] * len(results)


@in_one_transaction
@given(EDITS, EDITS)
def test_file_brought_twice_comes_to_what_it_came_to_once(small_plan, importing_admin, one, other):
    table = returned(small_plan)
    with rolled_back():
        bring(small_plan, importing_admin, edited(table, one))
        first = bring(small_plan, importing_admin, edited(table, other))
        once = texts(small_plan)
        second = bring(small_plan, importing_admin, edited(table, other))
        assert texts(small_plan) == once
    assert conflicts(second) == conflicts(first)
    assert all(change.is_conflict for row in second.rows for change in row.changes)
    assert second.counts()["updated"] == 0
