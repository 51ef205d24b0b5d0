from datetime import date

import pytest

from plans.spreadsheets.widgets import read_day

FIRST_OF_JULY = date(2024, 7, 1)


@pytest.mark.parametrize(
    "text",
    [
        "1 July 2024",
        "1 july 2024",
        "01 Jul 2024",
        "1st July, 2024",
        "1st of July 2024",
        "Monday 1 July 2024",
        "Monday, 1 July 2024",
        "1-Jul-24",
        "1-Jul-2024",
        "July 1, 2024",
        "1/7/2024",
        "01/07/2024",
        "1/7/24",
        "1.7.2024",
        "1-7-2024",
        "1 / 7 / 2024",
        "2024-07-01",
        "2024/7/1",
        "2024-07-01 00:00:00",
        "2024-07-01T13:30",
        "1/7/2024 1:30 pm",
        "45474",
        "45474.0",
        " 1 July 2024 ",
    ],
)
def test_day_is_read_in_each_way_of_writing_it(text):
    assert read_day(text) == FIRST_OF_JULY


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12/11/2024", date(2024, 11, 12)),
        ("29/2/2024", date(2024, 2, 29)),
        ("1 Sept 2024", date(2024, 9, 1)),
        ("2 ma 2024", None),
        ("1 ju 2024", None),
        ("61", date(1900, 3, 1)),
    ],
)
def test_day_comes_before_month(text, day):
    if day is None:
        with pytest.raises(ValueError, match="is not a date"):
            read_day(text)
    else:
        assert read_day(text) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "7/13/2024",
        "31/6/2024",
        "29/2/2023",
        "1 Jly 2024",
        "0",
        "60",
        "99999999",
        "1/7",
        "July 2024",
        "#REF!",
    ],
)
def test_what_is_no_day_is_refused_in_words(text):
    with pytest.raises(ValueError, match=r"is not a date\. Use a date like 1 July 2024 or 1/7/2024\."):
        read_day(text)
