"""Many updates at once, as `record_update` records one, and taking such updates back. Call both in a transaction."""

from django.core.exceptions import ValidationError

from plans.actions.barriers import lock_open_barriers, raise_barriers
from plans.actions.bulk import ROWS_AT_A_TIME, insert_rows
from plans.actions.deferring import for_update
from plans.actions.reporting_rules import report_problems
from plans.models import Barrier, ReportingRound, StatusUpdate

POINTERS = ("activity", "agency", "author", "round", "retracted_by", "replaced_by")


def record_updates(updates, *, plan):
    """Save `updates`, unsaved and in order, into the open round of `plan`, and open the barriers that they name.

    A barrier that is open already on its activity, in the same words, is not opened a second time.

    The activities are locked by whoever calls, who also gives them their status. Raises `ValidationError` for a
    report that the form would refuse.
    """
    if not updates:
        return
    # Locked, so that a round that is being closed either has these updates in its report or leaves them to the next.
    current = for_update(ReportingRound.objects.open().filter(plan=plan)).first()
    for update in updates:
        update.round = current
        _refuse_nonsense(update)
    insert_rows(StatusUpdate, updates)
    if any(update.barrier for update in updates):
        insert_rows(Barrier, raise_barriers(updates, lock_open_barriers(activity__plan=plan)))


def retract_updates(pks, *, by, at, note):
    """Take the updates `pks` back, and resolve with `note` the barriers that they opened; an escalated one stays open.

    Two statements for each 500.
    """
    for start in range(0, len(pks), ROWS_AT_A_TIME):
        some = pks[start : start + ROWS_AT_A_TIME]
        standing = StatusUpdate.objects.filter(pk__in=some, retracted_at=None)
        # First, while those that were corrected meanwhile, whose barriers their corrections name, can be told apart.
        untouched = Barrier.objects.open().filter(update__in=standing.order_by().values("pk"), is_escalated=False)
        untouched.update(resolution_note=note, resolved_at=at, resolved_by=by)
        standing.retract(by=by, at=at)


def _refuse_nonsense(update):
    update.clean_fields(exclude=POINTERS)
    problems = report_problems(
        status=update.status,
        agency=update.agency_id,
        what_happened=update.what_happened,
        barrier=update.barrier,
        needs_escalation=update.needs_escalation,
        is_no_change=update.is_no_change,
    )
    if problems:
        raise ValidationError([sentence for _, sentence in problems])
