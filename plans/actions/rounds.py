"""Reporting rounds, from opening to closing. Each is atomic and says who did it (`by`)."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.row_changes import save_fields, save_row
from plans.models import Plan, ReportingRound, User


@transaction.atomic
def open_round(*, plan: Plan, by: User, name: str, opened_on: date, due_on: date) -> ReportingRound:
    """Return a new round of `plan`, in which every activity needs an update from `opened_on` until `due_on`, both days.

    Raises `ValidationError`, in words, while another round is open, and for a name or dates that cannot be.
    """
    # Of two who open a round at once, the second has to see the first one's.
    Plan.objects.select_for_update().get(pk=plan.pk)
    opened = ReportingRound(plan=plan, name=name, opened_on=opened_on, due_on=due_on)
    opened.full_clean()
    save_row(opened, by=by, reason="Round opened")
    plan.__dict__.pop("open_round", None)
    return opened


@transaction.atomic
def change_round(*, reporting_round: ReportingRound, by: User, name: str, due_on: date) -> ReportingRound:
    """Give an open round another name or due date; returns the round. Raises `ValidationError` for a closed one."""
    locked = _lock_open(reporting_round)
    if (locked.name, locked.due_on) != (name, due_on):
        locked.name, locked.due_on = name, due_on
        locked.full_clean()
        save_fields(locked, by=by, reason="Round changed", fields=["name", "due_on"])
    return locked


@transaction.atomic
def close_round(*, reporting_round: ReportingRound, by: User, report: Any) -> ReportingRound:
    """Close a round for ever, with what it came to; returns the round.

    `report` is asked for that with the locked round, so that no update comes between the report and the closing:
    `plans.summaries.rounds.freeze_report`. Raises `ValidationError` for a round that is closed.
    """
    locked = _lock_open(reporting_round)
    locked.closing_report = report(locked)
    locked.closed_at, locked.closed_by = timezone.now(), by
    save_fields(locked, by=by, reason="Round closed", fields=["closed_at", "closed_by", "closing_report"])
    return locked


def _lock_open(reporting_round: ReportingRound) -> ReportingRound:
    locked = ReportingRound.objects.select_for_update().get(pk=reporting_round.pk)
    if not locked.is_open:
        raise ValidationError(f"{locked.name} is already closed. Its results are kept.")
    return locked
