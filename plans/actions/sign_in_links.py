"""Linking people to providers, by issuer and subject, and ending that.

Each is atomic, is in the audit trail, and is told to the person by email.
"""

from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from plans.actions.account_notices import note_and_tell, register_notices
from plans.actions.people import person_invited_by
from plans.choices import AuditKind
from plans.models import AuditEvent, User
from plans.permissions import PersonAction, check_can_act_on
from plans.ways_to_sign_in import SignInProvider, provider_of_issuer, stays_able_without

TOLD = "sign_in_links"
"""The kind of message that says that a way to sign in was added or ended."""
LINK_IS_DEAD = "This link no longer works. Ask the programme admin who sent it for a new one."


@transaction.atomic
def link(*, person: User, provider: SignInProvider, subject: str, by: User) -> SocialAccount:
    """Return the link by which `person` signs in with `provider` from now on; the same one where there is one.

    Raises `ValidationError` where that account of the provider is linked to somebody else.
    """
    try:
        with transaction.atomic():
            row, is_new = SocialAccount.objects.get_or_create(
                provider=provider.issuer, uid=subject, defaults={"user": person}
            )
    except IntegrityError:
        row, is_new = SocialAccount.objects.get(provider=provider.issuer, uid=subject), False
    if row.user_id != person.pk:
        raise ValidationError(f"This {provider.name} account is already linked to someone else here.")
    if is_new:
        note_and_tell(TOLD, AuditKind.SIGN_IN_LINKED, person, by=by, detail=provider.name)
    return row


@transaction.atomic
def accept_invitation_with(*, token: str, provider: SignInProvider, subject: str) -> SocialAccount:
    """Link the person invited by `token`, whose link works no more, and return the link. Raises `ValidationError`."""
    person = person_invited_by(token)
    if person:
        # Looked at again under lock: of two who come back at once, one is late.
        User.objects.select_for_update().get(pk=person.pk)
        person = person_invited_by(token)
    if person is None:
        raise ValidationError(LINK_IS_DEAD)
    row = link(person=person, provider=provider, subject=subject, by=person)
    # What the invitation was signed with is another one from now on.
    person.set_unusable_password()
    person.save(update_fields=["password"])
    return row


@transaction.atomic
def end_own_link(*, person: User, pk: int) -> None:
    """End a link of `person`, as they asked; one that is gone stays so.

    Raises `ValidationError` where they could not sign in without it.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    row = SocialAccount.objects.filter(user=person, pk=pk).first()
    if row is None:
        return
    if not stays_able_without(person, row):
        raise ValidationError("This is your only way to sign in. Add another one first.")
    _end(row, person, by=person)


@transaction.atomic
def end_links(*, person: User, by: User) -> None:
    """End all links of `person`, and sign them out everywhere."""
    person = User.objects.select_for_update().get(pk=person.pk)
    check_can_act_on(by, person, PersonAction.END_SIGN_IN)
    for row in SocialAccount.objects.filter(user=person):
        _end(row, person, by=by)
    person.sessions.all().delete()


def note_refused(*, provider: SignInProvider) -> None:
    """Note in the audit trail that somebody came from `provider` who is linked to nobody here."""
    AuditEvent.objects.create(kind=AuditKind.SIGN_IN_FAILED, detail=f"With {provider.name}, linked to no one here")


def _end(row: SocialAccount, person: User, *, by: User) -> None:
    provider = provider_of_issuer(row.provider)
    row.delete()
    note_and_tell(TOLD, AuditKind.SIGN_IN_UNLINKED, person, by=by, detail=provider.name if provider else row.provider)


register_notices(TOLD, label="Notice about a way to sign in", subject="How you sign in was changed", page="account")
