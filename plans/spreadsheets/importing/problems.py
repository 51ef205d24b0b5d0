"""What ends a stage of an import without a result, in words for the person who waits for it."""

import logging

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, OperationalError

from plans.models import Activity, ActivityAgency, Agency, Barrier, StatusUpdate, SubActivity
from plans.spreadsheets.reading.table import UnreadableFile

logger = logging.getLogger(__name__)

TOO_MUCH = "The file takes more time or memory than a plan's does. Keep only the rows and columns of activities."
BUSY = "The database was busy, or did not answer. Try again in a minute."
MISHAP = "Something went wrong that should not. What it was stands in the log of the site; tell whoever runs it."
REFUSED = "The database refused what would have been saved. It may have changed a moment ago: try again."
EXPECTED = (UnreadableFile, ValidationError, MemoryError, OperationalError)


class Stopped(Exception):
    """Somebody else has seen to the import meanwhile: it was discarded, or put right. There is nothing to tell."""


class TookTooLong(Exception):
    """The job used up the time that it may take."""


def in_words(error):
    """Answer what `error` means for whoever waits, as a sentence or several."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, UnreadableFile):
        return str(error)
    if isinstance(error, (MemoryError, TookTooLong)):
        return TOO_MUCH
    if isinstance(error, OperationalError):
        return BUSY
    if isinstance(error, IntegrityError):
        return _constraint_in_words(error)
    return REFUSED if isinstance(error, DatabaseError) else MISHAP


def log(source, error):
    """Tell the log of an error that nobody expects, with its traceback."""
    if not isinstance(error, (*EXPECTED, TookTooLong)):
        logger.error("A job of import %s failed", source.pk, exc_info=error)


def _constraint_in_words(error):
    """Answer what the constraint says that refused; what is not named in the error is told in general."""
    models = (Activity, ActivityAgency, SubActivity, Agency, StatusUpdate, Barrier)
    for constraint in (one for model in models for one in model._meta.constraints):
        if constraint.name in str(error):
            return f"{constraint.violation_error_message} It may have come about a moment ago: try again."
    return REFUSED
