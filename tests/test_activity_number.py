"""Numbers as plans print them: how they are read, ordered and kept."""

import pickle
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.activity_number import (
    LONGEST,
    STORED_LENGTH,
    Label,
    loaded,
    number_in,
    number_of_json,
    read_number,
    sort_key,
    stored,
    stored_between,
)

NATURAL = [number_in(word) for word in ["1", "1.1", "1.2", "1.10", "1.10a", "2", "4", "4-1", "4a", "10", "S-3", "S-20"]]
RUN = st.one_of(st.integers(1, 999_999_999).map(str), st.text("abcxyzABCXYZ", min_size=1, max_size=3))


@st.composite
def labels(draw):
    """Any number as plans print it, whole ones among them."""
    text = draw(
        st.lists(RUN, min_size=1, max_size=4).map(lambda runs: draw(st.sampled_from([".", "-", ""])).join(runs))
    )
    number = number_in(text)
    return 1 if number is None else number


@pytest.mark.parametrize(
    ("word", "number"),
    [
        *[("12", 12), ("#12", 12), ("12.", 12), ("#7.", 7), ("007", 7), ("7)", 7), ("0", 0)],
        *[("1.1", "1.1"), ("1.10", "1.10"), ("1.10.", "1.10"), ("1.3a", "1.3a"), ("4a", "4a"), ("S-3", "S-3")],
        *[("S‑3", "S-3"), ("Action 7", 7), ("ACTIVITY 1.2", "1.2"), ("No. 16", 16), ("No 16", 16), ("No.16", 16)],
        *[("Action No. 16", 16), ("item #4b", "4b"), (" 2 ", 2), ("MAR-3", "MAR-3"), ("N1", "N1"), ("No-3", "No-3")],
    ],
)
def test_number_in_reads_a_number(word, number):
    found = number_in(word)

    assert (found, type(found)) == (number, int if isinstance(number, int) else Label)


@pytest.mark.parametrize(
    "word", ["", "meth", "#", "-1", "1234567890", "½", "1/2", "1,1", "4(a)", "1..2", "12b!", "new"]
)
@pytest.mark.parametrize("read", [number_in, read_number])
def test_what_is_no_number_is_none(word, read):
    if read is number_in:
        assert number_in(word) is None
    else:
        with pytest.raises(ValueError, match="activity number"):
            read_number(word)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0", "activities are numbered from 1"),
        ("0.5", "activities are numbered from 1"),
        ("2026-02-01", "is a date"),
        ("1-Feb", "is a date"),
        ("Jun-25", "is a date"),
        ("a1" * 11, f"at most {LONGEST} characters"),
        ("S-1234567890", "9 digits in a row"),
        ("12b!", "'12b!' cannot be an activity number"),
        ("1" + " " * 90 + "2", "cannot be an activity number"),
    ],
)
def test_read_number_says_what_is_wrong(text, words):
    with pytest.raises(ValueError, match=words):
        read_number(text)


def test_numbers_are_in_natural_order_whole_ones_and_labels():
    for some in permutations(NATURAL[::2]):
        assert sorted(some) == NATURAL[::2]
    assert [loaded(text) for text in sorted(map(stored, NATURAL))] == NATURAL
    assert (max(NATURAL), min(NATURAL)) == ("S-20", 1)
    assert (Label("1.1") > 1, Label("1.1") >= 1, Label("1.1") < 2, Label("1.1") <= 2, Label("1.1") < 2) == (True,) * 5


@given(labels(), labels(), labels())
def test_the_order_is_total_and_the_one_of_what_is_stored(one, two, three):
    assert (one < two) + (one == two) + (one > two) == 1
    assert (one < two) == (stored(one) < stored(two))
    assert (one <= two, one >= two) == (not one > two, not one < two)
    assert not (one < two < three) or one < three


@given(labels())
def test_a_number_is_what_it_was_once_stored_shown_or_kept_as_json(number):
    assert (loaded(stored(number)), loaded(f"~{stored(number)}")) == (number, number)
    assert (number_of_json(str(number)), read_number(str(number))) == (number, number)
    assert pickle.loads(pickle.dumps(number)) == number
    assert len(stored(number)) <= STORED_LENGTH
    first, beyond = stored_between(str(number).swapcase())
    assert first < stored(number) < beyond


def test_the_longest_number_fits_its_column():
    assert len(stored("1a" * (LONGEST // 2))) <= STORED_LENGTH
    assert sort_key("S-3") == sort_key("s-3") == "s-0000000003"
