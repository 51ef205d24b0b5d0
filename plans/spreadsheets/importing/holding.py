"""Having hold of an import: taking it, saying how far it is, and letting it go with what came of it."""

import gc
import time
from contextlib import contextmanager

from django.utils.timezone import now

from plans.actions.imports import new_claim
from plans.choices import ImportState
from plans.models import Import, Plan
from plans.spreadsheets.importing.problems import Stopped, in_words, log
from plans.spreadsheets.importing.rows import held, keep_rows, remove_uncounted_rows

SAY_EVERY_SECONDS = 0.5
SELDOM = (50_000, 20, 100)
"""When Python looks for garbage: far later than by itself, as `gc.set_threshold` has it."""
ALL_BUT_CONTENT = [field.attname for field in Import._meta.concrete_fields if field.name != "content"]


def take(source, states, state, claim=None):
    """Take hold of an import that is in one of `states`; return whether it was. Brings `source` up to date.

    `claim` is the one that the job was started with; without it, `source` has to be as the database has it, and is
    given a new one.
    """
    rows = Import.objects.filter(pk=source.pk, state__in=states, claim=source.claim if claim is None else claim)
    is_taken = rows.update(state=state, beat_at=now(), problem="", claim=claim or new_claim()) == 1
    source.refresh_from_db(fields=ALL_BUT_CONTENT)
    return is_taken


@contextmanager
def hold(source, state, otherwise, ending=""):
    """Let an error end what is done with an import that is in `state`, and never leave it there.

    It is in the state `otherwise` then, with the error in words and `ending` as its `problem`, unless somebody else
    has seen to it; the log is told what nobody expects. `source` is up to date afterwards.
    """
    try:
        with seldom_looking_for_garbage():
            yield
    except Stopped:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits to be told
        problem = f"{in_words(error)} {ending}".strip()
        held(source, state).update(state=otherwise, problem=problem, beat_at=None, job={})
        log(source, error)
    source.refresh_from_db(fields=ALL_BUT_CONTENT)


@contextmanager
def seldom_looking_for_garbage():
    """Have Python look for garbage seldom in the block.

    A large file makes a million objects and hardly any garbage; going over them again and again takes a fifth of the
    time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def lock_plan(source, state):
    """Wait until no other import of the plan is at work; raise `Stopped` unless `source` is held in `state` then."""
    list(Plan.objects.select_for_update(no_key=True).filter(pk=source.plan_id).values_list("pk"))
    if not held(source, state).exists():
        raise Stopped


def finish(source, state, to_state, *, options=None, **fields):
    """Let go of an import that is held in `state`, with `fields`.

    Raises `Stopped` when it is not any more, or when somebody has decided otherwise about its `options`, if given.
    """
    rows = held(source, state)
    rows = rows if options is None else rows.filter(options=options)
    if rows.update(state=to_state, beat_at=None, job={}, **fields) != 1:
        raise Stopped


def keep_result(source, check, findings, *, state, problem=""):
    """Keep what a file comes to, with its rows: it is CHECKED, and all of it shows at once.

    Call it in no transaction: the rows are written in short ones. Raises `Stopped` when `source` is not held in
    `state` any more, or somebody has decided otherwise about its options.
    """
    attempt = keep_rows(source, check.rows, state=state)
    count = check.counts()["rows"]
    result = {"findings": findings, "counts": check.counts(), "rows_read": count, "rows_total": count}
    about = {"options": source.options, "problem": problem, "rows_attempt": attempt}
    finish(source, state, ImportState.CHECKED, **about, **result)
    source.rows_attempt = attempt
    remove_uncounted_rows(source)


class Progress:
    """Says how many rows are done, twice a second at most. Raises `Stopped` when somebody has discarded the import."""

    def __init__(self, source):
        self.rows, self.said_at = held(source, ImportState.CHECKING), 0

    def __call__(self, rows_read, rows_total):
        """Say it, as an `on_progress` does; the total is None while nobody knows it."""
        if time.monotonic() - self.said_at < SAY_EVERY_SECONDS:
            return
        self.said_at = time.monotonic()
        if not self.rows.update(rows_read=rows_read, rows_total=rows_total, beat_at=now()):
            raise Stopped
