"""Text as people search for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.text import INTEGER_DIGITS, fold, one_line, search_words, slug_of, whole_number

INVISIBLE_SIGNS = "\u00ad\u200b\u200c\u200d\u200e\u2060\u202e\u2069\ufeff\ufe0f"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kāinga Ora", "kainga ora"),
        ("KAINGA  ORA ", "kainga ora"),
        ("Ka\u0304inga Ora", "kainga ora"),
        ("whānau", "whanau"),
        ("Te Tāhū o te Ture", "te tahu o te ture"),
        ("STRASSE straße", "strasse strasse"),
        ("a\u00a0b\tc\nd", "a b c d"),
        ("100%_", "100%_"),
        ("", ""),
        (" \t", ""),
        *((f"Police{sign}s", "police's") for sign in "'’‘‛ʼ′`´＇"),
        *((f"co{sign}design", "co-design") for sign in "-‐‑‒–—―−－"),
        *((f"{sign}meth{sign}", '"meth"') for sign in "“”„″«»＂"),
        *((f"po{sign}lice{sign}", "police") for sign in INVISIBLE_SIGNS),
        ("a\u202fb\u2009c", "a b c"),
        ("\ufe58\u2033\u0149", "-\"'n"),
    ],
)
def test_fold_drops_macrons_case_and_stray_spaces(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Rōpū Whānau", "ropu-whanau"),
        ("Te Tāhū o te Ture", "te-tahu-o-te-ture"),
        ("Ro\u0304pu\u0304", "ropu"),
        ("Year Two & a half!", "year-two-a-half"),
        ("12345678901234567890 twenty", "12345678901234567890"),
        ("1234567890123456789 twenty", "1234567890123456789"),
        ("✓", ""),
    ],
)
def test_slug_keeps_the_letters_under_macrons(text, slug):
    assert slug_of(text, 20) == slug


@given(st.text())
def test_fold_of_folded_text_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.text())
def test_fold_of_two_texts_is_the_fold_of_each(one, other):
    assert fold(f"{one} {other}") == f"{fold(one)} {fold(other)}".strip()


def test_search_words_are_folded_and_in_order():
    assert search_words("  Whānau  ORA ") == ["whanau", "ora"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("meth, harm", ["meth", "harm"]),
        ("“meth harm”", ["meth", "harm"]),
        ("'meth'; \"harm\".", ["meth", "harm"]),
        ("meth – harm", ["meth", "harm"]),
        ("Police’s co‑design", ["police's", "co-design"]),
        ("#12. 12.", ["#12", "12"]),
        ("(TiP) 50% _", ["(tip)", "50%", "_"]),
        ("“”", ['""']),
        ("-", ["-"]),
    ],
)
def test_search_words_are_without_the_signs_around_them(query, words):
    assert search_words(query) == words


@pytest.mark.parametrize("sign", "\u00ad\u200b\u200e\u202e\u2060\u2069\ufeff\u061c")
def test_title_has_no_invisible_signs(sign):
    assert one_line(f"{sign}Set{sign}up the hub{sign}") == "Setup the hub"


def test_title_keeps_the_signs_that_letters_need():
    assert one_line("👩\u200d🚒 and می\u200cخواهم") == "👩\u200d🚒 and می\u200cخواهم"


def test_search_words_of_nothing_are_none():
    assert search_words("  ") == []


WHOLE = {"0": 0, "12": 12, "9" * 18: 10**18 - 1}
NO_WHOLE = ["", "-1", "+1", " 1", "1.0", "٣", "²", "one", "9" * 19]


@pytest.mark.parametrize(("text", "number"), [*WHOLE.items(), *((text, None) for text in NO_WHOLE)])
def test_whole_number_is_one_that_the_database_can_hold(text, number):
    assert whole_number(text) == number


def test_whole_number_of_a_small_column_has_nine_digits():
    assert (whole_number("9" * 9, INTEGER_DIGITS), whole_number("1" * 10, INTEGER_DIGITS)) == (10**9 - 1, None)


def test_search_words_come_once_each_in_order():
    assert search_words("Kāinga ora KAINGA  ora Police") == ["kainga", "ora", "police"]
    # One character that folds to four words: two hundred of them would be more than SQLite takes.
    assert search_words("\ufdfa" * 200) != []
    assert len(search_words("\ufdfa" * 200)) <= 5
