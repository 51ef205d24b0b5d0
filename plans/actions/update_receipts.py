"""The email that says which updates were saved by a link, with the way to say "This was not me"."""

import re
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse

from plans.actions.outbox import Email, Kind, register
from plans.actions.update_links import RECEIPT, not_me_token
from plans.models import OutgoingMessage, StatusUpdate, UpdateLink
from plans.outgoing import plain_text

KEY = re.compile(rf"{RECEIPT}:(\d+)-(\d+)")


def write_receipts(messages: Sequence[OutgoingMessage]) -> Mapping[int, Email]:
    """Return the receipts by the id of their message, of the updates that stand by now. Two queries.

    There is none for a closed account, or where all were reversed meanwhile.
    """
    links = UpdateLink.objects.select_related("person", "round__plan").in_bulk([one.about_id for one in messages])
    standing = StatusUpdate.objects.filter(by_link__in=links, retracted_at=None).select_related("activity", "agency")
    updates = list(standing.order_by("activity__number", "pk"))
    found = {}
    for message in messages:
        link, key = links.get(message.about_id or 0), KEY.fullmatch(message.key)
        if link is None or key is None or not link.person.is_active:
            continue
        first, last = map(int, key.groups())
        theirs = [one for one in updates if one.by_link_id == link.pk and first <= one.pk <= last]
        if theirs:
            found[message.pk] = _receipt(link, theirs)
    return found


def _receipt(link: UpdateLink, updates: Sequence[StatusUpdate]) -> Email:
    # Without the address of the site, no link can be written outside of a request.
    not_me = f"{settings.SITE_URL}{reverse('plans:not_me', args=[not_me_token(link)])}" if settings.SITE_URL else ""
    context = {"round": link.round, "plan": link.round.plan, "updates": updates, "not_me": not_me}
    text = plain_text("plans/update_receipt.txt", context)
    return Email(to=link.person.email, subject=f"{link.round.name}: updates saved", text=text)


register(Kind(name=RECEIPT, label="Receipt of updates by link", write=write_receipts))
