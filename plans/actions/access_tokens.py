"""Tokens by which programs read the data of the site: making, opening and ending them.

What a program sends is the token: its public part, a full stop, and its secret. It is shown once, when it is made.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from plans.actions.outbox import put
from plans.choices import AuditKind
from plans.models import AccessToken, AuditEvent, Plan, User
from plans.permissions import PersonAction, check_can_act_on, visible_plans
from plans.querysets import AccessTokenQuerySet
from plans.secret_links import is_hash_of, keyed_hash, new_id, new_secret
from plans.summaries.record.words import day_in_words

SALT = "plans.access_tokens"
SEPARATOR = "."
MOST_DAYS = 366
MOST_TOKENS = 20
"""Live tokens of one person; more of them are a program that makes tokens."""
USED_AGAIN = timedelta(hours=1)
"""How exactly "last used" is known: reading should not write each time."""
LONGEST = 200
ENDING = "token_ends"
"""The kind of message that `plans.actions.token_endings` writes."""
TOLD_BEFORE = timedelta(days=14)
TOLD_AT = time(9)


@dataclass(frozen=True)
class NewToken:
    """A token that was made: its row, and what the program sends, which is known only now."""

    row: AccessToken
    token: str


@transaction.atomic
def make_token(*, person: User, name: str, plan: Plan | None, ends_on: date) -> NewToken:
    """Make a token that `person` reads with, until the day `ends_on`. Noted in the audit trail.

    Raises `ValidationError` for a day in the past or too far off, a plan that the person cannot see, and too many.
    """
    today = timezone.localdate()
    if not today <= ends_on <= today + timedelta(days=MOST_DAYS):
        raise ValidationError({"ends_on": "Choose a day from today to a year from now."})
    if plan and not visible_plans(person).filter(pk=plan.pk).exists():
        raise ValidationError({"plan": "Choose a plan that you can see."})
    # Of two at once, the second waits for the first and counts it.
    User.objects.select_for_update().get(pk=person.pk)
    if person.access_tokens.live(today).count() >= MOST_TOKENS:
        raise ValidationError(f"You have {MOST_TOKENS} tokens. End one that you do not use, then make another.")
    secret = new_secret()
    row = AccessToken(person=person, name=name, plan=plan, ends_on=ends_on, public_id=new_id())
    row.secret_hash = keyed_hash(secret, salt=SALT)
    row.full_clean(exclude=["person", "plan"])
    row.save()
    _note(AuditKind.TOKEN_MADE, row, by=person)
    _put_ending(row)
    return NewToken(row, f"{row.public_id}{SEPARATOR}{secret}")


def open_token(token: str) -> AccessToken | None:
    """Return the live token that a program sent, with its person as of now and its plan; None where it opens nothing.

    So it is for one that was ended or is over, and for a closed account. One query; one more an hour, which notes the
    use.
    """
    public_id, _, secret = token[:LONGEST].partition(SEPARATOR)
    if not (public_id and secret) or "\0" in token:
        return None
    now = timezone.now()
    live = AccessToken.objects.live(timezone.localdate(now)).filter(public_id=public_id, person__is_active=True)
    found = live.select_related("person", "plan").first()
    if found is None or not is_hash_of(found.secret_hash, secret, salt=SALT):
        return None
    if found.last_used_at is None or now - found.last_used_at > USED_AGAIN:
        AccessToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


@transaction.atomic
def end_own_token(*, person: User, pk: int) -> bool:
    """End the token `pk` of `person`, as they asked themselves. Returns whether it was theirs and live."""
    return bool(_end(person.access_tokens.filter(pk=pk), by=person))


@transaction.atomic
def end_tokens(*, person: User, by: User) -> int:
    """End all tokens of `person`. Returns how many. Raises `PermissionDenied` where `by` may not act on them."""
    check_can_act_on(by, User.objects.select_for_update().get(pk=person.pk), PersonAction.END_TOKENS)
    return end_all_tokens(person, by=by)


def end_all_tokens(person: User, *, by: User) -> int:
    """End all tokens of `person`, as those of an account that is being closed. Call it in a transaction."""
    return _end(AccessToken.objects.filter(person=person), by=by)


def _put_ending(row: AccessToken) -> None:
    """Have the person told two weeks before the token ends; not where it ends sooner than that anyway."""
    at = timezone.make_aware(datetime.combine(row.ends_on - TOLD_BEFORE, TOLD_AT))
    if at > timezone.now():
        put(ENDING, f"{ENDING}:{row.public_id}", person=row.person, about_id=row.pk, plan=row.plan, at=at)


def _end(tokens: AccessTokenQuerySet, *, by: User) -> int:
    live = tokens.select_related("person", "plan").revoke(by=by)
    for one in live:
        _note(AuditKind.TOKEN_ENDED, one, by=by)
    return len(live)


def _note(kind: AuditKind, row: AccessToken, *, by: User) -> None:
    detail = f"{row.name}, {row.plan.short_name if row.plan else 'all plans'}, until {day_in_words(row.ends_on)}"
    AuditEvent.objects.create(kind=kind, about=row.person, by=by, detail=detail)
