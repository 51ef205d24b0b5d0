"""Emails that tell people what was done to the way they sign in: each is about an event of the audit trail."""

from collections.abc import Mapping, Sequence
from functools import partial

from django.conf import settings
from django.urls import reverse

from plans.actions.outbox import Email, Kind, put, register
from plans.choices import AuditKind
from plans.models import AuditEvent, OutgoingMessage, User
from plans.outgoing import plain_text


def register_notices(kind: str, *, label: str, subject: str, page: str) -> None:
    """Have messages of `kind` written by the template `mail/<kind>.txt`; `page` names the address they lead to."""
    register(Kind(name=kind, label=label, write=partial(_write_notices, kind, subject, page)))


def note_and_tell(message: str, kind: AuditKind, about: User, *, by: User | None, detail: str = "") -> None:
    """Note an event of the audit trail, and have `about` told by a message of that kind. Call it in a transaction."""
    event = AuditEvent.objects.create(kind=kind, about=about, by=by, detail=detail)
    put(message, f"{message}:{event.pk}", person=about, about_id=event.pk)


def _write_notices(kind: str, subject: str, page: str, messages: Sequence[OutgoingMessage]) -> Mapping[int, Email]:
    """Return the emails by the id of their message. One query."""
    events = AuditEvent.objects.select_related("about", "by").in_bulk([one.about_id for one in messages])
    address = f"{settings.SITE_URL}{reverse(page)}" if settings.SITE_URL else ""
    found = {}
    for message in messages:
        event = events.get(message.about_id or 0)
        if event and event.about:
            told = {"event": event, "is_own": event.by == event.about, "page": address}
            found[message.pk] = Email(to=event.about.email, subject=subject, text=plain_text(f"mail/{kind}.txt", told))
    return found
