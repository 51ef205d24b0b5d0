"""The email that says that an access token ends soon, two weeks before it does."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from plans.actions.access_tokens import ENDING
from plans.actions.outbox import Email, Kind, register
from plans.models import AccessToken, OutgoingMessage
from plans.outgoing import plain_text


def write_endings(messages: Sequence[OutgoingMessage]) -> Mapping[int, Email]:
    """Return the emails by the id of their message; none about a token that does not work any more. One query."""
    live = AccessToken.objects.live(timezone.localdate()).filter(person__is_active=True)
    tokens = live.select_related("person", "plan").in_bulk([one.about_id for one in messages if one.about_id])
    return {one.pk: _email(tokens[one.about_id]) for one in messages if one.about_id in tokens}


def _email(token: AccessToken) -> Email:
    # Without the address of the site, no link can be written outside of a request.
    page = f"{settings.SITE_URL}{reverse('access_tokens')}" if settings.SITE_URL else ""
    text = plain_text("account/email/token_ends.txt", {"token": token, "page": page})
    return Email(to=token.person.email, subject="An access token of yours ends soon", text=text)


register(Kind(name=ENDING, label="An access token ends soon", write=write_endings))
