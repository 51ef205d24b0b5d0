"""Work on imports beside the web process: a process of its own for each stage, so that no page has to wait for one.

No server is needed for that. A job gives a sign of life every few seconds; whoever looks at an import whose job gives
none any more puts it right, so that nothing waits for the dead: takes its claim away, so that it can keep nothing any
more, ends it where it is on this machine, and has another one started. `settings.IMPORT_JOBS` "inline" runs a stage at
once, in the process that asks.
"""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.utils.timezone import now

from plans.actions.imports import new_claim
from plans.choices import ImportState
from plans.database_errors import is_database_busy
from plans.models import Import, User
from plans.querysets import ImportQuerySet
from plans.spreadsheets.importing import workflow
from plans.spreadsheets.importing.job_state import TOO_MUCH

logger = logging.getLogger(__name__)

STAGES: dict[str, Callable[..., None]] = {
    "check": workflow.run_check,
    "apply": workflow.run_apply,
    "undo": workflow.run_undo,
}
DEAD_AFTER = timedelta(seconds=30)
AHEAD_AT_MOST = timedelta(minutes=2)
"""How far another machine's clock may be ahead. A later sign of life was given before ours was set back."""
MOST_STARTS = 2
AT_WORK = (ImportState.WAITING, ImportState.CHECKING)
STOPPED = "{} was interrupted. {} Try again."
OF_NO_USE = (
    "Checking this file was stopped before its end, more than once. It may be too large for this site: keep only the "
    "sheet of activities, or send it in parts."
)
PUT_RIGHT = {
    ImportState.WAITING: (ImportState.WAITING, ""),
    ImportState.CHECKING: (ImportState.WAITING, ""),
    ImportState.APPLYING: (ImportState.CHECKED, STOPPED.format("The import", "Nothing was imported.")),
    ImportState.UNDOING: (ImportState.APPLIED, STOPPED.format("The undo", "Nothing was undone.")),
}
"""{state of an import whose job has died: (the state to put it in, what to tell whoever waits)}."""
TOO_LONG = {
    ImportState.WAITING: (ImportState.REFUSED, TOO_MUCH),
    ImportState.CHECKING: (ImportState.REFUSED, TOO_MUCH),
    ImportState.APPLYING: (ImportState.CHECKED, f"{TOO_MUCH} Nothing was imported."),
    ImportState.UNDOING: (ImportState.APPLIED, f"{TOO_MUCH} Nothing was undone."),
}
"""The same of one whose job took longer than it may."""

GONE_AFTER_SECONDS = 5
BOOT, NAMESPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
STARTED_AT = 19
"""The place of the start time, in ticks since the machine started, among the words after the name in /proc/PID/stat."""
MOST_SECONDS = 2
STEP_SECONDS = 0.1


def start(source: Import, stage: str, by: User | None = None) -> None:
    """Have a stage of an import done: "check", "apply" or "undo"; `by` is who asks for it.

    Of too many checks at once some wait; the next look at one of them (`is_stalled`) starts it. Does nothing when
    somebody else has started it meanwhile.
    """
    if settings.IMPORT_JOBS == "inline":
        run(source, stage, by)
        return
    rows = Import.objects.filter(pk=source.pk, claim=source.claim)
    if stage == "check" and _count_at_work(source) >= settings.IMPORT_JOBS_AT_ONCE:
        rows.update(beat_at=None)
        return
    claim = new_claim()
    if rows.update(beat_at=now(), claim=claim):
        _launch(source, stage, by, claim)


def run(source: Import, stage: str, by: User | None = None, claim: str | None = None) -> None:
    """Do a stage of an import here and now. `claim` is the one that the job was started with."""
    STAGES[stage](source, by, claim)


def is_stalled(source: Import) -> bool:
    """Return whether an import waited for a job that is not there; asking puts it right, or starts its job."""
    state = source.state_choice
    if not state.is_busy or (source.beat_at and now() - DEAD_AFTER < source.beat_at < now() + AHEAD_AT_MOST):
        return False
    if state is ImportState.WAITING and _count_at_work(source) >= settings.IMPORT_JOBS_AT_ONCE:
        return False
    try:
        return _put_right(source, state)
    except OperationalError as error:
        if not is_database_busy(error):
            raise
        # SQLite is held by whoever writes: most likely by the very job that gives no sign of life meanwhile.
        return False


