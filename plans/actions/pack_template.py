"""The Word template of a plan's packs: saving and removing it. Each is atomic and says who did it (`by`)."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from plans.choices import AuditKind
from plans.models import AuditEvent, PackTemplate, Plan, User
from plans.models.membership import MOST_OF_A_DETAIL

MOST_OF_A_NAME = 200


@transaction.atomic
def save_template(*, plan: Plan, by: User, file_name: str, taken: Mapping[str, str]) -> PackTemplate:
    """Have Word copies of packs of `plan` take what was `taken` of a file, in place of an earlier one. Returns it."""
    # Locked by its plan, since there may be no template yet.
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    template = PackTemplate.objects.filter(plan=plan).first() or PackTemplate(plan=plan)
    template.file_name, template.taken = file_name[-MOST_OF_A_NAME:], dict(taken)
    template.uploaded_by, template.uploaded_at = by, timezone.now()
    template.save()
    _note(AuditKind.TEMPLATE_UPLOADED, template, by)
    return template


@transaction.atomic
def remove_template(*, plan: Plan, by: User) -> bool:
    """Have Word copies of packs of `plan` look as they do without a template; returns whether there was one."""
    template = PackTemplate.objects.select_for_update().filter(plan=plan).first()
    if template is None:
        return False
    _note(AuditKind.TEMPLATE_REMOVED, template, by)
    template.delete()
    return True


def _note(kind: AuditKind, template: PackTemplate, by: User) -> None:
    AuditEvent.objects.create(
        kind=kind, by=by, detail=f"{template.plan.short_name}: {template.file_name}"[:MOST_OF_A_DETAIL]
    )
