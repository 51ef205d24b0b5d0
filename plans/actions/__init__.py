"""Writes that span models: keyword-only, atomic, with the person who does it as `by`."""

from plans.actions.activities import (
    add_activity,
    bring_back,
    edit_activity,
    end_activity,
    finalise_description,
    withdraw,
)
from plans.actions.earlier_versions import restore_version
from plans.actions.repeating import NotRepeated, repeat_updates
from plans.actions.updates import NewerUpdate, NotCorrectable, add_note, correct_update, record_update

__all__ = [
    "NewerUpdate",
    "NotCorrectable",
    "NotRepeated",
    "add_activity",
    "add_note",
    "bring_back",
    "correct_update",
    "edit_activity",
    "end_activity",
    "finalise_description",
    "record_update",
    "repeat_updates",
    "restore_version",
    "withdraw",
]
