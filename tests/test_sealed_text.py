"""Text that only this site can read."""

import pytest

from plans.sealed_text import NotOpened, seal, unseal

TEXTS = ["", "x", "https://cards.example/?sig=secret", "Ngā" * 500]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_sealed_is_opened_and_looks_different_each_time(text):
    first, second = seal(text, purpose="one"), seal(text, purpose="one")

    assert unseal(first, purpose="one") == unseal(second, purpose="one") == text
    assert first != second
    assert len(text) < 8 or text not in first


def test_it_opens_for_its_purpose_and_key_alone(settings):
    sealed = seal("secret", purpose="one")
    with pytest.raises(NotOpened):
        unseal(sealed, purpose="two")
    settings.SECRET_KEY, old = "another key " * 5, settings.SECRET_KEY
    with pytest.raises(NotOpened):
        unseal(sealed, purpose="one")

    settings.SECRET_KEY_FALLBACKS = [old]

    assert unseal(sealed, purpose="one") == "secret"


@pytest.mark.parametrize("place", [0, 5, 25, -5])
def test_what_was_changed_is_refused(place):
    sealed = seal("secret", purpose="one")
    changed = list(sealed)
    changed[place] = "A" if sealed[place] != "A" else "B"

    with pytest.raises(NotOpened):
        unseal("".join(changed), purpose="one")


@pytest.mark.parametrize("text", ["", "x", "%%%", "AAAA", "ā"])
def test_what_was_never_sealed_is_refused(text):
    with pytest.raises(NotOpened):
        unseal(text, purpose="one")
