"""The webhook of a plan: saving and removing it. Each is atomic and says who did it (`by`)."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from plans.models import Plan, User, Webhook
from plans.sealed_text import seal

PURPOSE = "plans.webhooks.address"


@transaction.atomic
def save_webhook(
    *, plan: Plan, by: User, address: str, host: str, is_on: bool, wanted: dict[str, bool]
) -> Webhook | None:
    """Save where cards about `plan` go, and about what (`wanted`, {column: whether}); returns the webhook.

    A blank `address` keeps the one that is there; without one there is nothing to save, and None. Turned on again, or
    with another address, it tells of what happens from now on.
    """
    # Locked by its plan, since there may be no webhook yet.
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    webhook = Webhook.objects.filter(plan=plan).first()
    if webhook is None:
        if not address:
            return None
        webhook = Webhook(plan=plan, turned_off_at=timezone.now())
    values: dict[str, Any] = {"saved_at": timezone.now(), "saved_by": by, **wanted}
    if address:
        values |= {"sealed_address": seal(address, purpose=PURPOSE), "host": host}
    if is_on and (address or not webhook.is_on):
        values["since"] = timezone.now()
    values["turned_off_at"] = None if is_on else webhook.turned_off_at or timezone.now()
    for name, value in values.items():
        setattr(webhook, name, value)
    webhook.full_clean()
    webhook.save()
    return webhook


@transaction.atomic
def remove_webhook(*, plan: Plan) -> bool:
    """Forget where cards about `plan` go; returns whether there was a webhook. What waits is not sent."""
    count, _ = Webhook.objects.filter(plan=plan).delete()
    return bool(count)
