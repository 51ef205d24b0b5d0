"""Links to evidence: added with an update or on the page of an activity, and removed. Each says who did it (`by`)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.reporting_rules import asks_for_evidence, evidence_problems
from plans.actions.row_changes import lock
from plans.models import Activity, EvidenceLink, StatusUpdate, User
from plans.web_links import Link

THERE_ALREADY = "This link is on the activity already."


def links_of(update: StatusUpdate, links: Sequence[Link]) -> list[EvidenceLink]:
    """Return the links that come with `update`, unsaved and in their one form. Raises `ValidationError`."""
    told = {"activity_id": update.activity_id, "author_id": update.author_id, "made_at": update.made_at}
    found = [EvidenceLink(update=update, address=link.address, label=link.label, **told) for link in links]
    for one in found:
        one.clean()
    return found


def is_evidenced(activity: Activity | int, *, but_of: StatusUpdate | None = None) -> bool:
    """Return whether a link stands on `activity`, leaving out those of the update `but_of`. One query."""
    standing = EvidenceLink.objects.standing().filter(activity=activity)
    return (standing.exclude(update=but_of) if but_of else standing).exists()


def refuse_without_evidence(
    update: StatusUpdate, links: Sequence[EvidenceLink], *, corrected: StatusUpdate | None = None
) -> None:
    """Raise `ValidationError` for an update that says complete with neither a link nor a word of why there is none.

    A link that the activity has already will do, but not one of the update that it corrects. One query at most.
    """
    is_asked = asks_for_evidence(update.status, update.agency_id, is_no_change=update.is_no_change)
    is_unsaid = is_asked and not (links or update.no_evidence_reason.strip())
    problems = evidence_problems(
        is_asked=is_asked,
        has_link=bool(links),
        is_evidenced=is_unsaid and is_evidenced(update.activity_id, but_of=corrected),
        no_evidence_reason=update.no_evidence_reason,
    )
    if problems:
        raise ValidationError([sentence for _, sentence in problems])


@transaction.atomic
def add_evidence(*, activity: Activity, by: User, address: str, label: str = "") -> EvidenceLink:
    """Return the new link to evidence on `activity`, of no update.

    Raises `ValidationError` for an address that cannot be taken, and for one that stands there already.
    """
    locked = lock(activity)
    link = EvidenceLink(activity=locked, author=by, address=address, label=label)
    link.clean()
    if EvidenceLink.objects.standing().filter(activity=locked, address=link.address).exists():
        raise ValidationError({"address": THERE_ALREADY})
    link.save()
    return link


@transaction.atomic
def remove_evidence(*, link: EvidenceLink, by: User) -> bool:
    """Take a link away; it stays in the history. Returns whether it was there still."""
    lock(link.activity)
    return bool(EvidenceLink.objects.filter(pk=link.pk).retract(by=by, at=timezone.now()))
