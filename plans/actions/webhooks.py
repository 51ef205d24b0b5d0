"""The webhook of a plan: saving and removing it. Each is atomic, and the audit trail says who did it (`by`)."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from plans.choices import AuditKind
from plans.models import AuditEvent, Plan, User, Webhook
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
    _note(AuditKind.CARDS_SAVED, webhook, by, f", {'on' if is_on else 'off'}{', new address' if address else ''}")
    return webhook


@transaction.atomic
def remove_webhook(*, plan: Plan, by: User) -> bool:
    """Forget where cards about `plan` go; returns whether there was a webhook. What waits is not sent."""
    webhook = Webhook.objects.select_for_update(of=("self",)).filter(plan=plan).select_related("plan").first()
    if webhook is None:
        return False
    webhook.delete()
    _note(AuditKind.CARDS_REMOVED, webhook, by)
    return True


def _note(kind: AuditKind, webhook: Webhook, by: User, how: str = "") -> None:
    """Note where cards go, by the name of the server: the address itself lets in whoever has it."""
    AuditEvent.objects.create(kind=kind, by=by, detail=f"{webhook.plan.short_name}: {webhook.host}"[:200] + how)