def _put_right(source: Import, state: ImportState) -> bool:
    """Put an import right whose job has died; return whether nobody else did so first. The job is ended by then."""
    # One that had to wait for its turn was never started.
    starts = source.findings.get("starts", 0) + bool(state is not ImportState.WAITING or source.beat_at)
    to_state, problem = PUT_RIGHT[state]
    if to_state is ImportState.WAITING and starts > MOST_STARTS:
        to_state, problem = ImportState.REFUSED, OF_NO_USE
    rows = Import.objects.filter(pk=source.pk, state=state, beat_at=source.beat_at, claim=source.claim)
    claim, findings = new_claim(), {**source.findings, "starts": starts}
    if not rows.update(state=to_state, beat_at=now(), problem=problem, findings=findings, claim=claim):
        return False
    source.claim = claim
    logger.warning("Import %s was %s and no process was at work on it", source.pk, state)
    _end_job(source)
    if to_state is ImportState.WAITING:
        start(source, "check")
    return True


def _end_job(source: Import) -> None:
    """End the process that was at work on an import. Its claim is gone, so that it can keep nothing in any case."""
    rows = Import.objects.filter(pk=source.pk)
    if end_process(rows.values_list("job", flat=True).get()):
        logger.warning("The job of import %s gave no sign of life and was ended", source.pk)
    rows.filter(claim=source.claim).update(job={})


def end_overdue(rows: ImportQuerySet) -> None:
    """Put an import right, in a queryset of one, whose job has been ended since it lasted too long."""
    source = rows.first()
    if source and source.state_choice in TOO_LONG:
        to_state, problem = TOO_LONG[source.state_choice]
        rows.filter(state=source.state).update(state=to_state, problem=problem, beat_at=None, job={})


def _count_at_work(source: Import) -> int:
    """Count the other imports that are being read now. One query."""
    beat = {"beat_at__gt": now() - DEAD_AFTER, "beat_at__lt": now() + AHEAD_AT_MOST}
    alive = Import.objects.filter(state__in=AT_WORK, **beat)
    return alive.exclude(pk=source.pk).count()


def _launch(source: Import, stage: str, by: User | None, claim: str) -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_import", str(source.pk), stage]
    command += ["--claim", claim]
    if isinstance(by, User):
        command += ["--by", str(by.pk)]
    # A session of its own, so that what ends the web process politely does not end it half-way.
    job = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, cwd=settings.BASE_DIR)  # noqa: S603 - ours
    # Reap the child, or it stays a zombie.
    threading.Thread(target=job.wait, daemon=True).start()


def identify(pid: int) -> dict[str, Any]:
    """Return what tells a process from all others, on this machine and elsewhere, as `Import.job` keeps it."""
    return {**_here(), "pid": pid, "started": _started(pid)}


def end_process(job: dict[str, Any]) -> bool:
    """Kill the process that `identify` has described, and wait until it is gone; return whether it was there.

    Another process that was given its number since is left alone, and so is everything on another machine: there the
    claim on the import keeps the process from saving anything.
    """
    if not job or {name: job.get(name) for name in _here()} != _here() or job.get("started") is None:
        return False
    try:
        # Stands for one process for as long as it is open, whatever becomes of the number.
        handle = os.pidfd_open(job["pid"])
    except OSError:
        return False
    try:
        return _started(job["pid"]) == job["started"] and _kill(handle, job)
    finally:
        os.close(handle)


def _kill(handle: int, job: dict[str, Any]) -> bool:
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError as error:
        logger.warning("Process %s, at work on an import, cannot be ended: %s", job["pid"], error)
        return False
    select.select([handle], [], [], GONE_AFTER_SECONDS)
    return True


def _here() -> dict[str, str]:
    """Return the machine, its present run, and the group of processes among which a number is unique."""
    return {"host": socket.gethostname(), "boot": _read(BOOT), "namespace": _namespace()}


def _namespace() -> str:
    with suppress(OSError):
        return str(NAMESPACE.readlink())
    return ""


def _started(pid: int) -> int | None:
    """Return when a process started, None when there is none or the system does not tell."""
    # The name is in brackets, and may hold anything.
    words = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(words[STARTED_AT]) if len(words) > STARTED_AT else None


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()
    return ""


def wait_a_moment(source: Import) -> bool:
    """Wait until the job on an import is done, two seconds at most; return whether it is done."""
    until = time.monotonic() + MOST_SECONDS
    while is_busy(source):
        if time.monotonic() > until:
            return False
        time.sleep(STEP_SECONDS)
    return True


def is_busy(source: Import) -> bool:
    """Return whether a job is at work on an import now, whatever `source` remembers. One query."""
    state = Import.objects.values_list("state", flat=True).get(pk=source.pk)
    return ImportState(state).is_busy
