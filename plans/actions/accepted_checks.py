"""Accepting a plan check for a while, and withdrawing that. Each is atomic and says who did it (`by`)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.row_changes import lock, save_row
from plans.choices import PlanCheck
from plans.models import AcceptedCheck, Activity, User
from plans.querysets.plan_checks import checks_in

WITHDRAWN = "Acceptance withdrawn"


@transaction.atomic
def accept_check(
    *, activity: Activity, check: PlanCheck, by: User, reason: str, until: date, on: date
) -> AcceptedCheck:
    """Accept that `activity` fails `check` until the end of the day `until`, and return that. Five queries.

    What was accepted before for this check is replaced, and stays in its history. Raises `ValidationError` when
    the check does not fail on the day `on`, for a blank reason, and for a day that has passed.
    """
    locked = lock(activity)
    failed = Activity.objects.filter(pk=locked.pk).with_failed_checks(on).values_list("failed_checks", flat=True).get()
    if check not in checks_in(failed):
        raise ValidationError("This check needs no attention now, so there is nothing to accept.")
    if not reason.strip():
        raise ValidationError({"reason": "Enter the reason."})
    if until < on:
        raise ValidationError({"until": "Enter today or a later date."})
    accepted = AcceptedCheck.objects.filter(activity=locked, name=check).first()
    accepted = accepted or AcceptedCheck(activity=locked, name=check)
    accepted.reason, accepted.until, accepted.author, accepted.made_at = reason.strip(), until, by, timezone.now()
    accepted.retracted_at = accepted.retracted_by = None
    save_row(accepted, by=by, reason=reason.strip())
    return accepted


@transaction.atomic
def withdraw_acceptance(*, accepted: AcceptedCheck, by: User) -> None:
    """Have an accepted check need attention again; it stays as it is where someone has withdrawn it. Three queries."""
    lock(accepted.activity)
    now = AcceptedCheck.objects.get(pk=accepted.pk)
    if now.retracted_at is None:
        now.retracted_at, now.retracted_by = timezone.now(), by
        save_row(now, by=by, reason=WITHDRAWN)
