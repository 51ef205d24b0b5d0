import pytest

from plans.activity_number import IS_DAY, NO_NUMBER, TOO_LONG
from plans.spreadsheets.importing.numbering import in_words
from tests.spreadsheets.checking.tables import changes, errors, kinds


@pytest.mark.parametrize("written", ["3", "3.", "#3", "3.0", "3.00", "#3.", "003"])
def test_number_may_be_written_as_people_do(check, written):
    assert kinds(check("Number,Activity", (written, "Title 3"))) == [(2, 3, "unchanged")]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "this row has no activity number. Add one, or delete the row."),
        ("x", NO_NUMBER.format("x")),
        ("-3", NO_NUMBER.format("-3")),
        ("1/2", NO_NUMBER.format("1/2")),
        ("2026-02-01", IS_DAY.format("2026-02-01")),
        ("12345678901", TOO_LONG),
        ("0", "activities are numbered from 1."),
        ("0.0", "activities are numbered from 1."),
    ],
)
def test_number_that_is_none_says_so(check, written, sentence):
    assert errors(check("No.,Activity", (written, "Words"))) == [(2, "No.", sentence)]


def test_number_given_twice_names_every_row_and_takes_none(check):
    rows = (("1", "A"), ("2", "B"), ("1.", "Title 1"), ("#1", "C"))
    checked = check("Number,Activity", *rows)
    sentence = "activity 1 is in rows 2, 4 and 5. Keep only one."
    assert errors(checked) == [(row, "Number", sentence) for row in (2, 4, 5)]
    assert changes(checked) == [(3, 2, {"Activity": ("Title 2", "B")})]
    assert checked.counts()["errors"] == 3


def test_rows_that_are_about_no_activity_are_passed_over_and_say_why(check):
    rows = (
        ("Number", "Strategic Focus Area", "Activity", ""),
        ("", "", "", "A note"),
        ("", "DEMAND", "", ""),
        ("1", "", "Title 1", ""),
    )
    checked = check("Number,Strategic Focus Area,Activity,Notes", *rows)
    assert [one.kind.value for one in checked.rows[:4]] == ["skipped", "skipped", "skipped", "unchanged"]
    assert [one.notes for one in checked.rows[:4]] == [
        ["This is a repeated heading."],
        ["This row is not about an activity."],
        ["This row has only a focus area."],
        [],
    ]


def test_focus_area_that_stands_alone_is_that_of_the_new_rows_below(check):
    rows = (("", "DEMAND", ""), ("8", "", "P1"), ("9", "", "P1"))
    checked = check("Number,Strategic Focus Area,Priority Action Area", *rows)
    assert [one.draft.focus_area.code for one in checked.rows if one.draft] == ["DEMAND", "DEMAND"]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([2], "2"),
        ([2, 3], "2 and 3"),
        ([2, 3, 4, 9], "2–4 and 9"),
        ([2, 4, 5], "2, 4 and 5"),
        ([1, 3, 5], "1, 3 and 5"),
        (list(range(1, 60, 2)), "1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and 20 more"),
    ],
)
def test_numbers_in_words(numbers, words):
    assert in_words(numbers) == words
