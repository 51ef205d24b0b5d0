"""The seal of a row: it holds what the row was made from, fits a cell, and breaks when somebody alters it."""

import pytest
from django.core.signing import Signer
from hypothesis import example, given
from hypothesis import strategies as st

from plans.spreadsheets.descriptions import tidy
from plans.spreadsheets.row_versions import (
    LARGEST_SEAL,
    ItemVersion,
    RowVersion,
    _fitting,
    seal,
    seal_item,
    unseal,
    unseal_item,
)

ROW = {"plan_id": 1, "activity_id": 2, "number": 3, "latest_update_id": 4, "agency": "police"}
EXCEL_CELL_LENGTH = 32_767
RANDOM = "".join(chr(0x4E00 + place * 7919 % 20_000) for place in range(30_000))


@given(st.dictionaries(st.sampled_from(["Activity", "Description"]), st.text().map(tidy)))
@example({"Activity": "_x0041_ \\_x0041_ \"<&>' 😀", "Description": "Kāinga\nOra"})
def test_unseal_answers_what_was_sealed(texts):
    sealed = seal(**ROW, texts=texts)

    assert unseal(sealed) == RowVersion(**ROW, texts=texts)
    assert sealed.isascii()
    assert "_" not in sealed.rpartition(":")[0]
    assert tidy(sealed) == sealed


def test_seal_of_an_activity_without_an_update_says_so():
    version = unseal(seal(plan_id=1, activity_id=2, number=3, texts={}, latest_update_id=None))

    assert (version.latest_update_id, version.agency) == (None, "")


def test_version_knows_what_each_cell_said():
    version = unseal(seal(**ROW, texts={"Activity": "Operation Cobalt", "Description": ""}))

    assert version.is_original("Activity", "Operation Cobalt")
    assert not version.is_original("Activity", "Operation Copper")
    assert version.is_original("Description", "")
    assert version.original("Activity") == "Operation Cobalt"
    assert (version.knows("Description"), version.knows("Status"), version.original("Status")) == (True, False, None)


@pytest.mark.parametrize("place", [0, 5, 20, -50, -1])
def test_unseal_refuses_what_somebody_altered(place):
    letters = list(seal(**ROW, texts={"Activity": "Operation Cobalt"}))
    letters[place] = "Q" if letters[place] != "Q" else "R"

    assert unseal("".join(letters)) is None


@pytest.mark.parametrize("text", ["", " ", "nonsense", ":", "[1,2]:abc", "z:z", "=1+1", "é" * 50_000])
def test_unseal_refuses_what_is_no_seal(text):
    assert unseal(text) is None


def test_unseal_refuses_what_the_site_signed_for_something_else():
    content = seal(**ROW, texts={}).rpartition(":")[0]

    assert unseal(Signer(salt="something else").sign(content)) is None


def test_unseal_takes_a_cell_that_came_back_with_spaces():
    assert unseal(f"  {seal(**ROW, texts={})}\n") == RowVersion(**ROW, texts={})


def test_seal_lives_through_a_change_of_the_secret_key(settings):
    sealed = seal(**ROW, texts={})
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key, as long and as varied as it has to be, 0123456789"

    assert unseal(sealed) is None

    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed) == RowVersion(**ROW, texts={})


def test_seal_of_long_texts_is_packed_and_whole():
    texts = {"Description": "Whānau at the centre. " * 1_489, "Activity": "T" * 300}
    sealed = seal(**ROW, texts=texts)

    assert len(sealed) <= 1_000
    assert unseal(sealed) == RowVersion(**ROW, texts=texts)


def test_seal_of_texts_that_cannot_be_packed_knows_whether_they_changed():
    sealed = seal(**ROW, texts={"Description": RANDOM, "Activity": "Operation Cobalt"})
    version = unseal(sealed)

    assert len(sealed) <= EXCEL_CELL_LENGTH
    assert version.texts == {"Activity": "Operation Cobalt"}
    assert (version.knows("Description"), version.original("Description")) == (True, None)
    assert version.is_original("Description", RANDOM)
    assert not version.is_original("Description", RANDOM[:-1])


def test_seal_fits_a_cell_however_many_texts_are_long():
    texts = {heading: heading + RANDOM for heading in "abcdefgh"}
    version = unseal(seal(**ROW, texts=texts))

    assert len(seal(**ROW, texts=texts)) <= EXCEL_CELL_LENGTH
    assert all(version.is_original(heading, text) for heading, text in texts.items())


def test_seal_leaves_out_the_longest_text_first():
    version = unseal(seal(**ROW, texts={"Activity": RANDOM, "Description": "Last by name, and short"}))

    assert (version.texts, list(version.digests)) == ({"Description": "Last by name, and short"}, ["Activity"])


def test_content_that_just_fits_stays_plain():
    assert _fitting("x" * LARGEST_SEAL) == "x" * LARGEST_SEAL
    assert _fitting("x" * (LARGEST_SEAL + 1)).startswith("z")


def test_seal_is_text_for_text_what_files_that_are_out_there_hold():
    sealed = seal(**ROW, texts={"Activity": "a_b"})

    assert sealed.rpartition(":")[0] == '[1,2,3,4,"police",{"Activity":"a\\u005fb"},{}]'


def test_row_of_a_sub_activity_knows_what_it_was_made_from():
    version = ItemVersion(plan_id=1, activity_id=2, number=3, item_id=4)
    sealed = seal_item(version)

    assert sealed.rpartition(":")[0] == "[1,2,3,4]"
    assert sealed == Signer(salt="plans.item_version.1").sign("[1,2,3,4]")
    assert unseal_item(f" {sealed} ") == version
    assert unseal_item(seal(**ROW, texts={})) is None
    assert unseal_item(sealed.replace("3", "5", 1)) is None


def test_seal_is_signed_as_the_framework_signs(settings):
    for key in ("first-key-" * 6, "second-key-" * 6):
        settings.SECRET_KEY = key
        content, _, signature = seal(**ROW, texts={"Activity": "Kāinga"}).rpartition(":")
        assert signature == Signer(salt="plans.row_version.1").signature(content)
