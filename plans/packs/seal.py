"""The checksum of an issued pack: what it covers, by the scheme with which it was made."""

from datetime import UTC, datetime
from typing import Any

from plans.models import Pack
from plans.packs.content import checksum_of

SCHEME = 2
"""With which packs are sealed now. Scheme 1, of earlier versions, covers the content alone."""
COVERED = (
    *("plan_id", "title", "covering_note", "number", "marking", "at", "since", "query"),
    *("issued_at", "issued_by_id"),
)
"""What scheme 2 covers of a pack beside its content."""


def seal_of(pack: Pack) -> str:
    """Return the checksum of an issued pack as it is now, by the scheme of the one that is kept with it."""
    if pack.checksum_scheme == 1:
        return checksum_of(pack.content)
    covered = {name: _value(getattr(pack, name)) for name in COVERED}
    return checksum_of({"scheme": SCHEME, "content": pack.content, **covered})


def is_whole(pack: Pack) -> bool:
    """Return whether a pack is as it was issued, as far as its checksum tells; true of a draft."""
    return not pack.checksum or (pack.checksum_scheme <= SCHEME and seal_of(pack) == pack.checksum)


def _value(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
