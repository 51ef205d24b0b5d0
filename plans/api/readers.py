"""Who reads: the person of an access token, or of the session, or a visitor where reading is open."""

import base64
import binascii
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser

from plans.actions.access_tokens import SEPARATOR, open_token
from plans.api.limits import count_request
from plans.api.problems import Refused, not_found
from plans.models import Plan, User
from plans.permissions import can_read

REALM = "Action plan tracker"
ASK_BASIC = f'Basic realm="{REALM}", charset="UTF-8"'
"""Excel and Power BI ask people for what to send once they are told this."""
WRONG_BEARER = f'Bearer realm="{REALM}", error="invalid_token"'
WHAT_TO_SEND = (
    "Send an access token: make one under Your account, Access tokens. With HTTP Basic, enter any user name and the "
    "whole token as the password. Passwords of accounts are not taken here."
)
NOT_KNOWN = "This access token does not work. It may have ended. Make one under Your account, Access tokens."
MOST_REQUESTS = 120
"""Of one reader in a window of `plans.api.limits`."""
MOST_WRONG = 20
"""Wrong tokens from one network address in a window."""


@dataclass(frozen=True)
class Reader:
    """Whoever reads, and the only plan that their token is for, if it is for one. `key` is what they are counted by."""

    person: User | AnonymousUser
    only: Plan | None
    key: str

    def refuse_other(self, slug: str) -> None:
        """Raise `Refused` for a plan that the token is not for, as for one that is not there."""
        if self.only and self.only.slug != slug:
            raise not_found(f"This access token is for {self.only.short_name} alone.")


def reader_of(request, address: str) -> Reader:
    """Return who reads. Raises `Refused` for whoever may not, and for more requests than one reader needs.

    `address` is the network address that the request came from. Two queries with a token, beside those of counting.
    """
    reader = _reader(request, address)
    count_request(request, "requests", f"api:{reader.key}", MOST_REQUESTS)
    if not can_read(reader.person):
        raise Refused(HTTPStatus.UNAUTHORIZED, WHAT_TO_SEND, headers={"WWW-Authenticate": ASK_BASIC})
    return reader


def _reader(request, address: str) -> Reader:
    header = request.headers.get("Authorization", "")
    if not header:
        person = request.user
        return Reader(person, None, f"person:{person.pk}" if person.is_authenticated else f"address:{address}")
    scheme, _, rest = header.partition(" ")
    for token in _tokens(scheme.lower(), rest.strip()):
        if row := open_token(token):
            person = User.objects.get_signed_in(row.person_id)
            if person:
                return Reader(person, row.plan, f"token:{row.pk}")
    count_request(request, "wrong-tokens", f"api-wrong:{address}", MOST_WRONG)
    asks = WRONG_BEARER if scheme.lower() == "bearer" else ASK_BASIC
    raise Refused(HTTPStatus.UNAUTHORIZED, NOT_KNOWN, headers={"WWW-Authenticate": asks})


def _tokens(scheme: str, rest: str) -> list[str]:
    """Return the tokens that a header may mean.

    With Basic, the whole token stands as the password beside any user name, or its two parts as the two.
    """
    if scheme == "bearer":
        return [rest]
    if scheme != "basic":
        return []
    try:
        name, _, word = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return []
    return [word] if SEPARATOR in word else [f"{name}{SEPARATOR}{word}"]
