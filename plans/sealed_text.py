"""Text that a row holds and that only this site can read: sealed with a key that is made of SECRET_KEY.

For what has to be used again, such as an address that lets in whoever has it, so that a hash would not do. A copy of
the database, a backup and a history hold nothing usable; whoever has SECRET_KEY too can read it, as the site does.

The standard library has no cipher. What it has, HMAC-SHA256, makes a stream of bytes that no one can tell from chance
without the key (counter mode of a pseudorandom function), which is added to the text; a second key signs the result
and the purpose, so that what was changed, or was sealed for something else, is refused before it is opened.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from hashlib import sha256

from django.conf import settings

NONCE_BYTES, TAG_BYTES, BLOCK_BYTES = 16, 32, 32


class NotOpened(Exception):
    """The text was sealed with another key, for something else, or is damaged."""


def seal(text: str, *, purpose: str) -> str:
    """Return `text` sealed for `purpose`, a literal string, with the SECRET_KEY of now. Another one each time."""
    nonce, key = secrets.token_bytes(NONCE_BYTES), settings.SECRET_KEY
    sealed = nonce + _mixed(text.encode(), nonce, key, purpose)
    return base64.urlsafe_b64encode(sealed + _tag(sealed, key, purpose)).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return the text, sealed with the key of now or one among SECRET_KEY_FALLBACKS. Raises `NotOpened`."""
    try:
        whole = base64.b64decode(sealed, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotOpened from error
    body, tag = whole[:-TAG_BYTES], whole[-TAG_BYTES:]
    for key in _keys():
        if len(body) >= NONCE_BYTES and hmac.compare_digest(tag, _tag(body, key, purpose)):
            return _mixed(body[NONCE_BYTES:], body[:NONCE_BYTES], key, purpose).decode()
    raise NotOpened


def _keys() -> Iterable[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _key(use: str, key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"plans.sealed_text.{use}:{purpose}".encode(), sha256)


def _mixed(text: bytes, nonce: bytes, key: str, purpose: str) -> bytes:
    """Return `text` with the stream of bytes added to it, or taken from it, which is the same."""
    stream_key = _key("stream", key, purpose)
    blocks = range(0, len(text), BLOCK_BYTES)
    stream = b"".join(hmac.digest(stream_key, nonce + place.to_bytes(8), sha256) for place in blocks)
    return bytes(one ^ other for one, other in zip(text, stream, strict=False))


def _tag(body: bytes, key: str, purpose: str) -> bytes:
    return hmac.digest(_key("tag", key, purpose), body, sha256)
