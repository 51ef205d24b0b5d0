"""Text that a row holds and that only this site can read: sealed with a key that is made of SECRET_KEY.

For what has to be used again, such as an address that lets in whoever has it, so that a hash would not do. A copy of
the database, a backup and a history hold nothing usable; whoever has SECRET_KEY too can read it, as the site does.
"""

import base64
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEY_BYTES = 32


class NotOpened(Exception):
    """The text was sealed with another key, for something else, or is damaged."""


def seal(text: str, *, purpose: str) -> str:
    """Return `text` sealed for `purpose`, a literal string, with the SECRET_KEY of now. Another one each time."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return the text, sealed with the key of now or one among SECRET_KEY_FALLBACKS. Raises `NotOpened`."""
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise NotOpened from error


def _cipher(purpose: str) -> MultiFernet:
    """Return what seals with the first key and opens with each: AES in CBC mode with an HMAC, as Fernet has it."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_key(key, purpose))) for key in _keys()])


def _keys() -> Iterable[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _key(key: str, purpose: str) -> bytes:
    """Return a key for one purpose, so that what was sealed for another is refused."""
    info = f"plans.sealed_text:{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key.encode())
