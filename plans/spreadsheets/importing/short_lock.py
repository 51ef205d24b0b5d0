"""Working out what to write before the lock is taken, so that others wait for the writing alone."""

from contextlib import contextmanager

from django.db import transaction
from django.db.models import Count, Max

from plans.actions.deferring import DeferredWrites
from plans.models import ReportingRound, StatusUpdate
from plans.spreadsheets.importing.holding import lock_plan
from plans.spreadsheets.importing.standing import lock_activities

TRIES = 3
"""How often the work is done ahead; when others change what it is about each time, it is done with them waiting."""


def write_with_short_lock(source, state, *, guard, work, finish, keep=None):
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


def watch_updates(plan):
    """Ask what tells whether anybody reports meanwhile: the latest update says which status stands. One query."""
    StatusUpdate.objects.filter(activity__plan=plan).aggregate(Max("pk"), Count("pk"), Count("retracted_at"))


@contextmanager
def _locked(source, state, guard):
    """Lock the plan, its activities and its open round, in the order in which pages do, for a transaction."""
    with transaction.atomic():
        lock_plan(source, state)
        guard()
        lock_activities(source.plan_id)
        list(ReportingRound.objects.open().filter(plan=source.plan_id).select_for_update().values_list("pk"))
        yield
