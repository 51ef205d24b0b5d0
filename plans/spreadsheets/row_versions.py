"""What a row of a spreadsheet was made from, sealed into the row itself, so that a returned file can be merged.

The seal is text in ASCII, so that it lives through "save as CSV" in any encoding: JSON and a signature. It is as good
after rows and columns were sorted, moved or deleted. A row that was copied to another number still says where it is
from. Whoever alters one letter of it breaks it, and it is then known to be worth nothing.
"""

import hashlib
import json
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from hmac import HMAC
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer, b64_decode, b64_encode
from django.utils.crypto import salted_hmac

from plans.activity_number import Number, number_of_json

ROW_VERSION = "Row Version"
"""The heading of the hidden column that holds the seals."""

LARGEST_SEAL = 32_000
"""Characters, well below the 32,767 that Excel holds in a cell."""

PACKED = "z"
"""What a compressed seal begins with; a plain one begins as JSON does."""

COMPACT = json.JSONEncoder(separators=(",", ":"))
SALT = "plans.row_version.1"
ITEM_SALT = "plans.item_version.1"


@dataclass(frozen=True)
class RowVersion:
    """What a row was made from: which activity of which plan, and what stood in its cells.

    `texts` is {heading: text} as reading the cells gives it. A text too long for a seal stands in `digests` in its
    place. `latest_update_id` is the newest update with a status at that time; `agency` the code of the agency that
    the workbook was made for, blank if for nobody in particular.
    """

    plan_id: int
    activity_id: int
    number: Number
    texts: dict[str, str]
    latest_update_id: int | None
    agency: str
    digests: dict[str, str] = field(default_factory=dict)

    def knows(self, heading: str) -> bool:
        """Return whether the row had a cell under `heading`."""
        return heading in self.texts or heading in self.digests

    def is_original(self, heading: str, text: str) -> bool:
        """Return whether the cell under `heading` said just `text`."""
        if heading in self.digests:
            return self.digests[heading] == _digest(text)
        return self.texts.get(heading) == text

    def original(self, heading: str) -> str | None:
        """Return what the cell under `heading` said; None when that is not known."""
        return self.texts.get(heading)


def seal(
    *,
    plan_id: int,
    activity_id: int,
    number: Number,
    texts: dict[str, str],
    latest_update_id: int | None,
    agency: str = "",
) -> str:
    """Return a `RowVersion` as text for a cell, `LARGEST_SEAL` characters at most."""
    digests: dict[str, str] = {}
    while True:
        content = [plan_id, activity_id, number, latest_update_id, agency, texts, digests]
        if text := _fitting(_json(content)):
            return f"{text}:{_signature(text)}"
        longest = max(texts, key=lambda heading: len(texts[heading]))
        digests = {**digests, longest: _digest(texts[longest])}
        texts = {heading: one for heading, one in texts.items() if heading != longest}


def unseal(text: str) -> RowVersion | None:
    """Return the `RowVersion` that `text` holds; None when there is none, or when it was tampered with."""
    try:
        content = Signer(salt=SALT).unsign(text.strip())
    except BadSignature:
        return None
    if content.startswith(PACKED):
        content = zlib.decompress(b64_decode(content[1:].encode())).decode()
    plan_id, activity_id, number, latest_update_id, agency, texts, digests = json.loads(content)
    return RowVersion(plan_id, activity_id, number_of_json(number), texts, latest_update_id, agency, digests)


@dataclass(frozen=True)
class ItemVersion:
    """What a row of the sheet of sub-activities was made from."""

    plan_id: int
    activity_id: int
    number: Number
    item_id: int


def seal_item(version: ItemVersion) -> str:
    """Return an `ItemVersion` as text for a cell."""
    content = [version.plan_id, version.activity_id, version.number, version.item_id]
    return Signer(salt=ITEM_SALT).sign(_json(content))


def unseal_item(text: str) -> ItemVersion | None:
    """Return the `ItemVersion` that `text` holds; None when there is none, or when it was tampered with."""
    try:
        content = Signer(salt=ITEM_SALT).unsign(text.strip())
    except BadSignature:
        return None
    plan_id, activity_id, number, item_id = json.loads(content)
    return ItemVersion(plan_id, activity_id, number_of_json(number), item_id)


def _json(content: list[Any]) -> str:
    # Excel would take "_x0041_" for an "A", so that no underscore may stand there.
    return COMPACT.encode(content).replace("_", r"\u005f")


def _fitting(content: str) -> str | None:
    """Return JSON as a seal holds it: plain, since neighbours in a file compress better together; packed if long."""
    if len(content) <= LARGEST_SEAL:
        return content
    packed = PACKED + b64_encode(zlib.compress(content.encode())).decode()
    return packed if len(packed) <= LARGEST_SEAL else None


def _signature(text: str) -> str:
    """Return what `Signer` would sign the text with. It begins with the key each time, which a large export feels."""
    code = _begun(settings.SECRET_KEY).copy()
    code.update(text.encode())
    return b64_encode(code.digest()).decode()


@lru_cache(maxsize=2)
def _begun(key: str) -> HMAC:
    return salted_hmac(f"{SALT}signer", "", key, algorithm="sha256")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
