"""The record of an activity: everything that happened to it, in sentences, and what it was at any moment."""

from plans.summaries.record.changes import Change
from plans.summaries.record.events import Event
from plans.summaries.record.timeline import Entry, Record, read_events, read_record
from plans.summaries.record.versions import Version, compare_versions, find_restorable, version_at, version_now
from plans.summaries.record.words import moment_in_words, short_moment_in_words

__all__ = [
    "Change",
    "Entry",
    "Event",
    "Record",
    "Version",
    "compare_versions",
    "find_restorable",
    "moment_in_words",
    "read_events",
    "read_record",
    "short_moment_in_words",
    "version_at",
    "version_now",
]
