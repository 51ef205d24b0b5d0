"""Writes that span models: keyword-only, atomic, with the person who does it as `by`."""

from plans.actions.activities import add_activity, bring_back, edit_activity, finalise_description, withdraw
from plans.actions.earlier_versions import restore_version
from plans.actions.updates import NewerUpdate, NotCorrectable, add_note, correct_update, record_update

__all__ = [
    "NewerUpdate",
    "NotCorrectable",
    "add_activity",
    "add_note",
    "bring_back",
    "correct_update",
    "edit_activity",
    "finalise_description",
    "record_update",
    "restore_version",
    "withdraw",
]
