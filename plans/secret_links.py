"""What opens something to whoever has it, without signing in: links that are signed, and secrets that are hashed.

A signed link is a public id, which a row holds, and its signature, which no row holds: so it can be shown again, and a
copy of the database opens nothing. A secret is shown once, and its row holds a keyed hash. `rocc.logs` leaves both out
of log lines, by the addresses that they stand in.

Each `salt` is a literal string, a different one for each thing that is opened: a link for one never opens another.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

ID_BYTES = 16
SECRET_BYTES = 32
LONGEST = 200
"""Characters of what is taken for a signed link at all; ours have about 70."""
ID_LENGTH = 22
"""Characters of a public id, for the column of a row."""
HASH_LENGTH = 64
"""Characters of a keyed hash, for the column of a row."""


def new_id() -> str:
    """Return a new public id, which nobody can guess and which opens nothing by itself."""
    return secrets.token_urlsafe(ID_BYTES)


def sign(public_id: str, *, salt: str) -> str:
    """Return what stands in the address: the id, a dot, and its signature. The same each time."""
    return signing.Signer(sep=".", salt=salt).sign(public_id)


def unsign(token: str, *, salt: str) -> str | None:
    """Return the public id in `token`; None where the signature is not ours, or for another `salt`.

    What was signed with a key that is among SECRET_KEY_FALLBACKS opens as well.
    """
    if len(token) > LONGEST:
        return None
    try:
        return signing.Signer(sep=".", salt=salt).unsign(token)
    except signing.BadSignature:
        return None


def new_secret() -> str:
    """Return a new secret, to be shown once and never kept: keep its `keyed_hash`."""
    return secrets.token_urlsafe(SECRET_BYTES)


def keyed_hash(secret: str, *, salt: str) -> str:
    """Return the hash of `secret` that a row may hold: without SECRET_KEY, nobody can try secrets against it."""
    return _hash(secret, salt, settings.SECRET_KEY)


def is_hash_of(kept: str, secret: str, *, salt: str) -> bool:
    """Return whether `kept` is the keyed hash of `secret`, by the key of now or one among SECRET_KEY_FALLBACKS."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(kept, _hash(secret, salt, key)) for key in keys)


def _hash(secret: str, salt: str, key: str) -> str:
    return salted_hmac(salt, secret, secret=key, algorithm="sha256").hexdigest()
