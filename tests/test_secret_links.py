"""What opens something without signing in: signed links and hashed secrets."""

import pytest

from plans.secret_links import HASH_LENGTH, ID_LENGTH, is_hash_of, keyed_hash, new_id, new_secret, sign, unsign

SALT = "tests.door"


def test_signed_id_opens_for_its_own_salt_only():
    public_id = new_id()
    token = sign(public_id, salt=SALT)

    assert unsign(token, salt=SALT) == public_id
    assert unsign(token, salt="tests.window") is None
    assert token == sign(public_id, salt=SALT)
    assert len(public_id) == ID_LENGTH


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token.partition(".")[0],
        lambda token: f"{token}x",
        lambda token: f"x{token}",
        lambda token: "",
        lambda token: ".",
        lambda token: token.swapcase(),
        lambda token: f"{new_id()}.{token.partition('.')[2]}",
        lambda token: "x" * 10_000,
        lambda token: "ā.ū",
    ],
)
def test_what_is_not_signed_opens_nothing(change):
    assert unsign(change(sign(new_id(), salt=SALT)), salt=SALT) is None


def test_key_of_before_opens_while_it_is_a_fallback(settings):
    secret, public_id = new_secret(), new_id()
    token, kept = sign(public_id, salt=SALT), keyed_hash(secret, salt=SALT)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 8

    assert unsign(token, salt=SALT) == public_id
    assert is_hash_of(kept, secret, salt=SALT)

    settings.SECRET_KEY_FALLBACKS = []

    assert unsign(token, salt=SALT) is None
    assert not is_hash_of(kept, secret, salt=SALT)


def test_hash_says_nothing_of_the_secret_without_the_key():
    secret = new_secret()
    kept = keyed_hash(secret, salt=SALT)

    assert is_hash_of(kept, secret, salt=SALT)
    assert not is_hash_of(kept, f"{secret}x", salt=SALT)
    assert not is_hash_of(keyed_hash(secret, salt="tests.window"), secret, salt=SALT)
    assert secret not in kept
    assert len(kept) == HASH_LENGTH
