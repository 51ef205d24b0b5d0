"""How an import goes on when somebody says so: each step is taken once, whoever else says so at the same moment."""

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from plans.choices import ImportState
from plans.models import Import

UNCOUNTED: dict[str, Any] = {"problem": "", "rows_read": 0, "rows_total": None}
"""What is said of an import at whose rows nobody is at work yet."""


def read_again(*, source: Import, options: dict[str, Any]) -> bool:
    """Have a file checked again with other `options`; return whether it was in a state for that. One query."""
    states = [ImportState.CHECKED, ImportState.REFUSED]
    return _go(source, states, ImportState.WAITING, {"cleared_at": None}, options=options, **UNCOUNTED)


def start_applying(*, source: Import) -> bool:
    """Say that what was checked is being imported; return whether this call is the one that said it. One query."""
    return _go(source, [ImportState.CHECKED], ImportState.APPLYING, **UNCOUNTED)


def start_undoing(*, source: Import) -> bool:
    """Say that an import is being undone; return whether this call is the one that said it. One query."""
    return _go(source, [ImportState.APPLIED], ImportState.UNDOING, **UNCOUNTED)


def discard(*, source: Import) -> bool:
    """Decide against a file that was not imported; return whether it was in a state for that. One query."""
    states = [ImportState.WAITING, ImportState.CHECKING, ImportState.CHECKED, ImportState.REFUSED]
    return _go(source, states, ImportState.DISCARDED)


def new_claim() -> str:
    """Return a random name for the right to write what comes of a stage of an import."""
    return secrets.token_hex(16)


def _go(
    source: Import,
    states: Collection[ImportState],
    state: ImportState,
    only: Mapping[str, object] | None = None,
    **fields: Any,
) -> bool:
    """Put it into another state, with a claim of its own: whatever was at work on it can keep nothing any more."""
    claim = new_claim()
    rows = Import.objects.filter(pk=source.pk, state__in=states, **(only or {}))
    if not rows.update(state=state, beat_at=timezone.now(), claim=claim, **fields):
        return False
    source.claim = claim
    return True
