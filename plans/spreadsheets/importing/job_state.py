"""The state of an import at work: claim it, say how far it is, and end it with its result or an error in words."""

import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, OperationalError
from django.utils.timezone import now

from plans.actions.imports import new_claim
from plans.choices import ImportState
from plans.models import Activity, ActivityAgency, Agency, Barrier, Import, Plan, StatusUpdate, SubActivity
from plans.models.agency_names import TABLE
from plans.querysets import ImportQuerySet
from plans.spreadsheets.reading.limits import UnreadableFile

SAY_EVERY_SECONDS = 0.5
COLLECT_AFTER = (50_000, 20, 100)
"""Thresholds of the garbage collector during a job, as `gc.set_threshold` has them: far above its own."""
ALL_BUT_CONTENT = [field.attname for field in Import._meta.concrete_fields if field.name != "content"]
logger = logging.getLogger(__name__)

TOO_MUCH = "The file takes more time or memory than a plan's does. Keep only the rows and columns of activities."
BUSY = "The database is busy or not responding. Try again in a minute."
MISHAP = "Something went wrong on our side. Tell the person who runs the tracker. The details are in its log."
REFUSED = "The database refused the changes. They may have crossed with someone else's. Try again."
EXPECTED = (UnreadableFile, ValidationError, MemoryError, OperationalError)


def claim(source: Import, states: list[ImportState], state: ImportState, known: str | None = None) -> bool:
    """Claim an import that is in one of `states`; return whether it was. Brings `source` up to date.

    `known` is the claim that the job was started with; without it, `source` has to be as the database has it, and is
    given a new one.
    """
    rows = Import.objects.filter(pk=source.pk, state__in=states, claim=source.claim if known is None else known)
    is_claimed = rows.update(state=state, beat_at=now(), problem="", claim=known or new_claim()) == 1
    source.refresh_from_db(fields=ALL_BUT_CONTENT)
    return is_claimed


def held(source: Import, state: ImportState) -> ImportQuerySet:
    """Return the import as a queryset, empty unless it is in `state` and its claim is still that of `source`."""
    return Import.objects.filter(pk=source.pk, state=state, claim=source.claim)


@contextmanager
def guarded(source: Import, state: ImportState, otherwise: ImportState, ending: str = "") -> Iterator[None]:
    """Let an error end the work on an import that is in `state`, and never leave it there.

    It is in the state `otherwise` then, with the error in words and `ending` as its `problem`, unless somebody else
    has seen to it; the log is told what nobody expects. `source` is up to date afterwards.
    """
    try:
        with garbage_collected_seldom():
            yield
    except Stopped:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits to be told
        problem = f"{in_words(error)} {ending}".strip()
        held(source, state).update(state=otherwise, problem=problem, beat_at=None, job={})
        log(source, error)
    source.refresh_from_db(fields=ALL_BUT_CONTENT)


@contextmanager
def garbage_collected_seldom() -> Iterator[None]:
    """Run the garbage collector seldom in the block.

    A large file makes a million objects and hardly any garbage; going over them again and again takes a fifth of the
    time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def lock_plan(source: Import, state: ImportState) -> None:
    """Wait until no other import of the plan is at work; raise `Stopped` unless `source` is held in `state` then."""
    list(Plan.objects.select_for_update(no_key=True).filter(pk=source.plan_id).values_list("pk"))
    if not held(source, state).exists():
        raise Stopped


def finish(
    source: Import, state: ImportState, to_state: ImportState, *, seen: dict[str, Any] | None = None, **fields: Any
) -> None:
    """Let go of an import that is held in `state`, with `fields`.

    Raises `Stopped` when it is not any more, or when its options are not those that were `seen`, if given: someone
    has decided otherwise.
    """
    rows = held(source, state)
    rows = rows if seen is None else rows.filter(options=seen)
    if rows.update(state=to_state, beat_at=None, job={}, **fields) != 1:
        raise Stopped


class Progress:
    """Says how many rows are done, twice a second at most. Raises `Stopped` when somebody has discarded the import."""

    def __init__(self, source: Import) -> None:
        self.rows, self.said_at = held(source, ImportState.CHECKING), 0.0

    def __call__(self, rows_read: int, rows_total: int | None) -> None:
        """Say it, as an `on_progress` does; the total is None while nobody knows it."""
        if time.monotonic() - self.said_at < SAY_EVERY_SECONDS:
            return
        self.said_at = time.monotonic()
        if not self.rows.update(rows_read=rows_read, rows_total=rows_total, beat_at=now()):
            raise Stopped


class Stopped(Exception):
    """Somebody else has seen to the import meanwhile: it was discarded, or put right. There is nothing to tell."""


class TookTooLong(Exception):
    """The job used up the time that it may take."""


def in_words(error: BaseException) -> str:
    """Return what `error` means for whoever waits, as a sentence or several."""
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


def log(source: Import, error: BaseException) -> None:
    """Tell the log of an error that nobody expects, with its traceback."""
    if not isinstance(error, (*EXPECTED, TookTooLong)):
        logger.error("A job of import %s failed", source.pk, exc_info=error)


def _constraint_in_words(error: IntegrityError) -> str:
    """Return what the constraint says that refused; what is not named in the error is told in general."""
    if TABLE in str(error):
        return "Another agency has been given this name a moment ago. Try again."
    models = (Activity, ActivityAgency, SubActivity, Agency, StatusUpdate, Barrier)
    for constraint in (one for model in models for one in model._meta.constraints):
        if constraint.name in str(error):
            return f"{constraint.violation_error_message} It may have changed a moment ago. Try again."
    return REFUSED
