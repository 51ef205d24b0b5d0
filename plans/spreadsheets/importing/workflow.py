"""An import from its file to its receipt, and back: the one way of the page, the admin and the command line.

Each stage takes hold of the import in a short transaction, works, and says in another what came of it. What changes
the plan is one transaction together with what the import says of it, so that whoever is killed leaves the plan as it
was before or as it is after, and the import says which. All that can be done before that transaction is: others have
to wait for it on SQLite. The row of the plan is the lock: its imports take turns.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max
from django.utils.timezone import get_default_timezone, localdate, now

from plans.actions.deferring import DeferredWrites
from plans.choices import ImportScope, ImportState
from plans.models import Import, Plan, ReportingRound, StatusUpdate, User
from plans.permissions import import_refusal
from plans.spreadsheets.importing import job_state, undo
from plans.spreadsheets.importing.activity_batch import Trace, lock_activities
from plans.spreadsheets.importing.apply import apply_check
from plans.spreadsheets.importing.check import Check, check_table
from plans.spreadsheets.importing.job_state import Progress, finish, guarded, lock_plan
from plans.spreadsheets.importing.outcome import CheckSummary, Options
from plans.spreadsheets.importing.questions import remember_words
from plans.spreadsheets.importing.storage import keep_rows, point_to_new_activities, remove_uncounted_rows, require_room
from plans.spreadsheets.reading.read import read_table
from plans.spreadsheets.reading.table import Table

Traces = dict[int | None, Trace]
"""{row of the file: what was written of it}."""

LONGEST_NAME = cast("int", Import._meta.get_field("file_name").max_length)
CHANGED_SINCE = "The plan changed while you were reviewing, so nothing was imported. Review the updated result."
NOT_ACCEPTABLE = "The file cannot be imported yet, so nothing was imported. See what to fix below."
TRIES = 3
"""How often the work is done ahead; when others change what it is about each time, it is done with them waiting."""


def keep_file(
    plan: Plan, content: bytes, name: str, *, by: User, scope: ImportScope, options: Options | None = None
) -> Import:
    """Return a new `Import` of the bytes `content`, which `by` brought; nothing of it is read yet.

    Raises `NoRoom`, in words, when the files of the plan take up as much as they may.
    """
    require_room(plan, len(content))
    return Import.objects.create(
        plan=plan,
        scope=scope,
        file_name=name[-LONGEST_NAME:] or "file",
        content=content,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        options=(options or Options()).as_json(),
    )


def run_check(source: Import, by: User | None = None, claim: str | None = None) -> None:
    """Dry run: read the file of an import and say what it comes to; the plan is not changed.

    `by` is who asks for it, by default who uploaded it. Afterwards it is CHECKED, or REFUSED with its `problem` in
    words. Does nothing to an import that is not WAITING, or whose `claim` is another (`job_state.claim`).
    """
    if not job_state.claim(source, [ImportState.WAITING], ImportState.CHECKING, claim):
        return
    with guarded(source, ImportState.CHECKING, otherwise=ImportState.REFUSED):
        _refuse_without_right(source, by or source.uploaded_by)
        table, sheets = _read(source, Progress(source))
        check = _check(source, table, on_progress=Progress(source))
        keep_result(source, check, CheckSummary.of_check(check, table, sheets), state=ImportState.CHECKING)


def keep_check(source: Import, check: Check, table: Table) -> None:
    """Keep what somebody has checked already in an import that is WAITING, which is CHECKED with it."""
    keep_result(source, check, CheckSummary.of_check(check, table), state=ImportState.WAITING)
    source.refresh_from_db()


def keep_result(source: Import, check: Check, summary: CheckSummary, *, state: ImportState, problem: str = "") -> None:
    """Keep what a file comes to, with its rows: it is CHECKED, and all of it shows at once.

    Call it in no transaction: the rows are written in short ones. Raises `Stopped` when `source` is not held in
    `state` any more, or somebody has decided otherwise about its options.
    """
    attempt = keep_rows(source, check.rows, state=state)
    count = check.counts()["rows"]
    result: dict[str, Any] = {
        "findings": summary.as_json(),
        "counts": check.counts(),
        "rows_read": count,
        "rows_total": count,
    }
    about: dict[str, Any] = {"seen": source.options, "problem": problem, "rows_attempt": attempt}
    # Together with what was explained for earlier files, so that it stands with the decisions, to be changed.
    options = {**source.options, "names": check.options.names} if check.options.names else source.options
    finish(source, state, ImportState.CHECKED, options=options, **about, **result)
    source.rows_attempt, source.options = attempt, options
    remove_uncounted_rows(source)


def run_apply(source: Import, by: User, claim: str | None = None) -> None:
    """Apply the changes that were shown, all or none. Idempotent.

    Afterwards the import is APPLIED; or CHECKED again, with its `problem` in words, when the plan has changed since,
    something is still to be decided, or the database refused. Does nothing to one that is neither CHECKED nor
    APPLYING: a second click finds it done.
    """
    if not job_state.claim(source, [ImportState.CHECKED, ImportState.APPLYING], ImportState.APPLYING, claim):
        return
    with guarded(source, ImportState.APPLYING, otherwise=ImportState.CHECKED, ending="Nothing was imported."):
        table, sheets = _read(source)
        # The same person as the caller knows them: the command line may do more than its account `cli_user`.
        source.uploaded_by = by if by == source.uploaded_by else source.uploaded_by
        _Applying(source, table, sheets, by).run()


def run_undo(source: Import, by: User, claim: str | None = None) -> None:
    """Undo an import, all that still stands of it. Idempotent, as `run_apply`.

    Afterwards it is UNDONE, with its `undo_report`; or APPLIED again, with its `problem` in words. Does nothing to
    one that is neither APPLIED nor UNDOING.
    """
    if not job_state.claim(source, [ImportState.APPLIED, ImportState.UNDOING], ImportState.UNDOING, claim):
        return
    with guarded(source, ImportState.UNDOING, otherwise=ImportState.APPLIED, ending="Nothing was undone."):

        def let_go(undoing: undo.Undoing) -> None:
            result: dict[str, Any] = {"undo_report": undoing.finish(), "undone_at": now(), "undone_by": by}
            finish(source, ImportState.UNDOING, ImportState.UNDONE, **result)

        about: dict[str, Any] = {
            "guard": lambda: _refuse_without_right(source, by),
            "work": lambda: undo.undo(source, by=by),
        }
        write_with_short_lock(source, ImportState.UNDOING, finish=let_go, **about)


def _read(source: Import, on_progress: Progress | None = None) -> tuple[Table, list[str]]:
    content = bytes(source.content)
    sheet = Options.from_json(source.options).sheet
    table = read_table(content, source.file_name, sheet=sheet, on_progress=on_progress)
    return table, list(table.sheets)


def _check(source: Import, table: Table, *, on_progress: Progress | None = None) -> Check:
    return check_table(
        source.plan,
        table,
        by=source.uploaded_by,
        scope=source.scope,
        options=Options.from_json(source.options),
        on=_today(),
        on_progress=on_progress,
    )


class _NotAsShown(Exception):
    """The file comes to something else than what was shown, or something is still to be decided about it."""


class _Applying:
    """Checks a file that has been read once more, and makes its changes if it comes to what was shown."""

    check: Check
    summary: CheckSummary
    attempt: int

    def __init__(self, source: Import, table: Table, sheets: list[str], by: User) -> None:
        self.source, self.table, self.sheets, self.by = source, table, sheets, by
        self.shown = source.findings.get("fingerprint")

    def run(self) -> None:
        """Do it; or keep what the file comes to now, so that it can be looked at again."""
        about: dict[str, Any] = {
            "guard": self._guard,
            "work": self._write,
            "keep": self._keep_rows,
            "finish": self._finish,
        }
        try:
            write_with_short_lock(self.source, ImportState.APPLYING, **about)
        except _NotAsShown:
            problem = NOT_ACCEPTABLE if self.summary.fingerprint == self.shown else CHANGED_SINCE
            keep_result(self.source, self.check, self.summary, state=ImportState.APPLYING, problem=problem)
        else:
            self.source.rows_attempt = self.attempt
            remove_uncounted_rows(self.source)

    def _guard(self) -> None:
        _refuse_without_right(self.source, self.by)

    def _write(self) -> Traces:
        self.check = _check(self.source, self.table)
        self.summary = CheckSummary.of_check(self.check, self.table, self.sheets)
        if self.summary.fingerprint != self.shown or not self.check.is_acceptable:
            raise _NotAsShown
        self.source.findings = self.summary.as_json()
        reason = ": ".join(filter(None, [str(self.source), self.check.options.date_reason]))
        about: dict[str, Any] = {"plan": self.source.plan, "by": self.by, "reason": reason, "on": _today()}
        return apply_check(self.check, source=self.source, **about)

    def _keep_rows(self, traces: Traces) -> None:
        self.attempt = keep_rows(self.source, self.check.rows, state=ImportState.APPLYING, traces=traces)

    def _finish(self, traces: Traces) -> None:
        point_to_new_activities(self.source, self.attempt)
        result: dict[str, Any] = {
            "findings": self.source.findings,
            "counts": self.check.counts(),
            "rows_attempt": self.attempt,
        }
        about: dict[str, Any] = {"applied_at": now(), "applied_by": self.by}
        finish(self.source, ImportState.APPLYING, ImportState.APPLIED, **about, **result)
        if self.source.scope == ImportScope.PLAN:
            remember_words(self.check.options.names, by=self.by, reason=str(self.source))


def _refuse_without_right(source: Import, by: User) -> None:
    """Raise `ValidationError` if `by` may not do that now, whatever they could when they asked for it."""
    person = by if by.is_command_line else User.objects.get_signed_in(by.pk) or AnonymousUser()
    if refusal := import_refusal(person, source):
        raise ValidationError(refusal)


def _today() -> date:
    return localdate(timezone=get_default_timezone())


def write_with_short_lock(
    source: Import,
    state: ImportState,
    *,
    guard: Callable[[], None],
    work: Callable[[], Any],
    finish: Callable[[Any], None],
    keep: Callable[[Any], None] | None = None,
) -> None:
    """Write what `work()` comes to, all of it in one transaction with `finish`, or nothing.

    `guard()` raises when it may not be done; it is asked first, and once more under the lock. `work` reads and writes;
    its writes wait until nothing that it has read can change any more, see `DeferredWrites`. `keep(result)` gets what
    `work` returned and may write in short transactions of its own before the lock is taken; `finish(result)` comes
    last. Raises `Stopped` unless `source` is held in `state`, and what the functions raise.
    """
    guard()
    for _ in range(TRIES):
        deferred = DeferredWrites()
        with deferred.collect():
            watch_updates(source.plan_id)
            result = work()
        if keep:
            keep(result)
        with _locked(source, state, guard):
            if deferred.is_current():
                deferred.write()
                finish(result)
                return
    with _locked(source, state, guard):
        result = work()
        if keep:
            keep(result)
        finish(result)


def watch_updates(plan: Plan | int) -> None:
    """Ask what tells whether anybody reports meanwhile: the latest update says which status stands. One query."""
    StatusUpdate.objects.filter(activity__plan=plan).aggregate(Max("pk"), Count("pk"), Count("retracted_at"))


@contextmanager
def _locked(source: Import, state: ImportState, guard: Callable[[], None]) -> Iterator[None]:
    """Lock the plan, its activities and its open round, in the order in which pages do, for a transaction."""
    with transaction.atomic():
        lock_plan(source, state)
        guard()
        lock_activities(source.plan_id)
        list(ReportingRound.objects.open().filter(plan=source.plan_id).select_for_update().values_list("pk"))
        yield
