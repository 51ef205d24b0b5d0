"""Adding and editing a plan, and saying which plan is the current one. Each is atomic and says who did it (`by`)."""

from collections.abc import Sequence

from django.db import transaction

from plans.actions.row_changes import save_fields, save_row
from plans.models import Plan, User


@transaction.atomic
def add_plan(*, plan: Plan, by: User, is_current: bool = False) -> Plan:
    """Save `plan`, which is new and has nothing in it; returns it. `is_current` makes it the current plan at once.

    Raises `ValidationError`, with nothing saved, for what cannot be.
    """
    _lock_plans()
    plan.full_clean()
    save_row(plan, by=by, reason="Plan added")
    if is_current:
        make_current(plan=plan, by=by)
    return plan


@transaction.atomic
def edit_plan(*, plan: Plan, by: User, reason: str, fields: Sequence[str]) -> None:
    """Save those `fields` of `plan`, which is locked; none write nothing.

    Raises `ValidationError`, with nothing saved, for what cannot be.
    """
    if fields:
        plan.full_clean()
        save_fields(plan, by=by, reason=reason, fields=fields)


@transaction.atomic
def make_current(*, plan: Plan, by: User) -> None:
    """Make `plan` the current one, published if it was not, in place of the one that was.

    There is no moment without a current plan: others see both changes or none. Of two people who choose at once, the
    later one counts. Nothing is written for the plan that is current.
    """
    _lock_plans()
    if Plan.objects.filter(pk=plan.pk, is_current=True).exists():
        return
    for earlier in Plan.objects.filter(is_current=True):
        earlier.is_current = False
        save_fields(earlier, by=by, reason=f"{plan} is the current plan now", fields=["is_current"])
    locked = Plan.objects.get(pk=plan.pk)
    locked.is_current = locked.is_published = True
    save_fields(locked, by=by, reason="Made the current plan", fields=["is_current", "is_published"])
    plan.is_current = plan.is_published = True


def _lock_plans() -> None:
    """Lock all plans, always in the same order: which of them is current is a fact about all of them."""
    list(Plan.objects.select_for_update().order_by("pk").values_list("pk"))
