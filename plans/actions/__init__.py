"""Writes that span models: keyword-only, atomic, with the person who does it as `by`."""

from plans.actions.activities import edit_activity, finalise_description, withdraw
from plans.actions.restoring import restore_version
from plans.actions.updates import NewerUpdate, add_note, record_update

__all__ = [
    "NewerUpdate",
    "add_note",
    "edit_activity",
    "finalise_description",
    "record_update",
    "restore_version",
    "withdraw",
]
